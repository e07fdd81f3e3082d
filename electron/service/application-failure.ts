import type { ApplicationError } from '../../shared/contract/operations.ts';

/** An operation that cannot be done: what, where, and the next step, for a person. */
export class ApplicationFailure extends Error {
  override readonly name = 'ApplicationFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code of what is our own mistake, whatever it was. */
const INTERNAL = 'internal';

/** What may cross to a front end of anything that was thrown: of a mistake of ours no stack, and no path of its own. */
export function applicationError(error: unknown): ApplicationError {
  if (error instanceof ApplicationFailure) return { code: error.code, message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: INTERNAL,
    message: `Something went wrong inside StartTrace: ${reason}. Try once more; if it stays, report what you did.`,
  };
}
