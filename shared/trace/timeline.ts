import { LIMITS } from '../bytes/limits.ts';
import { formatTime } from '../capture/timestamp.ts';
import type { Side, TimelineEvent, TimelineKind } from '../contract/analysis.ts';
import { type Arrival, compareArrivals } from '../net/arrival.ts';

interface Entry {
  readonly arrival: Arrival;
  /** Where the event stands: behind everything that the same side said before it. */
  readonly order: Arrival;
  from: Side;
  readonly kind: TimelineKind;
  readonly summary: string;
}

/**
 * The events of one session, kept in the order found and told in the order of time. What a side says stays in the order
 * of its stream, also where packets were captured out of order.
 */
export class Timeline {
  readonly #entries: Entry[] = [];
  #latest: Record<Side, Arrival | null> = { client: null, server: null };
  /** Events beyond the cap. */
  dropped = 0;

  add(from: Side, kind: TimelineKind, summary: string, arrival: Arrival): void {
    if (this.#entries.length >= LIMITS.timelineEvents) {
      this.dropped++;
      return;
    }
    let order = arrival;
    if (!kind.startsWith('tcp-')) {
      const latest = this.#latest[from];
      if (latest && compareArrivals(latest, arrival) > 0) order = latest;
      this.#latest[from] = order;
    }
    this.#entries.push({ arrival, order, from, kind, summary });
  }

  /** It turned out that the client is the one who was taken for the server. */
  exchangeSides(): void {
    for (const entry of this.#entries) entry.from = entry.from === 'client' ? 'server' : 'client';
    this.#latest = { client: this.#latest.server, server: this.#latest.client };
  }

  /** `capture` is the session's own: events from other files carry theirs. */
  events(capture: number, times: TimeText): TimelineEvent[] {
    return this.#entries
      .sort((a, b) => compareArrivals(a.order, b.order))
      .map(({ arrival, from, kind, summary }) => {
        const at = times.of(arrival);
        const { frame } = arrival;
        // Written out twice instead of spread: there are millions of them in a large capture.
        if (arrival.capture === capture) return { at, frame, from, kind, summary };
        return { at, frame, capture: arrival.capture, from, kind, summary };
      });
  }
}

/** Times as text: ISO 8601 with the digits that the capture has. One for a run. */
export class TimeText {
  /** Events come in bunches: most share their second with the one before. */
  #seconds = 0;
  #text = '1970-01-01T00:00:00';

  /** Null for a packet without a time. */
  of({ seconds, fraction, digits }: Arrival): string | null {
    if (digits < 0) return null;
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#text = formatTime(seconds, 0, 0).slice(0, -1);
    }
    return digits === 0 ? `${this.#text}Z` : `${this.#text}.${padded(fraction, digits)}Z`;
  }
}

function padded(fraction: number, digits: number): string {
  const text = String(fraction);
  return text.length === digits ? text : text.padStart(digits, '0');
}
