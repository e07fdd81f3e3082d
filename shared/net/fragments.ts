import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { type FrameCursor, OUTCOME } from '../capture/link/cursor.ts';
import { IP_PROTOCOL, type IpHeader } from './ip.ts';
import { isTunnelPort } from './tunnels.ts';

/**
 * Fragments older than this many packets belong to an earlier datagram with the same identification. RFC 791 speaks of
 * seconds; a busy sender uses up the 16 bits of IPv4 within about as many packets.
 */
const LIFETIME_PACKETS = 65_536;
const LARGEST_DATAGRAM = 65_535;
/** What the bookkeeping of one fragment costs beside its bytes, counted towards `LIMITS.fragmentBytes`. */
const FRAGMENT_OVERHEAD = 256;

interface Fragment {
  readonly offset: number;
  /** Bytes on the wire; `bytes` holds fewer when the snap length cut the packet. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

type DatagramState =
  /** Waits for fragments. */
  | 'open'
  /** Was put together: `bytes` stays to recognise further copies of its fragments. */
  | 'whole'
  /** Holds no TCP: its other fragments are not kept. */
  | 'ignored'
  /** Had overlapping fragments, which IPv6 forbids: its other fragments are discarded too. */
  | 'discarded';

interface Datagram {
  state: DatagramState;
  /** The number of the packet that brought its first fragment. */
  firstPacket: number;
  protocol: number;
  /** Sorted by offset, without overlaps. */
  fragments: Fragment[];
  receivedLength: number;
  /** Payload bytes of the whole datagram; -1 until its last fragment came. */
  length: number;
  conflicting: boolean;
  /** IP header and payload of the whole datagram. */
  bytes: Uint8Array;
  headerLength: number;
  /** Payload bytes that were captured without interruption. */
  captured: number;
  held: number;
}

/**
 * Puts fragmented datagrams together (RFC 791 section 3.2, RFC 8200 section 4.5). The first copy of a byte wins for
 * IPv4; an overlap discards the whole datagram for IPv6 (RFC 5722).
 */
export class FragmentTable {
  /** Datagrams that may hold TCP and never became whole. */
  #incomplete = 0;
  /** Datagrams with overlapping fragments of different content, or for IPv6 of any content. */
  #conflicting = 0;
  /** Fragments that reach beyond the largest datagram, or hold nothing. */
  #malformed = 0;
  readonly #datagrams = new Map<string, Datagram>();
  #heldBytes = 0;

  /**
   * Takes the fragment under the cursor, whose header `ip` describes. `packet` numbers packets. Out: the protocol of
   * the datagram that it made whole, which is then under the cursor in a buffer of its own, with `ip` on its header;
   * else an `OUTCOME`.
   */
  add(frame: FrameCursor, ip: IpHeader, protocol: number, packet: number): number {
    if (ip.version === 4 && !mayHoldTcp(protocol)) return OUTCOME.nothing;
    const offset = ip.fragmentOffset;
    let length = frame.wireEnd - frame.at;
    if (ip.moreFragments && length % 8 !== 0) {
      // IPv4 hosts ignore the odd bytes, IPv6 hosts the fragment (RFC 8200 section 4.5).
      if (ip.version === 6) return this.#countMalformed();
      length -= length % 8;
    }
    if (length === 0 || offset + length > LARGEST_DATAGRAM) return this.#countMalformed();
    const key = datagramKey(frame.buffer, ip, protocol);
    let datagram = this.#datagrams.get(key);
    if (datagram !== undefined && packet - datagram.firstPacket > LIFETIME_PACKETS) {
      this.#forget(key, datagram);
      datagram = undefined;
    }
    if (datagram?.state === 'whole') {
      if (repeats(datagram, frame, offset, length)) return OUTCOME.nothing;
      this.#forget(key, datagram);
      datagram = undefined;
    }
    if (datagram === undefined) {
      datagram = this.#open(key, packet, protocol);
    }
    if (datagram.state !== 'open') return OUTCOME.nothing;
    if (offset === 0) {
      datagram.protocol = protocol;
      if (!mayHoldTcp(protocol) || isPlainUdp(frame, protocol)) {
        this.#close(datagram, 'ignored');
        return OUTCOME.nothing;
      }
    }
    return this.#insert(datagram, frame, ip, length);
  }

