/** How long the host waits for the first page, and for one that was reloaded or lost its connection. */
const FIRST_PAGE_MILLISECONDS = 120_000;
const NEXT_PAGE_MILLISECONDS = 10_000;

/** Notices that no page is open any more. */
export class IdleWatch {
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #timer: NodeJS.Timeout;

  constructor(firstPageMilliseconds = FIRST_PAGE_MILLISECONDS) {
    this.ended = new Promise((fulfil) => {
      this.#end = fulfil;
    });
    this.#timer = setTimeout(this.#end, firstPageMilliseconds);
  }

  /** How many pages are open now. */
  pages(count: number): void {
    clearTimeout(this.#timer);
    if (count === 0) this.#timer = setTimeout(this.#end, NEXT_PAGE_MILLISECONDS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
