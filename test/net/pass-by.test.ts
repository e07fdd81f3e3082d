import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../shared/net/arrival.ts';
import type { Connection } from '../../shared/net/connection.ts';
import { ConnectionSet } from '../../shared/net/connection-set.ts';
import type { TcpSegment } from '../../shared/net/segment.ts';
import { Chance } from '../support/planted.ts';
import { segmentOf } from './segments.ts';

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

/** A set whose connections settle after a few pieces of data, and what they tell. */
function listener() {
  const events: string[] = [];
  const connections: Connection[] = [];
  const set = new ConnectionSet((connection) => {
    connections.push(connection);
    let pieces = 0;
    return {
      event: (direction, event, { frame }) => events.push(`${direction} ${JSON.stringify(event)} at ${frame}`),
      data: (direction, _, start, end, { frame }) => {
        events.push(`${direction} ${end - start} bytes at ${frame}`);
        if (++pieces === 3) connection.settle();
      },
      hole: (direction, size, cause, { frame }) => events.push(`${direction} hole ${size} ${cause} at ${frame}`),
      finish: () => events.push('finished'),
    };
  });
  return { set, events, connections };
}

interface Captured {
  readonly direction: 0 | 1;
  readonly segment: TcpSegment;
  readonly arrival: Arrival;
}

/** Both directions of a connection, with repetitions, losses, packets that changed places, and at last its end. */
function randomTraffic(chance: Chance): Captured[] {
  const next = [chance.int(2 ** 32), chance.int(2 ** 32)];
  const packets: { direction: 0 | 1; segment: TcpSegment }[] = [];
  for (let packet = 0; packet < 60; packet++) {
    const direction = chance.pick([0, 1] as const);
    const payload = 'x'.repeat(chance.pick([0, 0, 1, 1, 5, 40]));
    const rare = chance.int(40);
    const flags = packet === 0 ? SYN : rare === 0 ? ACK | FIN : rare === 1 && packet > 45 ? RST : ACK;
    const identification = chance.pick([0, packet]);
    const fields = { payload, sequence: next[direction], acknowledgement: next[1 - direction], flags };
    const segment = Object.assign(segmentOf(fields), { identification });
    next[direction] = (next[direction] + payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    if (!chance.once(15)) packets.push({ direction, segment });
    if (chance.once(8)) packets.push(chance.pick(packets.slice(-4)) ?? { direction, segment });
  }
  for (let at = 0; at + 1 < packets.length; at++) {
    if (chance.once(10)) packets.splice(at, 2, packets[at + 1], packets[at]);
  }
  return packets.map(({ direction, segment }, index) => {
    const frame = index + 1;
    const milliseconds = 3 * index - chance.pick([0, 0, 0, 5]) + 10;
    const arrival = { capture: index > 70 ? 1 : 0, frame, seconds: 1, fraction: milliseconds, digits: 3 };
    return { direction, segment, arrival };
  });
}

describe('the short way for segments of settled connections', () => {
  it('tells the same as the long way, and leaves the connection the same (random traffic)', () => {
    let passed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const traffic = randomTraffic(new Chance(seed));
      const long = listener();
      const short = listener();
      for (const { direction, segment, arrival } of traffic) {
        long.set.segment(0, direction, segment, arrival);
        const { frame, seconds, fraction, digits } = arrival;
        const place = { frame, timeSeconds: () => seconds, timeFraction: () => fraction, timeDigits: () => digits };
        if (short.set.passBy(0, direction, segment, arrival.capture, place)) passed++;
        else short.set.segment(0, direction, segment, arrival);
      }
      const facts = ({ connections }: typeof long) =>
        connections.map(({ first, last, lowestFrame, highestFrame, captured, closed }) => ({
          ...{ first, last, lowestFrame, highestFrame, captured, closed },
        }));
      expect(facts(short), `seed ${seed}`).toEqual(facts(long));
      long.set.finish();
      short.set.finish();
      expect(short.events, `seed ${seed}`).toEqual(long.events);
    }
    expect(passed).toBeGreaterThan(5_000);
  });
});
