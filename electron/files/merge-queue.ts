import type { PacketReader } from '../../shared/capture/reader.ts';
import { type CaptureTime, compareTimes } from '../../shared/capture/timestamp.ts';
import type { CaptureStream } from './capture-stream.ts';

/** One input of a merge: not open yet and waiting for its first packet's time, or open and standing at a packet. */
export class MergeEntry {
  readonly index: number;
  stream: CaptureStream | null = null;
  private seconds: number;
  private fraction: number;
  private digits: number;

  /** An input whose first time is unknown comes before all others: it must be opened to know more. */
  constructor(index: number, startsAt: CaptureTime | null) {
    this.index = index;
    this.seconds = startsAt?.seconds ?? Number.NEGATIVE_INFINITY;
    this.fraction = startsAt?.fraction ?? 0;
    this.digits = startsAt?.digits ?? 0;
  }

  /** Takes over the time of the reader's packet; a packet without one keeps its predecessor's. */
  setTime(reader: PacketReader): void {
    const digits = reader.timeDigits();
    if (digits < 0) return;
    this.seconds = reader.timeSeconds();
    this.fraction = reader.timeFraction();
    this.digits = digits;
  }

  /** Equal times go by the order of the inputs. */
  isBefore(other: MergeEntry): boolean {
    const order = compareTimes(this.seconds, this.fraction, this.digits, other.seconds, other.fraction, other.digits);
    return order === 0 ? this.index < other.index : order < 0;
  }
}

/** A binary heap of inputs by the time of what they offer next. */
export class MergeQueue {
  /** How many inputs are open. */
  openCount = 0;
  private readonly heap: MergeEntry[] = [];

  add(index: number, startsAt: CaptureTime | null): void {
    this.putBack(new MergeEntry(index, startsAt));
  }

  opened(entry: MergeEntry, stream: CaptureStream): void {
    entry.stream = stream;
    this.openCount += 1;
  }

  closed(): void {
    this.openCount -= 1;
  }

  /** Whether an entry that is not in the queue comes before all that are. */
  isFirst(entry: MergeEntry): boolean {
    return this.heap.length === 0 || entry.isBefore(this.heap[0]);
  }

  putBack(entry: MergeEntry): void {
    const heap = this.heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!entry.isBefore(heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  take(): MergeEntry | null {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].isBefore(heap[child])) child += 1;
      if (!heap[child].isBefore(last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
