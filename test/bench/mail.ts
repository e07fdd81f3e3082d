/** Mail sessions: whole SMTP conversations, most of them with STARTTLS and a recorded handshake. */
import { type Content, encrypted, encryptedAlert, fixed, line, prose } from './content.ts';
import { type Conversation, converse, type Step } from './conversation.ts';
import { estimateConversation, type Flow } from './flow.ts';
import { describe, ephemeralPort, inside, OUTSIDE_HOSTS, outside } from './hosts.ts';
import { Random } from './random.ts';
import { type Handshake, type HandshakeTemplate, issueFor, refresh } from './templates.ts';

type Protection = 'TLS 1.2' | 'TLS 1.3' | 'plaintext';

/** What the capture really holds, for one session. */
export interface MailSession {
  /** Microseconds since the capture began. */
  readonly start: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly protection: Protection;
  readonly template: string | null;
  /** SHA-256 of the certificates in the clear, in the order sent. */
  readonly serverCertificates: readonly string[];
  readonly clientCertificates: readonly string[];
}

interface Partner {
  readonly name: string;
  readonly host: number;
  readonly template: HandshakeTemplate | null;
  readonly handshake: Handshake | null;
}

const SESSIONS_FOR_EACH_PARTNER = 5;
const SMTP_PORT = 25;
const LARGEST_MESSAGE = 3 << 20;

function makePartners(
  count: number,
  templates: readonly HandshakeTemplate[],
  random: Random,
  first: number,
): readonly Partner[] {
  return Array.from({ length: count }, (_, index) => {
    const template = templates.length === 0 ? null : templates[index % templates.length];
    return {
      name: `mx.partner${first + index}.example`,
      host: random.below(OUTSIDE_HOSTS),
      template,
      handshake: template === null ? null : issueFor(template, random),
    };
  });
}

/** A few partners get most of the mail. */
const pickPartner = (partners: readonly Partner[], random: Random): Partner =>
  partners[Math.floor(partners.length * random.fraction() ** 2)];

function capabilities(partner: Partner, afterTls: boolean): string {
  const startTls = partner.handshake !== null && !afterTls ? '250-STARTTLS\r\n' : '';
  return `250-${partner.name}\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ETRN\r\n${startTls}250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n`;
}

const THINKING = 40_000;

/** The delivery after any STARTTLS; `wrap` turns each side's line into what goes on the wire. */
function delivery(
  partner: Partner,
  messageLength: number,
  random: Random,
  wrap: (text: string) => Content,
  message: Content,
): readonly Step[] {
  const step = (from: Step['from'], content: Content): Step => ({ from, content, wait: random.between(100, THINKING) });
  const mailbox = `user${random.below(1_000_000)}`;
  return [
    step('client', wrap(`MAIL FROM:<${mailbox}@office.example> SIZE=${messageLength}\r\n`)),
    step('server', wrap('250 2.1.0 Ok\r\n')),
    step('client', wrap(`RCPT TO:<${mailbox}@${partner.name.slice(3)}>\r\n`)),
    step('server', wrap('250 2.1.5 Ok\r\n')),
    step('client', wrap('DATA\r\n')),
    step('server', wrap('354 End data with <CR><LF>.<CR><LF>\r\n')),
    step('client', message),
    step('client', wrap('\r\n.\r\n')),
    step('server', wrap(`250 2.0.0 Ok: queued as ${random.next().toString(16).toUpperCase()}\r\n`)),
    step('client', wrap('QUIT\r\n')),
    step('server', wrap('221 2.0.0 Bye\r\n')),
  ];
}

