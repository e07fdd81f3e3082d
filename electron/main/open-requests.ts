/** Files that the system or another instance asks to open, which may be before there is a window. */
export class OpenRequests {
  #waiting: string[] = [];
  #open: ((names: readonly string[]) => void) | null = null;

  /** Files that come one by one (macOS sends an event for each) within one turn are opened as one run. */
  add(names: readonly string[]): void {
    if (names.length === 0) return;
    this.#waiting.push(...names);
    if (this.#open !== null && this.#waiting.length === names.length) setImmediate(() => this.#flush());
  }

  /** From now on, requests go to `open`; those that waited go at once. */
  ready(open: (names: readonly string[]) => void): void {
    this.#open = open;
    this.#flush();
  }

  /** The window is gone: requests wait for the next one. */
  hold(): void {
    this.#open = null;
  }

  #flush(): void {
    if (this.#open === null || this.#waiting.length === 0) return;
    const names = [...new Set(this.#waiting)];
    this.#waiting = [];
    this.#open(names);
  }
}
