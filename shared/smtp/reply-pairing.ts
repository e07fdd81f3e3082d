import type { SmtpCommand } from './command.ts';
import type { SmtpReply } from './reply.ts';

/** A reply, and what is known of its surroundings. */
export interface SaidReply<At> {
  readonly reply: SmtpReply;
  readonly at: At;
  readonly isGreeting: boolean;
  /** Bytes of the server are missing behind it. */
  lossBehind: boolean;
}

/** What waits for a reply: a command, or content that has ended. */
export type Awaiting = SmtpCommand | { readonly kind: 'content-end' };

interface Waiting<At> {
  readonly command: Awaiting;
  readonly at: At;
}

/** Replies kept while the commands they answer stand behind a hole. */
const UNMATCHED_REPLIES = 64;
/** Commands kept while they wait for a reply (RFC 2920 pipelining; a receiver's window holds a few thousand). */
const PENDING_COMMANDS = 4_096;

/**
 * Pairs replies with commands, first with first (RFC 5321 section 3.1). The two halves of a dialogue may come in any
 * order: a reply that comes before its command, which stood behind a hole, waits for it.
 */
export class ReplyPairing<At, Entry extends Waiting<At>> {
  readonly #follows: (reply: At, command: At) => boolean;
  #pending: Entry[] = [];
  #unmatched: SaidReply<At>[] = [];
  /** Replies may be missing in front of the next one. */
  #repliesLost = false;

  /** `follows` tells whether a reply can answer a command, by where both stand in the capture. */
  constructor(follows: (reply: At, command: At) => boolean) {
    this.#follows = follows;
  }

  /** The command whose turn it is. */
  get next(): Awaiting | undefined {
    return this.#pending[0]?.command;
  }

  /** Bytes of the server's half are missing. */
  loseReplies(): void {
    this.#repliesLost = true;
  }

  /** A command that was read: returns its reply, if that was read before, and else remembers it. */
  expect(entry: Entry): SaidReply<At> | null {
    const index = this.#unmatched.findIndex(({ at }) => this.#follows(at, entry.at));
    if (index < 0) {
      if (this.#pending.length < PENDING_COMMANDS) this.#pending.push(entry);
      return null;
    }
    const said = this.#unmatched[index];
    this.#unmatched.splice(0, index + 1);
    return said;
  }

  /** Behind a hole in the server's half: forgets the commands whose answers were in it. To be called before `answered`. */
  skipAnswered(reply: SmtpReply, at: At): void {
    if (!this.#repliesLost) return;
    this.#repliesLost = false;
    // Some codes answer one command only; any other answers the last, because clients wait unless they pipeline.
    const earlier = this.#pending.filter((entry) => this.#follows(at, entry.at));
    const fitting = earlier.findIndex(({ command }) => isAnsweredOnlyBy(reply.code, command));
    const index = fitting >= 0 ? fitting : earlier.length - 1;
    if (index > 0) this.#pending = this.#pending.slice(this.#pending.indexOf(earlier[index]));
  }

  /** A command waits that alone is answered with this code. */
  awaits(code: number): boolean {
    return this.#pending.some(({ command }) => isAnsweredOnlyBy(code, command));
  }

  /** The command that the next reply answers; it waits no longer. */
  takeAnswered(): Entry | undefined {
    return this.#pending.shift();
  }

  /** A reply whose command was not read yet. */
  keepUnmatched(said: SaidReply<At>): void {
    if (this.#unmatched.length < UNMATCHED_REPLIES) this.#unmatched.push(said);
  }

  /** The last that the server said before `at`, where the command for it was not captured. */
  unmatchedBefore(at: At): SaidReply<At> | undefined {
    return this.#unmatched.findLast((said) => this.#follows(at, said.at));
  }
}

/** Codes that no other command is answered with (RFC 5321 section 4.2.3, RFC 3207 section 4, RFC 4954 section 6). */
function isAnsweredOnlyBy(code: number, command: Awaiting): boolean {
  switch (code) {
    case 220:
      return command.kind === 'upgrade';
    case 354:
      return command.kind === 'data' || command.kind === 'xexch50';
    case 235:
    case 334:
      return command.kind === 'auth';
    case 221:
      return command.kind === 'other' && command.verb === 'QUIT';
    default:
      return false;
  }
}