function dialogue(partner: Partner, messageLength: number, random: Random): readonly Step[] {
  const step = (from: Step['from'], text: string): Step => ({
    ...{ from, content: line(text), wait: random.between(100, THINKING) },
  });
  const hello = [
    step('server', `220 ${partner.name} ESMTP Postfix\r\n`),
    step('client', `EHLO relay${random.below(4)}.office.example\r\n`),
    step('server', capabilities(partner, false)),
  ];
  if (partner.handshake === null) {
    return [...hello, ...delivery(partner, messageLength, random, line, prose(messageLength, random))];
  }
  const flights = refresh(partner.handshake, random).map(({ from, data }): Step => {
    return { from, content: fixed(data), wait: random.between(100, 3_000) };
  });
  const cipher = (text: string): Content => encrypted(text.length + 24, random);
  const protectedStep = (from: Step['from'], text: string): Step => ({
    ...{ from, content: cipher(text), wait: random.between(100, THINKING) },
  });
  const closing = partner.template?.version === 'TLS 1.3' ? encrypted(19, random) : encryptedAlert(random);
  return [
    ...hello,
    step('client', 'STARTTLS\r\n'),
    step('server', '220 2.0.0 Ready to start TLS\r\n'),
    ...flights,
    protectedStep('client', `EHLO relay${random.below(4)}.office.example\r\n`),
    protectedStep('server', capabilities(partner, true)),
    ...delivery(partner, messageLength, random, cipher, encrypted(messageLength, random)),
    { from: 'server', content: closing, wait: 50 },
  ];
}

/** Plans `count` sessions over `duration` microseconds: 70 % TLS 1.2, 20 % TLS 1.3, 10 % in plaintext. */
export function planMail(
  count: number,
  duration: number,
  templates: readonly HandshakeTemplate[],
  seed: number,
): { readonly flows: readonly Flow[]; readonly sessions: readonly MailSession[] } {
  const random = new Random(seed, 1);
  const partners = Math.max(12, Math.round(count / SESSIONS_FOR_EACH_PARTNER));
  const mail = templates.filter((template) => template.use === 'mail');
  const of = (version: Protection) => mail.filter((template) => template.version === version);
  const byProtection: Readonly<Record<Protection, readonly Partner[]>> = {
    'TLS 1.2': makePartners(Math.round(partners * 0.7), of('TLS 1.2'), random, 0),
    'TLS 1.3': makePartners(Math.round(partners * 0.2), of('TLS 1.3'), random, 10_000),
    plaintext: makePartners(Math.round(partners * 0.1), [], random, 20_000),
  };
  const taken = new Set<string>();
  const planned = Array.from({ length: count }, (_, index) => {
    const share = index % 10;
    const protection: Protection = share < 7 ? 'TLS 1.2' : share < 9 ? 'TLS 1.3' : 'plaintext';
    const partner = pickPartner(byProtection[protection], random);
    const version6 = random.chance(0.15);
    const inbound = random.chance(0.4);
    const relay = random.between(10, 13);
    const place = (port: number) => ({
      client: inbound ? outside(random.below(OUTSIDE_HOSTS), port, version6) : inside(relay, port, version6),
      server: inbound ? inside(relay, SMTP_PORT, version6) : outside(partner.host, SMTP_PORT, version6),
    });
    let ends = place(ephemeralPort(random));
    const key = () => JSON.stringify([describe(ends.client), describe(ends.server)]);
    while (taken.has(key())) ends = place(ephemeralPort(random));
    taken.add(key());
    const conversation: Conversation = {
      ...ends,
      start: Math.floor(random.fraction() * duration),
      roundTrip: Math.min(400_000, Math.round(random.aroundMedian(25_000, 0.8))),
      spacing: random.between(15, 150),
      window: random.pick([10, 20, 44]),
      timestamps: random.chance(0.4),
      opening: 'handshake',
      closing: 'fin',
      idle: random.between(100, 20_000),
    };
    const messageLength = Math.min(LARGEST_MESSAGE, Math.max(600, Math.round(random.aroundMedian(12_000, 1.5))));
    const session: MailSession = {
      start: conversation.start,
      client: describe(conversation.client),
      server: describe(conversation.server),
      protection,
      template: partner.template?.name ?? null,
      serverCertificates: partner.handshake?.serverCertificates ?? [],
      clientCertificates: partner.handshake?.clientCertificates ?? [],
    };
    const flow: Flow = {
      start: conversation.start,
      estimate: estimateConversation([messageLength, 4_000, ...new Array<number>(20).fill(60)]),
      packets: () => {
        const own = new Random(seed ^ 0x3a11, index);
        return converse(conversation, dialogue(partner, messageLength, own), own);
      },
    };
    return { flow, session };
  });
  planned.sort((left, right) => left.session.start - right.session.start);
  return { flows: planned.map(({ flow }) => flow), sessions: planned.map(({ session }) => session) };
}
