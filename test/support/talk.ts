/**
 * A TCP conversation written down packet by packet, so that a test can lose, repeat, cut and reorder its packets
 * before it makes a capture of them.
 */
import type { Session } from '../../shared/contract/analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { analyzeBytes } from './analyze.ts';
import { type CapturedPacket, ethernet, pcapFile, tcpSegment } from './frames.ts';

export type TalkSide = 'client' | 'server';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

export interface TalkPacket {
  readonly from: TalkSide;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly identification: number;
  /** Payload bytes that the snap length leaves; all of them without. */
  readonly captured?: number;
  /** Milliseconds since the first packet, where they are not the packet's place. */
  readonly milliseconds?: number;
  readonly talk: Talk;
}

export interface TalkOptions {
  readonly clientAddress?: string;
  readonly serverAddress?: string;
  readonly clientPort?: number;
  readonly serverPort?: number;
  /** Sequence numbers of the SYNs. */
  readonly clientSequence?: number;
  readonly serverSequence?: number;
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export class Talk {
  readonly packets: TalkPacket[] = [];
  readonly options: Required<TalkOptions>;
  readonly #next: Record<TalkSide, number>;
  #identification = 1;

  constructor(options: TalkOptions = {}) {
    this.options = {
      clientAddress: '192.0.2.1',
      serverAddress: '198.51.100.25',
      clientPort: 40_000,
      serverPort: 25,
      clientSequence: 1_000,
      serverSequence: 900_000,
      ...options,
    };
    this.#next = { client: this.options.clientSequence, server: this.options.serverSequence };
  }

  /** Sequence number of the side's next byte. */
  next(side: TalkSide): number {
    return this.#next[side];
  }

  /** A packet with the present numbers, which then move on. */
  send(from: TalkSide, flags: number, payload: Uint8Array | string = '', fields: Partial<TalkPacket> = {}): this {
    const bytes = typeof payload === 'string' ? latin1(payload) : payload;
    this.packets.push({
      from,
      sequence: this.#next[from],
      acknowledgement: (flags & ACK) === 0 ? 0 : this.#next[from === 'client' ? 'server' : 'client'],
      flags,
      payload: bytes,
      identification: this.#identification++,
      talk: this,
      ...fields,
    });
    const counted = bytes.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    this.#next[from] = (this.#next[from] + counted) >>> 0;
    return this;
  }

  /** A packet that moves no numbers on: probes, repetitions, lies. */
  aside(from: TalkSide, fields: Partial<TalkPacket>): this {
    const before = this.#next[from];
    this.send(from, ACK, '', fields);
    this.#next[from] = before;
    return this;
  }

  open(): this {
    return this.send('client', SYN)
      .send('server', SYN | ACK)
      .send('client', ACK);
  }

  client(...payloads: readonly (Uint8Array | string)[]): this {
    for (const payload of payloads) this.send('client', ACK, payload);
    return this;
  }

  server(...payloads: readonly (Uint8Array | string)[]): this {
    for (const payload of payloads) this.send('server', ACK, payload);
    return this;
  }

  close(): this {
    return this.send('client', ACK | FIN)
      .send('server', ACK | FIN)
      .send('client', ACK);
  }

  /** A capture of these packets, or of others made of them. */
  capture(packets: readonly TalkPacket[] = this.packets): Uint8Array {
    return captureOf(packets);
  }
}

/** A pcap file; times follow the places of the packets. */
export function captureOf(packets: readonly TalkPacket[]): Uint8Array {
  return pcapFile(packets.map(framed));
}

function framed(packet: TalkPacket, index: number): CapturedPacket {
  const { from, payload, captured = payload.length, milliseconds = index * 10, talk, ...fields } = packet;
  const { clientAddress, serverAddress, clientPort, serverPort } = talk.options;
  const isClient = from === 'client';
  const bytes = ethernet(
    tcpSegment({
      ...fields,
      payload,
      source: isClient ? clientAddress : serverAddress,
      destination: isClient ? serverAddress : clientAddress,
      sourcePort: isClient ? clientPort : serverPort,
      destinationPort: isClient ? serverPort : clientPort,
    }),
  );
  return {
    bytes: bytes.subarray(0, bytes.length - payload.length + captured),
    originalLength: bytes.length,
    seconds: 1_700_000_000 + Math.floor(milliseconds / 1_000),
    microseconds: Math.round((milliseconds % 1_000) * 1_000),
  };
}

export function sessionsOf(packets: readonly TalkPacket[], scope: Scope = 'mail'): readonly Session[] {
  return analyzeBytes(captureOf(packets), scope).sessions;
}

/** The only session of these packets; fails when there are none or several. */
export function sessionOf(packets: readonly TalkPacket[], scope: Scope = 'mail'): Session {
  const sessions = sessionsOf(packets, scope);
  if (sessions.length !== 1) throw new Error(`${sessions.length} sessions instead of one`);
  return sessions[0];
}

/** Summaries of the timeline, one line an event: `client smtp-command EHLO x`. */
export function storyOf(session: Session): string[] {
  return session.timeline.map(({ from, kind, summary }) => `${from} ${kind} ${summary}`);
}

/** The codes of its problems. */
export function problemsOf(session: Session): string[] {
  return session.problems.map(({ code }) => code);
}

/** The packet cut in two at this byte of its payload. */
export function split(packet: TalkPacket, at: number): TalkPacket[] {
  return [
    { ...packet, payload: packet.payload.subarray(0, at) },
    { ...packet, payload: packet.payload.subarray(at), sequence: (packet.sequence + at) >>> 0 },
  ];
}
