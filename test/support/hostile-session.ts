/** An SMTP session over TLS 1.2 in which every text that an attacker chooses tries to take over a terminal. */
import {
  attribute,
  type Bytes,
  bytes,
  certificate,
  explicit,
  extension,
  hex,
  implicit,
  name,
  oid,
  sequence,
  utf8,
} from './der.ts';
import { ethernet, pcapFile, tcpSegment } from './frames.ts';
import { uint16 } from './octets.ts';

/**
 * Sets the window's title, colours, clears the screen, goes back in the line, turns the reading direction, isolates,
 * a C1 control, next line, line separator, zero width, byte order mark, a tag character, NUL.
 */
export const ATTACK =
  '\u001b]0;owned\u0007\u001b[31m\u001b[2J\rBACK\u202eEDISTUO\u2066\u009b31m\u0085\u2028\u200b\ufeff\u{e0041}\u0000';

/** A C1 control sequence introducer in Latin-1, which is no UTF-8. */
const BARE_C1 = Uint8Array.of(0x9b);
const CRLF = Uint8Array.of(0x0d, 0x0a);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const line = (value: string, ...more: readonly Uint8Array[]): Uint8Array => bytes(text(value), ...more, CRLF);

export function hostileCapture(): Uint8Array {
  const talk = new Conversation();
  talk.say('server', line(`220 greeting ${ATTACK}`));
  talk.say('client', line(`EHLO client${ATTACK}`));
  talk.say('server', line(`250-host ${ATTACK}`), line('250-STARTTLS'), line(`250 X-KEYWORD ${ATTACK}`, BARE_C1));
  talk.say('client', line(`MAIL FROM:<sender${ATTACK}@example.com>`));
  talk.say('server', line('250 OK'));
  talk.say('client', line(`RCPT TO:<recipient${ATTACK}@example.com>`, BARE_C1));
  talk.say('server', line(`550 no ${ATTACK}`, BARE_C1));
  talk.say('client', line('STARTTLS'));
  talk.say('server', line('220 go'));
  talk.say('client', record(message(1, clientHello())));
  talk.say('server', record(message(2, serverHello()), message(11, certificateList(hostileCertificate()))));
  return pcapFile(talk.packets);
}

const ENDS = {
  client: { address: '192.0.2.1', port: 40_000 },
  server: { address: '198.51.100.25', port: 25 },
} as const;

class Conversation {
  readonly packets: Uint8Array[] = [];
  readonly #next = { client: 1001, server: 5001 };

  constructor() {
    this.#packet('client', 0x02, new Uint8Array(0), 1000, 0);
    this.#packet('server', 0x12, new Uint8Array(0), 5000, 1001);
  }

  say(from: 'client' | 'server', ...payload: readonly Uint8Array[]): void {
    const joined = bytes(...payload);
    const to = from === 'client' ? 'server' : 'client';
    this.#packet(from, 0x18, joined, this.#next[from], this.#next[to]);
    this.#next[from] += joined.length;
  }

  #packet(
    from: 'client' | 'server',
    flags: number,
    payload: Uint8Array,
    sequenceNumber: number,
    acknowledgement: number,
  ) {
    const [source, destination] = from === 'client' ? [ENDS.client, ENDS.server] : [ENDS.server, ENDS.client];
    const segment = tcpSegment({
      source: source.address,
      destination: destination.address,
      sourcePort: source.port,
      destinationPort: destination.port,
      sequence: sequenceNumber,
      acknowledgement,
      flags,
      payload,
    });
    this.packets.push(ethernet(segment));
  }
}

function record(...fragments: readonly Uint8Array[]): Bytes {
  return bytes(0x16, 0x03, 0x03, vector(bytes(...fragments)));
}

function message(type: number, body: Uint8Array): Bytes {
  return bytes(type, 0, vector(body));
}

/** Length in two bytes, and the content. */
function vector(content: Uint8Array): Bytes {
  return bytes(uint16(content.length), content);
}

function clientHello(): Bytes {
  const serverName = bytes(uint16(0), vector(vector(bytes(0, vector(text(`mail${ATTACK}.example.com`))))));
  return bytes(0x03, 0x03, new Uint8Array(32), 0, vector(hex('c030')), 1, 0, vector(serverName));
}

function serverHello(): Bytes {
  return bytes(0x03, 0x03, new Uint8Array(32), 0, hex('c030'), 0);
}

function certificateList(der: Uint8Array): Bytes {
  const entry = bytes(0, vector(der));
  return bytes(0, vector(entry));
}

function hostileCertificate(): Bytes {
  const otherName = explicit(0, oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, utf8(`user${ATTACK}`)));
  return certificate({
    issuer: name(attribute('2.5.4.3', `issuer${ATTACK}`)),
    subject: name(attribute('2.5.4.3', `mail${ATTACK}`), attribute('2.5.4.10', `Organisation${ATTACK}`)),
    extensions: [extension('2.5.29.17', sequence(implicit(2, text(`name${ATTACK}.example.com`)), otherName))],
  });
}
