/** The server asks for more: for content (354) or credentials (334). */
interface Demand<At> {
  readonly code: 354 | 334;
  readonly at: At;
  /** When it said something before, and next. */
  readonly since: At | null;
  until: At | null;
}

/** Demands that are kept: older ones are long answered. */
const KEPT = 64;

/** When a server asked for content and credentials, whatever the order in which the two halves are read. */
export class ServerDemands<At> {
  readonly #follows: (later: At, earlier: At) => boolean;
  readonly #demands: Demand<At>[] = [];
  #lastReplyAt: At | null = null;

  constructor(follows: (later: At, earlier: At) => boolean) {
    this.#follows = follows;
  }

  /** Each reply, in the order of the server's stream. */
  note(code: number, at: At): void {
    const last = this.#demands.at(-1);
    if (last) last.until ??= at;
    if (code === 354 || code === 334) {
      if (this.#demands.length >= KEPT) this.#demands.shift();
      this.#demands.push({ code, at, since: this.#lastReplyAt, until: null });
    }
    this.#lastReplyAt = at;
  }

  /** What the server asked for in the last that it said before `at`. */
  standingAt(at: At): 354 | 334 | null {
    const demand = this.#demands.find(({ until }) => until === null || !this.#follows(at, until));
    return demand && this.#follows(at, demand.at) ? demand.code : null;
  }

  /**
   * Between `at` and a demand the server said nothing else: what the client sent then may be what is asked for, also where
   * the capture has it in front of the demand because packets changed places.
   */
  isNextTo(at: At): boolean {
    return this.#demands.some(
      ({ since, until }) =>
        (since === null || this.#follows(at, since)) && !(until !== null && this.#follows(at, until)),
    );
  }
}
