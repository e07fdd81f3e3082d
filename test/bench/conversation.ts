/** TCP conversations: what each side says, turned into timed segments with acknowledgements and mild disorder. */
import type { Content } from './content.ts';
import { type Endpoint, isVersion6 } from './frames.ts';
import type { Random } from './random.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;

export interface Segment {
  readonly kind: 'segment';
  /** Microseconds since the capture began. */
  readonly at: number;
  readonly conversation: Conversation;
  readonly from: 'client' | 'server';
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly content: Content | null;
  readonly offset: number;
  readonly length: number;
}

export interface Step {
  readonly from: 'client' | 'server';
  readonly content: Content;
  /** Microseconds the side thinks before it sends. */
  readonly wait: number;
}

export interface Conversation {
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Microseconds since the capture began. */
  readonly start: number;
  readonly roundTrip: number;
  /** Microseconds from one segment of a burst to the next. */
  readonly spacing: number;
  /** Segments sent before the sender waits for an answer. */
  readonly window: number;
  /** RFC 7323 timestamps on every segment, which then carries 12 bytes less. */
  readonly timestamps: boolean;
  readonly opening: 'handshake' | 'already-open';
  readonly closing: 'fin' | 'reset' | 'still-open';
  /** Microseconds of silence before the close. */
  readonly idle: number;
}

/** On an Ethernet link of 1500 bytes. */
export const maximumSegment = (conversation: Conversation): number =>
  (isVersion6(conversation.client) ? 1440 : 1460) - (conversation.timestamps ? 12 : 0);

const DELAYED_ACKNOWLEDGEMENT = 8_000;

/** All segments of a conversation in the order of their times, undisturbed. */
function* inOrder(conversation: Conversation, steps: Iterable<Step>, random: Random): Generator<Segment> {
  const { roundTrip, spacing, window } = conversation;
  const segmentLength = maximumSegment(conversation);
  const next = { client: random.next(), server: random.next() };
  let at = conversation.start;
  const segment = (
    from: 'client' | 'server',
    flags: number,
    content: Content | null,
    offset: number,
    length: number,
  ) => {
    const sequence = next[from];
    const acknowledgement = (flags & ACK) === 0 ? 0 : next[from === 'client' ? 'server' : 'client'];
    next[from] = (sequence + length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    const made: Segment = {
      ...{ kind: 'segment', at, conversation, from, flags, sequence, acknowledgement, content, offset, length },
    };
    return made;
  };
  if (conversation.opening === 'handshake') {
    yield segment('client', SYN, null, 0, 0);
    at += roundTrip;
    yield segment('server', SYN | ACK, null, 0, 0);
    at += random.between(20, 200);
    yield segment('client', ACK, null, 0, 0);
  }
  for (const { from, content, wait } of steps) {
    const receiver = from === 'client' ? 'server' : 'client';
    at += wait;
    let unacknowledged = 0;
    let burst = 0;
    for (let offset = 0; offset < content.length; ) {
      const length = Math.min(segmentLength, content.length - offset);
      const last = offset + length === content.length;
      yield segment(from, last ? PSH | ACK : ACK, content, offset, length);
      offset += length;
      unacknowledged += 1;
      burst += 1;
      at += spacing + random.below(spacing);
      if (unacknowledged === 2) {
        yield segment(receiver, ACK, null, 0, 0);
        unacknowledged = 0;
        at += random.between(5, 40);
      }
      if (burst === window) {
        at += roundTrip;
        burst = 0;
      }
    }
    if (unacknowledged > 0 && random.chance(0.5)) {
      at += random.between(DELAYED_ACKNOWLEDGEMENT / 8, DELAYED_ACKNOWLEDGEMENT);
      yield segment(receiver, ACK, null, 0, 0);
    }
    at += roundTrip / 2;
  }
  at += conversation.idle;
  switch (conversation.closing) {
    case 'fin':
      yield segment('client', FIN | ACK, null, 0, 0);
      at += roundTrip;
      yield segment('server', FIN | ACK, null, 0, 0);
      at += random.between(20, 200);
      yield segment('client', ACK, null, 0, 0);
      return;
    case 'reset':
      yield segment('server', RST | ACK, null, 0, 0);
      return;
    case 'still-open':
      return;
  }
}

const RETRANSMISSION_PROBABILITY = 0.0025;
const REORDERING_PROBABILITY = 0.0025;

const atTime = (segment: Segment, at: number): Segment => ({ ...segment, at });

/** The segments as a capture sees them: in 0.5 % of the cases repeated later, or overtaken by the next one. */
export function* converse(conversation: Conversation, steps: Iterable<Step>, random: Random): Generator<Segment> {
  let held: Segment | null = null;
  let repeated: Segment | null = null;
  let distance = 0;
  for (const segment of inOrder(conversation, steps, random)) {
    if (held !== null) {
      // Only neighbours of one burst change places: across an answer, the answer would come before its question.
      const swaps = segment.length > 0 && segment.from === held.from;
      yield swaps ? atTime(segment, held.at) : held;
      yield swaps ? atTime(held, segment.at) : segment;
      held = null;
      continue;
    }
    if (segment.length > 0 && random.chance(REORDERING_PROBABILITY)) {
      held = segment;
      continue;
    }
    yield segment;
    if (repeated !== null) {
      distance -= 1;
      if (distance > 0) continue;
      yield atTime(repeated, segment.at + 1);
      repeated = null;
    } else if (segment.length > 0 && random.chance(RETRANSMISSION_PROBABILITY)) {
      repeated = segment;
      distance = random.between(2, 6);
    }
  }
  if (held !== null) yield held;
}
