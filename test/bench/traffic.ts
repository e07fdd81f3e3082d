/** Everything in the capture that is not mail, and that an analyser of mail should pass over quickly. */
import { encrypted, encryptedAlert, fixed, line, noise, prose } from './content.ts';
import { type Conversation, converse, type Step } from './conversation.ts';
import { estimateConversation, type Flow, lengthsOf } from './flow.ts';
import { arpFrame, type Endpoint, icmpFrame, udpFrame } from './frames.ts';
import { ephemeralPort, INSIDE_HOSTS, inside, OUTSIDE_HOSTS, outside } from './hosts.ts';
import type { WholeFrame } from './packet.ts';
import { Random } from './random.ts';
import { type Handshake, type HandshakeTemplate, issueFor, refresh } from './templates.ts';

interface Setting {
  readonly duration: number;
  /** No single transfer is longer, so that small captures have many flows too. */
  readonly largestTransfer: number;
  readonly sites: readonly { readonly template: HandshakeTemplate; readonly handshake: Handshake }[];
  readonly seed: number;
}

type Planner = (random: Random, setting: Setting, index: number) => Flow;

const VERSION6_SHARE = 0.25;
const ALREADY_OPEN_SHARE = 0.04;
const SITES = 60;

function talk(random: Random, setting: Setting, serverPort: number): Conversation {
  const version6 = random.chance(VERSION6_SHARE);
  const alreadyOpen = random.chance(ALREADY_OPEN_SHARE);
  return {
    client: inside(random.between(256, INSIDE_HOSTS), ephemeralPort(random), version6),
    server: outside(random.below(OUTSIDE_HOSTS), serverPort, version6),
    start: alreadyOpen ? random.below(1_000) : Math.floor(random.fraction() * setting.duration * 0.95),
    roundTrip: Math.min(400_000, Math.round(random.aroundMedian(22_000, 0.8))),
    spacing: random.between(15, 400),
    window: random.pick([10, 16, 32, 44]),
    timestamps: random.chance(0.3),
    opening: alreadyOpen ? 'already-open' : 'handshake',
    closing: random.pick(['fin', 'fin', 'fin', 'reset', 'still-open']),
    // Browsers keep connections open for a while after the last answer.
    idle: random.between(10_000, Math.floor(setting.duration * 0.9)),
  };
}

/** A TCP flow whose steps are drawn twice from the same seed: once to measure, once to send. */
function tcpFlow(
  random: Random,
  setting: Setting,
  serverPort: number,
  steps: (random: Random, conversation: Conversation) => readonly Step[],
): Flow {
  const conversation = talk(random, setting, serverPort);
  const seed = random.next();
  return {
    start: conversation.start,
    estimate: estimateConversation(lengthsOf(steps(new Random(setting.seed, seed), conversation))),
    packets: () => {
      const own = new Random(setting.seed, seed);
      return converse(conversation, steps(own, conversation), own);
    },
  };
}

const transferLength = (random: Random, setting: Setting): number =>
  Math.min(setting.largestTransfer, Math.max(400, Math.round(random.aroundMedian(9_000, 1.7))));

const THINKING = 400_000;

const https: Planner = (random, setting) => {
  const site = random.pick(setting.sites);
  return tcpFlow(random, setting, 443, (own, conversation) => {
    const handshake =
      conversation.opening === 'already-open'
        ? []
        : refresh(site.handshake, own).map(({ from, data }): Step => {
            return { from, content: fixed(data), wait: own.between(100, 3_000) };
          });
    const exchanges = Array.from({ length: own.between(1, 6) }, (): readonly Step[] => [
      { from: 'client', content: encrypted(own.between(120, 900), own), wait: own.between(200, THINKING) },
      { from: 'server', content: encrypted(transferLength(own, setting), own), wait: own.between(500, 60_000) },
    ]);
    const farewell: Step = { from: 'client', content: encryptedAlert(own), wait: 200 };
    return [...handshake, ...exchanges.flat(), farewell];
  });
};

const http: Planner = (random, setting) =>
  tcpFlow(random, setting, 80, (own) =>
    Array.from({ length: own.between(1, 3) }, (_, index): readonly Step[] => {
      const length = transferLength(own, setting);
      const textual = own.chance(0.4);
      const request = `GET /files/${own.next().toString(36)}/${index} HTTP/1.1\r\nHost: www.relecloud.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n`;
      const answer = `HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: ${textual ? 'text/plain' : 'application/octet-stream'}\r\nContent-Length: ${length}\r\n\r\n`;
      return [
        { from: 'client', content: line(request), wait: own.between(200, THINKING) },
        { from: 'server', content: line(answer), wait: own.between(500, 60_000) },
        { from: 'server', content: textual ? prose(length, own) : noise(length, own), wait: 0 },
      ];
    }).flat(),
  );

