import { LIMITS } from '../bytes/limits.ts';
import { formatTime } from '../capture/timestamp.ts';
import type { Side, TimelineEvent, TimelineKind } from '../contract/analysis.ts';
import { type Arrival, compareArrivals } from '../net/arrival.ts';

interface Entry {
  readonly arrival: Arrival;
  readonly from: Side;
  readonly kind: TimelineKind;
  readonly summary: string;
}

/** The events of one session, kept in the order found and told in the order of time. */
export class Timeline {
  readonly #entries: Entry[] = [];
  /** Events beyond the cap. */
  dropped = 0;

  add(from: Side, kind: TimelineKind, summary: string, arrival: Arrival): void {
    if (this.#entries.length < LIMITS.timelineEvents) this.#entries.push({ arrival, from, kind, summary });
    else this.dropped++;
  }

  /** `capture` is the session's own: events from other files carry theirs. */
  events(capture: number): TimelineEvent[] {
    return this.#entries
      .sort((a, b) => compareArrivals(a.arrival, b.arrival))
      .map(({ arrival, from, kind, summary }) => ({
        at: timeOf(arrival),
        frame: arrival.frame,
        ...(arrival.capture === capture ? {} : { capture: arrival.capture }),
        from,
        kind,
        summary,
      }));
  }
}

/** ISO 8601 with the digits that the capture has, or null for a packet without a time. */
export function timeOf({ seconds, fraction, digits }: Arrival): string | null {
  return digits < 0 ? null : formatTime(seconds, fraction, digits);
}
