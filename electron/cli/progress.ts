import type { ReadProgress } from '../files/read-captures.ts';
import { groupDigits } from './overview.ts';

/** Work shorter than this needs no progress. */
const QUIET_MILLISECONDS = 1000;
const CLEAR_LINE = '\r\u001b[K';

/** Progress on one line of a terminal; on anything else nothing, so that logs stay clean. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show({ bytesRead, totalBytes, packets }: ReadProgress): void {
    if (!this.#stream.isTTY || performance.now() - this.#started < QUIET_MILLISECONDS) return;
    const share = totalBytes === null || totalBytes === 0 ? '' : `${Math.floor((100 * bytesRead) / totalBytes)} %, `;
    const amount = totalBytes === null ? megabytes(bytesRead) : `${megabytes(bytesRead)} of ${megabytes(totalBytes)}`;
    this.#stream.write(`${CLEAR_LINE}reading: ${share}${amount}, ${groupDigits(packets)} packets (Ctrl-C ends it)`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
    this.#shown = false;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
