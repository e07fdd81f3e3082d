/** Fuzzing of the SMTP dialogue: any bytes of either side, in any pieces, with holes. */
import { LIMITS } from '../../../shared/bytes/limits.ts';
import { describeCommand } from '../../../shared/smtp/command.ts';
import { SmtpDialogue } from '../../../shared/smtp/dialogue.ts';
import { describeProxyHeader } from '../../../shared/smtp/proxy-header.ts';
import { describeReply } from '../../../shared/smtp/reply.ts';
import { Chance, plantedDialogue, type Turn } from '../../support/planted.ts';

interface Piece {
  readonly kind: 'bytes' | 'hole';
  readonly side: 'client' | 'server';
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Pieces begin with this byte and one that says whose they are; so that splices of inputs are inputs. */
const MARK = 0xfe;
const SIDES = ['client', 'server'] as const;

export const target = { name: 'smtp', seeds, run };

function seeds(): Uint8Array[] {
  const opening: Turn[] = [
    { from: 'client', bytes: 'PROXY TCP4 192.0.2.7 198.51.100.25 50123 25\r\n' },
    { from: 'client', bytes: 'CONNECT mx.example:25 HTTP/1.1\r\nHost: mx\r\n\r\n' },
    { from: 'server', bytes: 'HTTP/1.1 200 ok\r\n\r\n220 mx ESMTP\r\n' },
    { from: 'client', bytes: 'EHLO a\r\nSTARTTLS\r\nRSET\r\n' },
    { from: 'server', bytes: '250-mx\r\n250-XXXXXXXA\r\n250 X-ANONYMOUSTLS\r\n220 go\r\n250 more\r\n' },
    { from: 'client', bytes: '\x16\x03\x01\x00\x05abcde' },
    { from: 'server', bytes: '454 no\r\n' },
  ];
  const random = Array.from(
    { length: 24 },
    (_, seed) => plantedDialogue(new Chance(seed), { data: true, chunks: true }).turns,
  );
  return [opening, ...random].map((turns) =>
    Uint8Array.from(turns.flatMap(({ from, bytes }) => [MARK, SIDES.indexOf(from), ...Buffer.from(bytes, 'latin1')])),
  );
}

function piecesOf(input: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < input.length; ) {
    const next = input.indexOf(MARK, at + 1);
    const end = next < 0 ? input.length : next;
    const head = input[at + 1] ?? 0;
    const kind = (head & 0xf0) === 0x80 ? 'hole' : 'bytes';
    pieces.push({
      kind,
      side: SIDES[head & 1],
      bytes: input.subarray(Math.min(end, at + 2), end),
      size: (head >> 1) & 7,
    });
    at = end;
  }
  return pieces;
}

function run(input: Uint8Array): void {
  const pieces = piecesOf(input);
  const whole = outcome(pieces, Number.POSITIVE_INFINITY);
  // Behind a hole it is guessed whether TLS goes on, by as many bytes as are there.
  if (pieces.some(({ kind }) => kind === 'hole')) return;
  for (const step of [1, 5]) {
    const split = outcome(pieces, step);
    if (split !== whole) throw new Error(`split into pieces of ${step}:\n${split}\nas a whole:\n${whole}`);
  }
}

/** Everything that the dialogue tells, as text; each piece is pushed in pieces of `step` bytes. */
function outcome(pieces: readonly Piece[], step: number): string {
  const told: string[] = [];
  const tell = (text: string) => {
    if (text.length > 4 * LIMITS.smtpTextCharacters) throw new Error(`an event of ${text.length} characters`);
    told.push(text);
  };
  const dialogue = new SmtpDialogue<number>(
    {
      proxyHeader: (header) => tell(describeProxyHeader(header)),
      command: (command) => tell(describeCommand(command)),
      reply: (reply, role) => tell(`${role} ${describeReply(reply)}`),
      content: (verb, byteLength, complete) => tell(`${verb} ${byteLength} ${complete}`),
      injection: (side, summary) => tell(`${side} ${summary}`),
      plaintextAnswer: (reply) => tell(`plaintext ${describeReply(reply)}`),
    },
    {
      follows: (reply, command) => reply > command,
      isMailPort: (pieces[0]?.size ?? 0) === 1,
      isServerBehind: () => (pieces[1]?.size ?? 0) === 1,
    },
  );
  const tls = { client: -1, server: -1 };
  pieces.forEach(({ kind, side, bytes, size }, at) => {
    if (tls[side] >= 0) {
      tls[side] += bytes.length;
      return;
    }
    if (kind === 'hole') dialogue.hole(side, size);
    for (let start = 0; start < bytes.length && tls[side] < 0; start += step) {
      const end = Math.min(bytes.length, start + step);
      const offset = dialogue.push(side, bytes, start, end, at);
      if (offset < 0) continue;
      if (offset < start || offset > end) throw new Error(`TLS begins at ${offset}, outside of ${start} to ${end}`);
      tls[side] = dialogue.tlsPrefix(side).length + bytes.length - offset;
    }
  });
  dialogue.finish(pieces.length);
  const { envelopes, extensions, greeting, clientName, evidence, upgrade } = dialogue;
  if (envelopes.length > LIMITS.smtpEnvelopes) throw new Error('too many envelopes');
  if ((extensions?.length ?? 0) > LIMITS.smtpReplyLines) throw new Error('too many extensions');
  return JSON.stringify(
    [told, tls, envelopes, extensions, greeting, clientName, evidence, upgrade, dialogue.startTlsState()],
    null,
    1,
  );
}
