import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { toHex } from '../../shared/bytes/hex.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { type Handshake, type HandshakeContext, parseHandshake } from '../../shared/tls/handshake.ts';
import type { HandshakeMessage } from '../../shared/tls/handshake-message.ts';
import { TlsRecordStream, type TlsRecordStreamOptions, type TlsSink } from '../../shared/tls/record-stream.ts';

export const NO_CONTEXT: HandshakeContext = { version: null, cipherSuite: null };

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** One connection through openssl; see fixtures/generate.ts. */
export interface Fixture {
  readonly name: string;
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly serverCertificates: readonly string[];
  readonly clientCertificates: readonly string[];
}

const folder = new URL('fixtures/', import.meta.url);

export function loadFixture(name: string): Fixture {
  const lines = readFileSync(new URL(`${name}.hex`, folder), 'utf8').split('\n');
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    name,
    client: bytesOf(values('client')[0]),
    server: bytesOf(values('server')[0]),
    serverCertificates: values('server-certificate'),
    clientCertificates: values('client-certificate'),
  };
}

export function allFixtures(): readonly Fixture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hex'))
    .map((file) => loadFixture(file.slice(0, -'.hex'.length)));
}

/** Bytes, or so many missing ones. */
export type Piece = Uint8Array | number;

/** A sink that writes down everything, one line an event, with all bytes as hex. */
export class Recorder implements TlsSink {
  readonly events: string[] = [];
  readonly messages: HandshakeMessage[] = [];
  readonly problems: Problem[] = [];

  record(contentType: number, version: number, length: number, offset: number): void {
    this.events.push(`record ${contentType} ${version.toString(16)} ${length} at ${offset}`);
  }

  handshake(message: HandshakeMessage): void {
    this.messages.push({ ...message, bytes: message.bytes.slice(), body: message.body.slice() });
    const missing = message.missing.map((range) => `${range.start}-${range.end}`).join(',');
    const flags = `${message.truncated ? ' truncated' : ''}${missing === '' ? '' : ` missing ${missing}`}`;
    this.events.push(
      `handshake ${message.format} ${message.type} ${message.length} at ${message.offset}${flags} ${toHex(message.bytes)}`,
    );
  }

  changeCipherSpec(): void {
    this.events.push('change-cipher-spec');
  }

  alert(level: number, description: number): void {
    this.events.push(`alert ${level} ${description}`);
  }

  encrypted(contentType: number, length: number): void {
    this.events.push(`encrypted ${contentType} ${length}`);
  }

  heartbeat(length: number): void {
    this.events.push(`heartbeat ${length}`);
  }

  damage(problem: Problem): void {
    this.problems.push(problem);
    this.events.push(`damage ${JSON.stringify(problem)}`);
  }

  /** The events without their bytes and without record headers. */
  get outline(): readonly string[] {
    return this.events
      .filter((event) => !event.startsWith('record '))
      .map((event) =>
        event.startsWith('handshake')
          ? `handshake ${event.split(' ')[2]}${event.includes('missing') ? ' missing' : ''}`
          : event.startsWith('damage')
            ? `damage ${JSON.parse(event.slice('damage '.length)).code}`
            : event,
      );
  }
}

/** Runs one direction, each piece pushed as a whole. */
export function readPieces(pieces: readonly Piece[], options: TlsRecordStreamOptions = {}): Recorder {
  const recorder = new Recorder();
  const stream = new TlsRecordStream(recorder, options);
  for (const piece of pieces) {
    if (typeof piece === 'number') stream.hole(piece);
    else stream.push(piece, 0, piece.length);
  }
  stream.end();
  return recorder;
}

/** `bytes` with the ranges `[start, start + size)` lost. */
export function withHole(bytes: Uint8Array, start: number, size: number): readonly Piece[] {
  return [bytes.subarray(0, start), Math.min(size, bytes.length - start), bytes.subarray(start + size)];
}

/** A TLS record. */
export function record(type: number, fragment: Uint8Array, version = 0x0303): Uint8Array {
  const { length } = fragment;
  return concat(Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff), fragment);
}

/** A handshake message. */
export function message(type: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);
}

/** Parses the message and returns it when it is of the expected kind; fails the test otherwise. */
export function expectKind<K extends Handshake['kind']>(
  found: HandshakeMessage,
  kind: K,
  context: HandshakeContext = NO_CONTEXT,
): Handshake & { readonly kind: K } {
  const parsed = parseHandshake(found, context);
  if (parsed.kind !== 'done') throw new Error(`not parsed: ${JSON.stringify(parsed)}`);
  if (parsed.value.kind !== kind) throw new Error(`${parsed.value.kind} is not ${kind}`);
  return parsed.value as Handshake & { readonly kind: K };
}

/** All certificates that messages of a direction yield, as hex, in order. */
export function certificatesOf(messages: readonly HandshakeMessage[]): readonly string[] {
  return messages.flatMap((found) => {
    const parsed = parseHandshake(found, NO_CONTEXT);
    if (parsed.kind !== 'done' || parsed.value.kind !== 'certificate') return [];
    return parsed.value.entries.flatMap((entry) => (entry.kind === 'certificate' ? [toHex(entry.der)] : []));
  });
}

/** Whether tshark is installed, the independent witness. */
export function hasTshark(): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => existsSync(`${directory}/tshark`));
}
