/** A time axis on which the target's validity can be read, with the moments that matter. Positions are from 0 to 1. */

export interface ValidityBar {
  readonly start: number;
  readonly end: number;
  /** The validity goes on beyond the axis. */
  readonly before: boolean;
  readonly after: boolean;
}

export interface ValidityScale {
  position(time: string): number;
  /** `notBefore` null: not known. */
  bar(notBefore: string | null, notAfter: string): ValidityBar;
}

/**
 * The axis holds all of `target` and every moment: what is valid for much longer, as roots are, is cut at its edges,
 * or else a certificate of three months would be a dot. Null when a time cannot be read.
 */
export function validityScale(
  target: { readonly notBefore: string; readonly notAfter: string },
  moments: readonly string[],
): ValidityScale | null {
  const times = [target.notBefore, target.notAfter, ...moments].map((time) => Date.parse(time));
  if (times.some((time) => Number.isNaN(time))) return null;
  const first = Math.min(...times);
  const last = Math.max(...times);
  const margin = Math.max(1, (last - first) * 0.06);
  const start = first - margin;
  const length = last + margin - start;
  const raw = (time: string): number => (Date.parse(time) - start) / length;
  const within = (position: number): number => Math.min(1, Math.max(0, position));
  return {
    position: (time) => within(raw(time)),
    bar: (notBefore, notAfter) => {
      const from = notBefore === null ? -1 : raw(notBefore);
      const to = raw(notAfter);
      return { start: within(from), end: within(to), before: from < 0, after: to > 1 };
    },
  };
}