const secureShell: Planner = (random, setting) =>
  tcpFlow(random, setting, 22, (own) => [
    { from: 'server', content: line('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), wait: 5_000 },
    { from: 'client', content: line('SSH-2.0-OpenSSH_9.6\r\n'), wait: 100 },
    { from: 'client', content: noise(1_504, own), wait: 500 },
    { from: 'server', content: noise(1_080, own), wait: 500 },
    ...Array.from({ length: own.between(20, 400) }, (_, index): Step => {
      const from = index % 2 === 0 ? 'client' : 'server';
      return {
        from,
        content: noise(own.between(36, from === 'client' ? 52 : 900), own),
        wait: own.between(500, 150_000),
      };
    }),
  ]);

const highPorts: Planner = (random, setting) =>
  tcpFlow(random, setting, random.between(20_000, 60_000), (own) =>
    Array.from({ length: own.between(1, 12) }, (): readonly Step[] => [
      { from: 'client', content: noise(own.between(20, 6_000), own), wait: own.between(200, THINKING) },
      { from: 'server', content: noise(transferLength(own, setting), own), wait: own.between(500, 60_000) },
    ]).flat(),
  );

const RECORD_HEADER_LENGTH = 16;

function frames(made: readonly WholeFrame[]): Flow {
  return {
    start: made[0].at,
    estimate: made.reduce((total, { frame }) => total + frame.length + RECORD_HEADER_LENGTH, 0),
    packets: () => made.values(),
  };
}

const whole = (at: number, frame: Buffer): WholeFrame => ({ kind: 'frame', at, frame });

/** RFC 1035 section 4.1: a question for one name, and with `answers` its A records. */
function dnsMessage(identifier: number, name: string, answers: number): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  const header = Buffer.alloc(12);
  header.writeUInt16BE(identifier, 0);
  header.writeUInt16BE(answers === 0 ? 0x0100 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers, 6);
  const record = Buffer.from('c00c000100010000012c0004644001', 'hex');
  const records = Array.from({ length: answers }, (_, index) => Buffer.concat([record, Buffer.of(index)]));
  return Buffer.concat([header, ...labels, Buffer.of(0, 0, 1, 0, 1), ...records]);
}

const dns: Planner = (random, setting, index) => {
  const version6 = random.chance(VERSION6_SHARE);
  const client = inside(random.between(256, INSIDE_HOSTS), ephemeralPort(random), version6);
  const server = outside(53, 53, version6);
  const name = `${random.next().toString(36)}.site${random.below(900)}.example`;
  const start = Math.floor(random.fraction() * setting.duration);
  const ask = udpFrame(client, server, dnsMessage(index & 0xffff, name, 0), index);
  const answer = udpFrame(server, client, dnsMessage(index & 0xffff, name, random.between(1, 8)), index);
  return frames([whole(start, ask), whole(start + random.between(800, 40_000), answer)]);
};

/** UDP on 443 with QUIC's packet sizes; the payload is noise behind a short header's first octet. */
const quic: Planner = (random, setting) => {
  const version6 = random.chance(VERSION6_SHARE);
  const client = inside(random.between(256, INSIDE_HOSTS), ephemeralPort(random), version6);
  const server = outside(random.below(OUTSIDE_HOSTS), 443, version6);
  const start = Math.floor(random.fraction() * setting.duration * 0.95);
  const count = random.between(6, 120);
  const seed = random.next();
  return {
    start,
    estimate: count * (1_000 + RECORD_HEADER_LENGTH),
    *packets() {
      const own = new Random(setting.seed, seed);
      let at = start;
      for (let index = 0; index < count; index += 1) {
        const fromServer = !own.chance(0.25);
        const payload = Buffer.allocUnsafe(fromServer ? 1_252 : own.between(30, 80));
        noise(payload.length, own).copy(0, payload, 0, payload.length);
        payload[0] = 0x40 | (payload[0] & 0x3f);
        yield whole(
          at,
          fromServer ? udpFrame(server, client, payload, index) : udpFrame(client, server, payload, index),
        );
        at += own.between(20, 20_000);
      }
    },
  };
};

const echo: Planner = (random, setting) => {
  const near = inside(random.between(256, INSIDE_HOSTS), 0, false);
  const far = outside(random.below(OUTSIDE_HOSTS), 0, false);
  const start = Math.floor(random.fraction() * setting.duration);
  const payload = Buffer.alloc(56, 0x2a);
  const [asked, answered]: readonly [Endpoint, Endpoint] = [near, far];
  const roundTrip = random.between(2_000, 90_000);
  return frames(
    Array.from({ length: 4 }, (_, sequence) => [
      whole(start + sequence * 1_000_000, icmpFrame(asked, answered, 8, sequence, payload)),
      whole(start + sequence * 1_000_000 + roundTrip, icmpFrame(answered, asked, 0, sequence, payload)),
    ]).flat(),
  );
};

const arp: Planner = (random, setting) => {
  const asker = inside(random.between(256, INSIDE_HOSTS), 0, false);
  const asked = inside(random.between(256, INSIDE_HOSTS), 0, false);
  const start = Math.floor(random.fraction() * setting.duration);
  return frames([whole(start, arpFrame(asker, asked, 1)), whole(start + 300, arpFrame(asked, asker, 2))]);
};

/** Shares of the bytes that mail leaves over. */
const MIX: readonly { readonly share: number; readonly plan: Planner }[] = [
  { share: 0.62, plan: https },
  { share: 0.22, plan: http },
  { share: 0.08, plan: highPorts },
  { share: 0.02, plan: secureShell },
  { share: 0.05, plan: quic },
  { share: 0.007, plan: dns },
  { share: 0.002, plan: echo },
  { share: 0.001, plan: arp },
];

/** Plans about `bytes` bytes of traffic over `duration` microseconds. */
export function planTraffic(
  bytes: number,
  duration: number,
  templates: readonly HandshakeTemplate[],
  seed: number,
): readonly Flow[] {
  const random = new Random(seed, 2);
  const web = templates.filter((template) => template.use === 'web');
  const sites = Array.from({ length: SITES }, () => {
    const template = random.pick(web);
    return { template, handshake: issueFor(template, random) };
  });
  const setting: Setting = { duration, largestTransfer: Math.min(30e6, Math.round(bytes / 40)), sites, seed };
  return MIX.flatMap(({ share, plan }) => {
    const flows: Flow[] = [];
    let left = bytes * share;
    for (let index = 0; left > 0; index += 1) {
      const flow = plan(random, setting, index);
      flows.push(flow);
      left -= flow.estimate;
    }
    return flows;
  });
}
