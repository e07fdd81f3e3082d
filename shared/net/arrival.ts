import { compareTimes } from '../capture/timestamp.ts';

/**
 * Where and when a packet was captured: the file (an index into the captures of the run), Wireshark's frame number
 * in it, and the time as the capture has it. `digits` is the number of decimal places of `fraction`; -1 means that
 * the packet carries no time (pcapng Simple Packet Block).
 */
export interface Arrival {
  readonly capture: number;
  readonly frame: number;
  readonly seconds: number;
  readonly fraction: number;
  readonly digits: number;
}

export type MutableArrival = { -readonly [K in keyof Arrival]: Arrival[K] };

/** When a packet was captured. */
export type TimedPacket = Pick<Arrival, 'seconds' | 'fraction' | 'digits'>;

/** Seconds from `earlier` to `later`, as a float that is exact enough for distances (microseconds over a year). */
export function secondsBetween(earlier: TimedPacket, later: TimedPacket): number {
  if (earlier.digits < 0 || later.digits < 0) return 0;
  return (
    later.seconds - earlier.seconds + later.fraction / 10 ** later.digits - earlier.fraction / 10 ** earlier.digits
  );
}

/**
 * Orders by time, then by capture and frame. Packets without a time follow the frame order, which is all there is.
 */
export function compareArrivals(a: Arrival, b: Arrival): number {
  if (a.digits >= 0 && b.digits >= 0) {
    const order = compareTimes(a.seconds, a.fraction, a.digits, b.seconds, b.fraction, b.digits);
    if (order !== 0) return order;
  }
  return a.capture - b.capture || a.frame - b.frame;
}