  /** Adds what went wrong to `problems`; datagrams that still wait for fragments will not be completed any more. */
  report(problems: Problem[]): void {
    let incomplete = this.#incomplete;
    for (const datagram of this.#datagrams.values()) if (isMissed(datagram)) incomplete++;
    if (incomplete > 0) {
      problems.push({
        code: 'incomplete-datagrams',
        message: `${datagrams(incomplete)} lacked fragments and could not be put together.`,
      });
    }
    if (this.#conflicting > 0) {
      problems.push({
        code: 'conflicting-fragments',
        message: `${datagrams(this.#conflicting)} came with fragments that overlap and contradict each other.`,
      });
    }
    if (this.#malformed > 0) {
      problems.push({
        code: 'malformed-fragments',
        message: `${this.#malformed === 1 ? '1 fragment' : `${this.#malformed} fragments`} with impossible offset or length.`,
      });
    }
  }

  #countMalformed(): number {
    this.#malformed++;
    return OUTCOME.nothing;
  }

  #open(key: string, packet: number, protocol: number): Datagram {
    const datagram: Datagram = {
      state: 'open',
      firstPacket: packet,
      protocol,
      fragments: [],
      receivedLength: 0,
      length: -1,
      conflicting: false,
      bytes: EMPTY,
      headerLength: 0,
      captured: 0,
      held: 0,
    };
    if (this.#datagrams.size >= LIMITS.fragmentedDatagrams) this.#forgetOldest();
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  #insert(datagram: Datagram, frame: FrameCursor, ip: IpHeader, length: number): number {
    const offset = ip.fragmentOffset;
    const end = offset + length;
    const isLast = !ip.moreFragments;
    const { fragments } = datagram;
    const last = fragments.at(-1);
    const contradictsEnd =
      datagram.length >= 0
        ? end > datagram.length || (isLast && end !== datagram.length)
        : isLast && last !== undefined && last.offset + last.length > end;
    if (contradictsEnd) return this.#conflict(datagram, ip);
    const position = positionOf(fragments, offset);
    const overlaps =
      (position > 0 && fragments[position - 1].offset + fragments[position - 1].length > offset) ||
      (position < fragments.length && fragments[position].offset < end);
    if (overlaps) {
      const sameBounds =
        position < fragments.length && fragments[position].offset === offset && fragments[position].length === length;
      const sameBytes = agrees(fragments, position, frame, offset, length);
      // RFC 8200 lets a host ignore exact duplicates; routers that are captured on both sides make them.
      if (!sameBytes || (ip.version === 6 && !sameBounds)) {
        const outcome = this.#conflict(datagram, ip);
        if (ip.version === 6) return outcome;
      }
    }
    if (isLast) datagram.length = end;
    this.#fill(datagram, frame, position, offset, length);
    this.#makeRoom(datagram);
    return datagram.receivedLength === datagram.length ? this.#assemble(datagram, frame, ip) : OUTCOME.nothing;
  }

  /** Keeps those bytes of the fragment that are not there yet. */
  #fill(datagram: Datagram, frame: FrameCursor, position: number, offset: number, length: number): void {
    const { fragments } = datagram;
    const end = offset + length;
    let from = offset;
    let index = position;
    if (index > 0) from = Math.max(from, fragments[index - 1].offset + fragments[index - 1].length);
    while (from < end) {
      const next = index < fragments.length ? fragments[index] : undefined;
      const to = next === undefined ? end : Math.min(end, next.offset);
      if (to > from) {
        const start = frame.at + (from - offset);
        // Copied: the packet's buffer is reused before the datagram is whole.
        const bytes = frame.buffer.slice(Math.min(start, frame.end), Math.min(start + to - from, frame.end));
        fragments.splice(index, 0, { offset: from, length: to - from, bytes });
        index++;
        datagram.receivedLength += to - from;
        this.#hold(datagram, bytes.length + FRAGMENT_OVERHEAD);
      }
      if (next === undefined) return;
      from = next.offset + next.length;
      index++;
    }
  }

  #assemble(datagram: Datagram, frame: FrameCursor, ip: IpHeader): number {
    const headerLength = ip.version === 4 ? 20 : 40;
    const bytes = new Uint8Array(headerLength + datagram.length);
    bytes.set(frame.buffer.subarray(ip.start, ip.start + headerLength));
    let captured = -1;
    for (const fragment of datagram.fragments) {
      bytes.set(fragment.bytes, headerLength + fragment.offset);
      if (captured < 0 && fragment.bytes.length < fragment.length) captured = fragment.offset + fragment.bytes.length;
    }
    this.#close(datagram, 'whole');
    datagram.bytes = bytes;
    datagram.headerLength = headerLength;
    datagram.captured = captured < 0 ? datagram.length : captured;
    this.#hold(datagram, bytes.length);
    this.#makeRoom(datagram);
    frame.buffer = bytes;
    frame.at = headerLength;
    frame.end = headerLength + datagram.captured;
    frame.wireEnd = bytes.length;
    ip.start = 0;
    ip.source = ip.version === 4 ? 12 : 8;
    ip.destination = ip.version === 4 ? 16 : 24;
    ip.fragmentOffset = 0;
    ip.moreFragments = false;
    return datagram.protocol;
  }

