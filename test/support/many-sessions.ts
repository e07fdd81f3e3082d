/**
 * A capture of as many short SMTP sessions as asked for: each is a handshake, a greeting, EHLO and its answer, and the
 * end. Sizes of thousands of sessions are what matters here, so each packet is copied from one of a few templates and
 * only its addresses, ports, times and names are written anew.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { LITTLE, pcapHeader } from './capture-writers.ts';
import { ethernet, ipv4, tcp } from './frames.ts';

const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const SOURCE = ETHERNET_HEADER + 12;
const DESTINATION = ETHERNET_HEADER + 16;
const SOURCE_PORT = ETHERNET_HEADER + 20;
const DESTINATION_PORT = SOURCE_PORT + 2;
/** 2014-03-18T09:00:00Z */
const EPOCH_SECONDS = 1_395_133_200;
const SERVERS = 24;
const PIECE = 4 << 20;

const SYN = 0x02;
const SYN_ACK = 0x12;
const PUSH_ACK = 0x18;
const RESET = 0x14;

interface Template {
  readonly frame: Buffer;
  readonly from: 'client' | 'server';
  /** Microseconds after the session began. */
  readonly after: number;
  /** Where six digits stand that tell sessions apart; null: nowhere. */
  readonly digits: number | null;
}

/** With what the server offers in its answer to EHLO. */
function templates(offer: string): readonly Template[] {
  const greeting = '220 mx000000.example.net ESMTP ready\r\n';
  const hello = 'EHLO relay000000.example.com\r\n';
  const answer = `250-mx000000.example.net\r\n${offer}250 SIZE 36700160\r\n`;
  return [
    template('client', 0, SYN, 0, 0, ''),
    template('server', 900, SYN_ACK, 0, 1, ''),
    template('server', 4_100, PUSH_ACK, 1, 1, greeting),
    template('client', 5_300, PUSH_ACK, 1, 1 + greeting.length, hello),
    template('server', 6_900, PUSH_ACK, 1 + greeting.length, 1 + hello.length, answer),
    template('client', 9_000, RESET, 1 + hello.length, 1 + greeting.length + answer.length, ''),
  ];
}

function template(
  from: Template['from'],
  after: number,
  flags: number,
  sequence: number,
  acknowledgement: number,
  payload: string,
): Template {
  const frame = Buffer.from(ethernet(ipv4(tcp({ flags, sequence, acknowledgement, payload }))));
  const digits = frame.indexOf('000000');
  return { frame, from, after, digits: digits < 0 ? null : digits };
}

/** Writes `count` sessions, at most a million, into `file` as pcap. Half of the servers offer STARTTLS. */
export function writeManySessions(file: string, count: number): void {
  const kinds = [templates('250-STARTTLS\r\n'), templates('')];
  const descriptor = openSync(file, 'w');
  const buffer = Buffer.alloc(PIECE + 4096);
  let at = Buffer.from(pcapHeader({ fields: LITTLE })).copy(buffer);
  for (let session = 0; session < count; session += 1) {
    const server = session % SERVERS;
    const digits = String(session).padStart(6, '0');
    for (const { frame, from, after, digits: place } of kinds[server % 2]) {
      const time = session * 20_000 + after;
      buffer.writeUInt32LE(EPOCH_SECONDS + Math.floor(time / 1_000_000), at);
      buffer.writeUInt32LE(time % 1_000_000, at + 4);
      buffer.writeUInt32LE(frame.length, at + 8);
      buffer.writeUInt32LE(frame.length, at + 12);
      const start = at + RECORD_HEADER;
      frame.copy(buffer, start);
      const [client, other] = from === 'client' ? [SOURCE, DESTINATION] : [DESTINATION, SOURCE];
      // 10.x.y.z and 192.0.2.x; a port for each session of an address.
      buffer.writeUInt32BE((0x0a00_0000 + (session % 5_000)) >>> 0, start + client);
      buffer.writeUInt32BE((0xc000_0200 + 1 + server) >>> 0, start + other);
      const [clientPort, serverPort] =
        from === 'client' ? [SOURCE_PORT, DESTINATION_PORT] : [DESTINATION_PORT, SOURCE_PORT];
      buffer.writeUInt16BE(20_000 + Math.floor(session / 5_000), start + clientPort);
      buffer.writeUInt16BE(25, start + serverPort);
      if (place !== null) buffer.write(digits, start + place, 'latin1');
      at = start + frame.length;
    }
    if (at >= PIECE) {
      writeSync(descriptor, buffer, 0, at);
      at = 0;
    }
  }
  writeSync(descriptor, buffer, 0, at);
  closeSync(descriptor);
}
