import type { Problem } from '../bytes/problem.ts';

/**
 * The file ends inside a record. `offset` is where the record begins, `frame` the frame that it would have been.
 */
export function cutFile(what: string, offset: number, present: number, wanted: number, frame: number): Problem {
  return {
    code: 'cut-file',
    message:
      `The file ends inside a ${what} at offset ${offset}: ${present} of at least ${wanted} bytes are there. ` +
      'Everything before it was read; copy the file again if the original is complete.',
    offset,
    frame,
  };
}

/** A record that cannot be right at `offset`; reading goes on at `resumed`, or not at all when that is null. */
export function damagedRecord(fault: string, offset: number, frame: number, resumed: number | null): Problem {
  const consequence =
    resumed === null
      ? 'Everything before it was read, nothing behind it; copy or capture the file again.'
      : `${resumed - offset} bytes were skipped, and reading went on at offset ${resumed}; frame numbers from here on are ours.`;
  return { code: 'damaged-record', message: `${fault} at offset ${offset}. ${consequence}`, offset, frame };
}
