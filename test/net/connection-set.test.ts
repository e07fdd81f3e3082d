import { describe, expect, it } from 'vitest';
import type { Connection } from '../../shared/net/connection.ts';
import { ConnectionSet } from '../../shared/net/connection-set.ts';
import { arrivalAt, type SegmentFields, segmentOf } from './segments.ts';

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

/** What the connections of a set tell, one line an event: number of the connection, direction, event. */
class Listener {
  readonly events: string[] = [];
  readonly connections: Connection[] = [];
  readonly set: ConnectionSet;
  #frame = 0;

  constructor() {
    this.set = new ConnectionSet((connection) => {
      const number = this.connections.push(connection) - 1;
      const tell = (direction: number, text: string) => this.events.push(`${number}.${direction} ${text}`);
      return {
        event: (direction, event) => tell(direction, 'length' in event ? `${event.kind} ${event.length}` : event.kind),
        data: (direction, bytes, start, end) =>
          tell(direction, JSON.stringify(Buffer.from(bytes.subarray(start, end)).toString('latin1'))),
        hole: (direction, size, cause) => tell(direction, `hole ${size} ${cause}`),
        finish: () => this.events.push(`${number} finished`),
      };
    });
  }

  send(direction: 0 | 1, sequence: number, flags: number, fields: SegmentFields = {}, flow = 0): this {
    this.#frame++;
    this.set.segment(flow, direction, segmentOf({ ...fields, sequence, flags }), arrivalAt(this.#frame));
    return this;
  }

  finish(): readonly string[] {
    this.set.finish();
    return this.events;
  }
}

const say = (payload: string, acknowledgement = 0): SegmentFields => ({ payload, acknowledgement });

describe('opening', () => {
  it('the initiator is who sent the SYN, or who did not send the SYN-ACK', () => {
    const initiator = (send: (listener: Listener) => void) => {
      const listener = new Listener();
      send(listener);
      return listener.connections[0].initiator;
    };
    expect(initiator((it) => it.send(1, 5, SYN).send(0, 9, SYN | ACK))).toBe(1);
    expect(initiator((it) => it.send(0, 9, SYN | ACK))).toBe(1);
    expect(initiator((it) => it.send(0, 9, ACK, say('x')))).toBe(null);
  });

  it('simultaneous open: two SYNs, one connection (RFC 9293 section 3.5)', () => {
    const listener = new Listener()
      .send(0, 5, SYN)
      .send(1, 9, SYN)
      .send(0, 5, SYN | ACK)
      .send(1, 9, SYN | ACK);
    listener.send(0, 6, ACK, say('ab')).send(1, 10, ACK, say('cd'));
    expect(listener.finish()).toEqual([
      '0.0 open',
      '0.1 open',
      '0.0 retransmission 0',
      '0.1 retransmission 0',
      '0.0 "ab"',
      '0.1 "cd"',
      '0 finished',
    ]);
  });

  it('data in the SYN (RFC 7413) follows its number', () => {
    expect(new Listener().send(0, 5, SYN, say('ab')).send(0, 8, ACK, say('cd')).finish()).toEqual([
      '0.0 open',
      '0.0 "ab"',
      '0.0 "cd"',
      '0 finished',
    ]);
  });

  it('a SYN captured behind the first data belongs to the same connection', () => {
    const listener = new Listener()
      .send(0, 6, ACK, say('ab'))
      .send(0, 5, SYN)
      .send(1, 9, SYN | ACK);
    expect(listener.finish()).toEqual(['0.0 open', '0.0 "ab"', '0.1 open', '0 finished']);
  });
});

describe('ports used again', () => {
  it('a SYN with another number ends the connection and starts the next', () => {
    const listener = new Listener()
      .send(0, 5, SYN)
      .send(0, 6, ACK, say('ab'))
      .send(0, 500, SYN)
      .send(0, 501, ACK, say('x'));
    expect(listener.finish()).toEqual(['0.0 open', '0.0 "ab"', '0 finished', '1.0 open', '1.0 "x"', '1 finished']);
  });

  it('a SYN sent again is a retransmission, also when the first was refused in between', () => {
    const listener = new Listener()
      .send(0, 5, SYN)
      .send(0, 5, SYN)
      .send(1, 0, RST | ACK)
      .send(0, 5, SYN);
    expect(listener.events).toEqual(['0.0 open', '0.0 retransmission 0', '0.1 reset', '0.0 retransmission 0']);
    expect(listener.send(0, 6_000, SYN).events.slice(-2)).toEqual(['0 finished', '1.0 open']);
  });

  it('where the first SYN was not captured, one that cannot belong to the bytes seen starts another', () => {
    const listener = new Listener().send(0, 1_000_000, ACK, say('ab')).send(0, 500, SYN);
    expect(listener.events).toEqual(['0.0 hole 0 before-capture', '0.0 "ab"', '0 finished', '1.0 open']);
  });

  it('a closed connection is finished some segments later, and late copies are dropped', () => {
    const listener = new Listener().send(0, 5, SYN).send(0, 6, RST);
    for (let flow = 1; flow < 2_000; flow++) listener.send(0, 5, SYN, {}, flow);
    expect(listener.events).toContain('0 finished');
    const before = listener.events.length;
    listener.send(0, 6, ACK, say('late'));
    expect(listener.events.length).toBe(before);
    expect(listener.send(0, 90_000, SYN).events.at(-1)).toBe('2000.0 open');
  });
});

describe('closing', () => {
  it('each side closes once; a FIN sent again says nothing', () => {
    const listener = new Listener()
      .send(0, 5, SYN)
      .send(0, 6, FIN | ACK)
      .send(0, 6, FIN | ACK);
    expect(listener.connections[0].closed).toBe(false);
    listener.send(1, 9, FIN | ACK);
    expect(listener.connections[0].closed).toBe(true);
    expect(listener.finish()).toEqual(['0.0 open', '0.0 close', '0.1 close', '0 finished']);
  });

  it('data that is captured behind the FIN is still read', () => {
    const listener = new Listener()
      .send(0, 5, SYN)
      .send(0, 8, FIN | ACK)
      .send(0, 6, ACK, say('ab'));
    expect(listener.finish()).toEqual(['0.0 open', '0.0 close', '0.0 "ab"', '0 finished']);
  });

  it("a reset's payload is for people, not for the stream (RFC 9293 section 3.5.2)", () => {
    const listener = new Listener().send(0, 5, SYN).send(0, 6, RST, say('go away')).send(1, 9, RST);
    expect(listener.finish()).toEqual(['0.0 open', '0.0 reset', '0 finished']);
  });

  it('bytes that the peer acknowledged and nobody captured are missing', () => {
    const listener = new Listener().send(0, 5, SYN).send(0, 6, ACK, say('ab')).send(1, 9, ACK, say('', 100));
    expect(listener.finish()).toEqual(['0.0 open', '0.0 "ab"', '0.0 hole 92 lost', '0 finished']);
  });
});

describe('a handler that has enough', () => {
  it('dismissed: nothing more is told, not even the end, until the ports are used again', () => {
    const listener = new Listener().send(0, 5, SYN);
    listener.connections[0].dismiss();
    listener.send(0, 6, ACK, say('ab'));
    expect(listener.set.isDismissed(0)).toBe(true);
    listener.send(0, 8, ACK, say('cd')).send(0, 700, SYN);
    expect(listener.set.isDismissed(0)).toBe(false);
    expect(listener.finish()).toEqual(['0.0 open', '1.0 open', '1 finished']);
  });

  it('settled: repetitions and the end are told, bytes are not', () => {
    const listener = new Listener().send(0, 5, SYN).send(0, 6, ACK, say('ab'));
    listener.connections[0].settle();
    expect(listener.set.isSettled(0)).toBe(true);
    listener.send(0, 8, ACK, say('cd')).send(0, 8, ACK, say('cd')).send(0, 10, RST);
    expect(listener.finish()).toEqual(['0.0 open', '0.0 "ab"', '0.0 retransmission 2', '0.0 reset', '0 finished']);
  });
});
