/** What the application says, as Server-Sent Events (HTML Living Standard, section 9.2) for any number of pages. */
import type { ServerResponse } from 'node:http';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';

/** A page that lost its connection for a moment takes up where it was, as long as what it missed fits in here. */
const KEPT_CHARACTERS = 8_000_000;
/** A page that does not read is cut off; it comes again and is told all anew. */
const MOST_WAITING_BYTES = 256_000_000;
const HEARTBEAT_MILLISECONDS = 15_000;

export class EventStreams {
  readonly #replay: (listener: (event: ApplicationEvent) => void) => Promise<void>;
  readonly #onCount: (count: number) => void;
  readonly #streams = new Set<ServerResponse>();
  /** Pages that are being told all: until they know it, nothing that they could take up from has a number. */
  readonly #replaying = new Set<ServerResponse>();
  readonly #kept: { readonly id: number; readonly frame: string }[] = [];
  #keptCharacters = 0;
  #last = 0;
  readonly #heartbeat: NodeJS.Timeout;

  /** `onCount` is told how many pages listen, whenever that changes. */
  constructor(
    replay: (listener: (event: ApplicationEvent) => void) => Promise<void>,
    onCount: (count: number) => void,
  ) {
    this.#replay = replay;
    this.#onCount = onCount;
    this.#heartbeat = setInterval(() => {
      for (const stream of this.#streams) this.#write(stream, ':\n\n');
    }, HEARTBEAT_MILLISECONDS);
    this.#heartbeat.unref();
  }

  send(event: ApplicationEvent): void {
    this.#last += 1;
    const plain = frameOf(event);
    const frame = `id: ${this.#last}\n${plain}`;
    this.#kept.push({ id: this.#last, frame });
    this.#keptCharacters += frame.length;
    while (this.#keptCharacters > KEPT_CHARACTERS) {
      this.#keptCharacters -= this.#kept.shift()?.frame.length ?? 0;
    }
    for (const stream of this.#streams) this.#write(stream, this.#replaying.has(stream) ? plain : frame);
  }

  /** `lastEventId`: the last one that the page had; null for one that knows nothing yet. */
  async open(response: ServerResponse, lastEventId: string | null): Promise<void> {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    // Something at once: the page knows that it is connected.
    response.write(':\n\n');
    response.on('close', () => {
      this.#streams.delete(response);
      this.#onCount(this.#streams.size);
    });
    const missed = this.#missed(lastEventId);
    this.#streams.add(response);
    this.#onCount(this.#streams.size);
    if (missed !== null) for (const frame of missed) this.#write(response, frame);
    else await this.#tellAll(response);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const stream of this.#streams) stream.end();
  }

  async #tellAll(response: ServerResponse): Promise<void> {
    this.#replaying.add(response);
    try {
      await this.#replay((event) => this.#write(response, frameOf(event)));
    } finally {
      this.#replaying.delete(response);
    }
  }

  /** Null: all has to be told anew. */
  #missed(lastEventId: string | null): readonly string[] | null {
    if (lastEventId === null || !/^\d{1,15}$/.test(lastEventId)) return null;
    const last = Number(lastEventId);
    const first = this.#kept[0]?.id ?? this.#last + 1;
    if (last > this.#last || last < first - 1) return null;
    return this.#kept.filter(({ id }) => id > last).map(({ frame }) => frame);
  }

  #write(stream: ServerResponse, frame: string): void {
    if (stream.destroyed || stream.writableEnded) return;
    if (stream.writableLength > MOST_WAITING_BYTES) stream.destroy();
    else stream.write(frame);
  }
}

function frameOf(event: ApplicationEvent): string {
  // JSON has no line break in it.
  return `data: ${JSON.stringify(event)}\n\n`;
}
