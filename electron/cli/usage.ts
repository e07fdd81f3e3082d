/** The command line cannot be understood: said in one sentence, with the next step. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of every command. */
export const EXIT = {
  /** All is well. */
  ok: 0,
  /** A check failed, or a certificate in a readable file cannot be decoded. */
  failed: 1,
  /** Bad usage, or input that is no capture at all. */
  usage: 2,
  /** Ended by Ctrl-C: 128 plus the signal's number, as shells have it. */
  interrupted: 130,
} as const;