  #conflict(datagram: Datagram, ip: IpHeader): number {
    if (!datagram.conflicting) this.#conflicting++;
    datagram.conflicting = true;
    if (ip.version === 6) this.#close(datagram, 'discarded');
    return OUTCOME.nothing;
  }

  #hold(datagram: Datagram, bytes: number): void {
    datagram.held += bytes;
    this.#heldBytes += bytes;
  }

  #close(datagram: Datagram, state: DatagramState): void {
    this.#heldBytes -= datagram.held;
    datagram.held = 0;
    datagram.fragments = [];
    datagram.bytes = EMPTY;
    datagram.state = state;
  }

  #forget(key: string, datagram: Datagram): void {
    if (isMissed(datagram)) this.#incomplete++;
    this.#close(datagram, 'ignored');
    this.#datagrams.delete(key);
  }

  /** A Map iterates in order of insertion, so the first one is the oldest. */
  #forgetOldest(): void {
    for (const [key, datagram] of this.#datagrams) {
      this.#forget(key, datagram);
      return;
    }
  }

  /** Forgets the oldest datagrams but `current` until the held bytes are within their limit. */
  #makeRoom(current: Datagram): void {
    if (this.#heldBytes <= LIMITS.fragmentBytes) return;
    for (const [key, datagram] of this.#datagrams) {
      if (datagram === current || datagram.held === 0) continue;
      this.#forget(key, datagram);
      if (this.#heldBytes <= LIMITS.fragmentBytes) return;
    }
  }
}

const EMPTY = new Uint8Array(0);

/** Protocols whose fragments are worth holding: TCP, and what may lead to it. */
function mayHoldTcp(protocol: number): boolean {
  switch (protocol) {
    case IP_PROTOCOL.tcp:
    case IP_PROTOCOL.udp:
    case IP_PROTOCOL.ipv4:
    case IP_PROTOCOL.ipv6:
    case IP_PROTOCOL.hopByHop:
    case IP_PROTOCOL.routing:
    case IP_PROTOCOL.fragment:
    case IP_PROTOCOL.gre:
    case IP_PROTOCOL.authentication:
    case IP_PROTOCOL.destinationOptions:
    case IP_PROTOCOL.ipInIp:
    case IP_PROTOCOL.ethernet:
    case IP_PROTOCOL.mobility:
    case IP_PROTOCOL.mpls:
    case IP_PROTOCOL.hostIdentity:
    case IP_PROTOCOL.shim6:
    case IP_PROTOCOL.bridgedEthernet:
      return true;
    default:
      return false;
  }
}

function isPlainUdp(frame: FrameCursor, protocol: number): boolean {
  return protocol === IP_PROTOCOL.udp && frame.at + 4 <= frame.end && !isTunnelPort(frame.buffer, frame.at);
}

/** A lost UDP datagram is not worth a word: without its first fragment nobody knows whether it was a tunnel. */
function isMissed(datagram: Datagram): boolean {
  if (datagram.state !== 'open') return false;
  return datagram.protocol !== IP_PROTOCOL.udp || (datagram.fragments.length > 0 && datagram.fragments[0].offset === 0);
}

/** IPv4 identifies a datagram by protocol too (RFC 791 section 3.2), IPv6 does not (RFC 8200 section 4.5). */
function datagramKey(buffer: Uint8Array, ip: IpHeader, protocol: number): string {
  const addressLength = ip.version === 4 ? 4 : 16;
  let key = String.fromCharCode(
    ip.version === 4 ? protocol : 256,
    ip.identification >>> 16,
    ip.identification & 0xffff,
  );
  for (let i = 0; i < addressLength; i += 2) {
    const source = (buffer[ip.source + i] << 8) | buffer[ip.source + i + 1];
    const destination = (buffer[ip.destination + i] << 8) | buffer[ip.destination + i + 1];
    key += String.fromCharCode(source, destination);
  }
  return key;
}

/** Where a fragment that begins at `offset` belongs: the index of the first one that does not begin before it. */
function positionOf(fragments: readonly Fragment[], offset: number): number {
  let low = 0;
  let high = fragments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fragments[middle].offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the fragment under the cursor agrees with those already there, wherever both were captured. */
function agrees(
  fragments: readonly Fragment[],
  position: number,
  frame: FrameCursor,
  offset: number,
  length: number,
): boolean {
  for (let index = Math.max(position - 1, 0); index < fragments.length; index++) {
    const { offset: start, bytes } = fragments[index];
    if (start >= offset + length) return true;
    const from = Math.max(start, offset);
    const to = Math.min(start + bytes.length, offset + length, offset + frame.end - frame.at);
    for (let i = from; i < to; i++) {
      if (bytes[i - start] !== frame.buffer[frame.at + i - offset]) return false;
    }
  }
  return true;
}

/** Whether the fragment under the cursor is a further copy of a part of a datagram that was already put together. */
function repeats(datagram: Datagram, frame: FrameCursor, offset: number, length: number): boolean {
  if (offset + length > datagram.length) return false;
  const to = Math.min(offset + length, offset + frame.end - frame.at, datagram.captured);
  for (let i = offset; i < to; i++) {
    if (datagram.bytes[datagram.headerLength + i] !== frame.buffer[frame.at + i - offset]) return false;
  }
  return true;
}

function datagrams(count: number): string {
  return count === 1 ? '1 fragmented IP datagram' : `${count} fragmented IP datagrams`;
}
