/** What happens to packets on the way, and what a capture misses of them. */
import { ACK, edit, inTime, moveSequence, type Packet, payloadOf, SYN, segmentOf, snap, split } from '../rewrite.ts';
import { fragment } from '../wrap.ts';
import { writePcap } from '../write.ts';
import { type Deriver, fromServer, isRecord } from './deriver.ts';

const holds = (text: string) => (packet: Packet) => payloadOf(packet).includes(text, 0, 'latin1');
const data = (packet: Packet) => payloadOf(packet).length > 0;
const SMTP = 25;

export function deriveNetwork(make: Deriver): void {
  const base = 'tls-1.2.pcap';
  const small = 'small-mss-536.pcap';
  const packets = make.packets(base);
  const parts = make.packets(small);
  const lost = { server: 'lost', client: 'not-requested' } as const;
  const hello = parts.findIndex((packet) => fromServer(packet) && isRecord(packet, 22));
  /** Indexes of the server's segments that carry the Certificate message. */
  const certificate = parts.flatMap((packet, i) =>
    i >= hello && i < hello + 6 && fromServer(packet) && data(packet) ? [i] : [],
  );
  if (certificate.length < 4) throw new Error('the certificate does not lie in enough segments');

  const swapped = [...parts];
  const [one, two] = [certificate[1], certificate[2]];
  swapped[one] = { ...parts[two], at: parts[one].at };
  swapped[two] = { ...parts[one], at: parts[two].at };
  make.edited(
    'segments-reordered',
    small,
    swapped,
    'Two segments of the server\u2019s Certificate message are swapped',
  );

  make.edited(
    'segments-reordered-by-time',
    small,
    parts.map((packet, i) => (i === one ? { ...packet, at: parts[two].at + 5_000n } : packet)),
    'The packets lie in the right order but their times run backwards in the Certificate message',
  );

  make.edited(
    'segment-retransmitted',
    small,
    inTime([...parts, { ...parts[one], at: parts[two + 1].at + 200_000n }]),
    'A segment of the Certificate message is sent again later',
    { problems: [] },
  );
  make.edited(
    'packets-duplicated',
    base,
    packets.flatMap((packet) => [packet, { ...packet, at: packet.at + 1_000n }]),
    'Every packet twice, as a mirror port of a switch shows it',
  );
  const overlapping = edit(parts[two], {
    payload: Buffer.concat([payloadOf(parts[one]).subarray(200), payloadOf(parts[two])]),
    sequence: segmentOf(parts[one]).sequence + 200,
  });
  make.edited(
    'segments-overlapping',
    small,
    parts.map((packet, i) => (i === two ? overlapping : packet)),
    'A segment of the Certificate message repeats the end of the one before it, with the same bytes',
  );
  const conflicting = Buffer.from(payloadOf(parts[one]));
  conflicting.fill(0x58, 100, 160);
  make.edited(
    'segments-conflicting',
    small,
    inTime([...parts, edit(parts[one], { payload: conflicting, at: parts[one].at + 1_000n })]),
    'A segment of the Certificate message is followed by a copy of the same place with other bytes; the receiver took the first',
    { problems: ['overlapping segments with different bytes'] },
  );
  make.edited(
    'segment-lost-in-certificate',
    small,
    parts.filter((_, i) => i !== one),
    'A segment of the Certificate message was not captured, though the client acknowledged it',
    {
      sessions: make.sessions(small, { visibility: lost }),
      problems: ['gap of 524 bytes or so in the server\u2019s data'],
    },
  );
  make.edited(
    'segment-lost-before-starttls',
    base,
    packets.filter((packet) => !(fromServer(packet) && holds('250-STARTTLS')(packet))),
    'The reply to EHLO was not captured',
    { problems: ['gap in the server\u2019s data before STARTTLS'] },
  );
  make.edited(
    'segment-lost-greeting',
    base,
    packets.filter((packet) => !(fromServer(packet) && holds('220 mail')(packet))),
    'The greeting was not captured',
    { problems: ['gap in the server\u2019s data at its beginning'] },
  );

  const ends = parts.map(segmentOf);
  const server = (0x1_0000_0000 - ends[two].sequence - 100) >>> 0;
  const clientHello = parts.findIndex((packet) => !fromServer(packet) && isRecord(packet, 22));
  const client = (0x1_0000_0000 - ends[clientHello].sequence - 100) >>> 0;
  make.edited(
    'sequence-wraps',
    small,
    moveSequence(parts, SMTP, client, server),
    'Both sequence numbers pass 2^32, inside ClientHello and Certificate',
  );

  const second = 'tls-1.3.pcap';
  const port = segmentOf(packets[0]).sourcePort;
  const reused = make
    .packets(second)
    .map((packet) => edit(packet, fromServer(packet) ? { destinationPort: port } : { sourcePort: port }));
  make.edited(
    'port-reused',
    base,
    [...packets, ...reused],
    'A second connection between the same addresses and ports',
    {
      rewrittenFrom: `${base}, ${second}`,
      sessions: [...make.sessions(base), ...make.sessions(second)],
    },
  );

  make.edited(
    'syn-missing',
    base,
    packets.filter((packet) => !(segmentOf(packet).flags & SYN)),
    'The capture begins behind the TCP handshake',
  );
  const serverHello = packets.findIndex((packet) => fromServer(packet) && isRecord(packet, 22));
  make.edited('begins-at-server-hello', base, packets.slice(serverHello), 'The capture begins with the ServerHello', {
    sessions: make.sessions(base, {
      starttls: 'not-seen',
      serverName: null,
      note: 'nothing of SMTP is in the capture; "tls" is as right a service as "smtp"',
    }),
    problems: ['the connection was under way when the capture began'],
  });
  const clientFlight = packets.findIndex((packet, i) => i > serverHello && !fromServer(packet) && isRecord(packet, 22));
  make.edited(
    'begins-behind-certificate',
    base,
    packets.slice(clientFlight),
    'The capture begins with the client\u2019s ClientKeyExchange',
    {
      sessions: make.sessions(base, {
        starttls: 'not-seen',
        tlsVersion: null,
        serverName: null,
        // A Certificate message may have stood in front of the first message captured.
        visibility: { server: 'lost', client: 'lost' },
        note: 'nothing of SMTP is in the capture; "tls" is as right a service as "smtp"',
      }),
      problems: ['the connection was under way when the capture began'],
    },
  );
  const application = packets.findIndex((packet) => data(packet) && isRecord(packet, 23));
  make.edited(
    'begins-in-application-data',
    base,
    packets.slice(application),
    'The capture begins with encrypted application data',
    {
      sessions: make.sessions(base, {
        starttls: 'not-seen',
        tlsVersion: null,
        serverName: null,
        visibility: { server: 'lost', client: 'lost' },
        note: 'nothing of SMTP is in the capture; "tls" is as right a service as "smtp"',
      }),
      problems: ['the connection was under way when the capture began'],
    },
  );
  const inCertificate = parts.slice(one);
  make.edited('begins-inside-certificate', small, inCertificate, 'The capture begins inside the Certificate message', {
    sessions: make.sessions(small, {
      starttls: 'not-seen',
      tlsVersion: null,
      serverName: null,
      visibility: lost,
      note: 'nothing of SMTP is in the capture; "tls" is as right a service as "smtp"',
    }),
    problems: ['the connection was under way when the capture began'],
  });
  make.edited(
    'client-side-only',
    base,
    packets.filter((packet) => !fromServer(packet)),
    'Only the client\u2019s packets were captured',
    {
      sessions: make.sessions(base, {
        tlsVersion: null,
        visibility: lost,
        note: 'that STARTTLS was accepted follows from the ClientHello',
      }),
      problems: ['only one direction was captured'],
    },
  );
  make.edited('server-side-only', base, packets.filter(fromServer), 'Only the server\u2019s packets were captured', {
    sessions: make.sessions(base, {
      serverName: null,
      note: 'that STARTTLS was requested follows from the 220 and the ServerHello',
    }),
    problems: ['only one direction was captured'],
  });
  for (const bytes of [96, 256]) {
    const cut = snap(packets, bytes);
    make.save(
      `snap-length-${bytes}.pcap`,
      base,
      writePcap(cut, { snapLength: bytes }),
      cut.length,
      `Captured with a snap length of ${bytes} bytes`,
      {
        sessions: make.sessions(base, {
          visibility: lost,
          ...(bytes === 96
            ? { tlsVersion: null, serverName: null }
            : { note: 'the ClientHello is cut too, behind the server name' }),
        }),
        problems: ['packets are cut by a short snap length'],
      },
    );
  }
  // A segment with the ClientHello cut into three, as small writes make it.
  const at = packets.findIndex((packet) => !fromServer(packet) && isRecord(packet, 22));
  make.edited(
    'client-hello-in-three-segments',
    base,
    [...packets.slice(0, at), ...split(packets[at], 3, 60), ...packets.slice(at + 1)],
    'The ClientHello lies in three segments, the first ending inside the record header',
  );
  make.edited('ipv4-fragments', base, fragment(packets, 512), 'IPv4 datagrams in fragments of 512 bytes');
  make.edited('ipv4-fragments-last-first', base, fragment(packets, 512, true), 'IPv4 fragments in the opposite order');
  const lostFragment = fragment(packets, 512);
  const missing = lostFragment.findIndex(
    ({ bytes }, i) =>
      bytes.readUInt16BE(20) !== 0 &&
      (bytes.readUInt16BE(20) & 0x1fff) > 0 &&
      bytes.readUInt16BE(26) === 0x0a63 &&
      bytes[29] === 30 &&
      i > 12,
  );
  make.edited(
    'ipv4-fragment-lost',
    base,
    lostFragment.filter((_, i) => i !== missing),
    'One IPv4 fragment of the Certificate message is missing',
    {
      sessions: make.sessions(base, {
        tlsVersion: null,
        visibility: lost,
        note: 'the ServerHello was in the same datagram',
      }),
      problems: ['a fragmented datagram was not completed; gap in the server\u2019s data'],
    },
  );
  const six = make.packets('ipv6.pcap');
  make.edited('ipv6-fragments', 'ipv6.pcap', fragment(six, 512), 'IPv6 packets in fragments of 512 bytes');
  make.edited(
    'keep-alives-and-window-probes',
    base,
    packets.flatMap((packet, i) => {
      // RFC 9293 section 3.8.4: a probe repeats the byte before the next one, here with a byte of its own.
      if (i !== at - 1) return [packet];
      const { sequence, flags } = segmentOf(packets[at]);
      return [
        packet,
        edit(packets[at], {
          payload: Buffer.from([0]),
          sequence: sequence - 1,
          flags: flags & ACK,
          at: packet.at + 1_000n,
        }),
      ];
    }),
    'A keep-alive with one byte of rubbish at the number before the ClientHello',
  );
}
