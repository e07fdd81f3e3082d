import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventFrames } from '../../shared/contract/event-frames.ts';

describe('Server-Sent Events (HTML Living Standard, section 9.2.6)', () => {
  it('an event has its data and its id; a comment is none', () => {
    const frames = new EventFrames();
    expect(frames.add(':\n\nid: 7\ndata: {"a":1}\n\ndata: x\n\n')).toEqual([
      { id: '7', data: '{"a":1}' },
      { id: '', data: 'x' },
    ]);
  });

  it('data in several lines is joined', () => {
    expect(new EventFrames().add('data: a\ndata: b\n\n')).toEqual([{ id: '', data: 'a\nb' }]);
  });

  it('however the text is split, the events are the same', () => {
    const event = fc.record({ id: fc.stringMatching(/^\d{0,5}$/), data: fc.json() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), fc.array(fc.nat(200), { maxLength: 20 }), (events, cuts) => {
        const text = events.map(({ id, data }) => `${id === '' ? '' : `id: ${id}\n`}data: ${data}\n\n`).join(':\n\n');
        const frames = new EventFrames();
        const found = [];
        let at = 0;
        for (const cut of [...cuts, text.length]) {
          found.push(...frames.add(text.slice(at, at + cut)));
          at += cut;
        }
        expect(found).toEqual(events);
      }),
    );
  });
});
