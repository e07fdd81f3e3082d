import { LIMITS } from '../bytes/limits.ts';

/**
 * What all half streams of a run hold together: keeps hostile captures from multiplying the caps of one stream, and
 * hands the buffers for comparison from closed connections to new ones.
 */
export class HoldBudget {
  /** Bytes held behind holes. */
  heldBytes = 0;
  #lent = 0;
  readonly #free: Uint8Array[] = [];

  /** A buffer of `LIMITS.historyBytesPerDirection` bytes with any content, or null when all are lent out. */
  borrowHistory(): Uint8Array | null {
    if (this.#lent * LIMITS.historyBytesPerDirection >= LIMITS.historyBytes) return null;
    this.#lent++;
    return this.#free.pop() ?? new Uint8Array(LIMITS.historyBytesPerDirection);
  }

  giveBackHistory(buffer: Uint8Array): void {
    this.#lent--;
    this.#free.push(buffer);
  }
}
