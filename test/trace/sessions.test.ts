import { describe, expect, it } from 'vitest';
import type { Session } from '../../shared/contract/analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import {
  ACK,
  FIN,
  latin1,
  problemsOf,
  RST,
  SYN,
  sessionOf,
  sessionsOf,
  split,
  storyOf,
  Talk,
  type TalkOptions,
  type TalkPacket,
} from '../support/talk.ts';
import { loadFixture } from '../tls/support.ts';

const TLS12 = loadFixture('tls12-ecdhe-rsa');
const HELLO_LENGTH = 5 + ((TLS12.client[3] << 8) | TLS12.client[4]);
const OFFER = '250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n';

/** The dialogue up to the 220 of STARTTLS. */
function upgraded(options: TalkOptions = {}): Talk {
  return new Talk(options)
    .open()
    .server('220 mx ESMTP\r\n')
    .client('EHLO client.example\r\n')
    .server(OFFER)
    .client('STARTTLS\r\n')
    .server('220 go ahead\r\n');
}

/** The whole of it: STARTTLS, and TLS 1.2 with a visible chain, in segments of 700 bytes. */
function delivered(options: TalkOptions = {}): Talk {
  const talk = upgraded(options).client(TLS12.client.subarray(0, HELLO_LENGTH));
  const { server, client } = TLS12;
  for (let at = 0; at < server.length; at += 700) talk.server(server.subarray(at, at + 700));
  return talk.client(client.subarray(HELLO_LENGTH)).close();
}

/** What a session says, without where and when it says it. */
function factsOf({ service, smtp, tls, certificates, client, server }: Session) {
  const chain = certificates.server.chain.map(({ sha256 }) => sha256);
  const visibility = [certificates.server.visibility, certificates.client.visibility];
  const upgrade = smtp?.upgrade && [smtp.upgrade.command, smtp.upgrade.replyCode];
  return {
    service,
    smtp: { ...smtp, upgrade },
    tls: tls && { ...tls, alerts: tls.alerts.length },
    chain,
    visibility,
    client,
    server,
  };
}

const PLAIN = factsOf(sessionOf(delivered().packets));
const isServerTls = ({ from, payload }: TalkPacket) => from === 'server' && payload.length > 500;

describe('a whole session', () => {
  it('has its facts', () => {
    expect(PLAIN).toMatchObject({
      service: 'smtp',
      smtp: { starttls: 'accepted', clientName: 'client.example', upgrade: ['STARTTLS', 220] },
      tls: { version: 'TLS 1.2', outcome: 'established', serverName: 'mail.fabrikam.example' },
      visibility: ['visible', 'not-requested'],
    });
    expect(PLAIN.chain).toHaveLength(2);
    expect(problemsOf(sessionOf(delivered().packets))).toEqual([]);
  });

  it('is told in order', () => {
    expect(storyOf(sessionOf(delivered().packets)).slice(0, 9)).toEqual([
      'client tcp-open connects (SYN)',
      'server tcp-open accepts (SYN, ACK)',
      'server smtp-reply 220 mx ESMTP',
      'client smtp-command EHLO client.example',
      'server smtp-reply 250 mx (and 2 more lines)',
      'client smtp-command STARTTLS',
      'server smtp-reply 220 go ahead',
      'client tls-start TLS begins',
      'client tls-handshake ClientHello: server name mail.fabrikam.example, up to TLS 1.2',
    ]);
  });

  it('carries the numbers of its frames', () => {
    const noise = new Talk({ clientPort: 1, serverPort: 2 }).open().client('noise').packets;
    const { packets } = delivered();
    const session = sessionOf([...noise, ...packets.slice(0, 5), ...noise, ...packets.slice(5)]);
    expect([session.firstFrame, session.lastFrame]).toEqual([5, packets.length + 8]);
    expect(session.displayFilter).toContain(`frame.number >= 5 && frame.number <= ${packets.length + 8}`);
    expect(session.smtp?.upgrade?.frame).toBe(15);
  });
});

describe('what a network does to a session changes none of its facts', () => {
  const { packets } = delivered();
  const facts = (changed: readonly TalkPacket[]) => factsOf(sessionOf(changed));

  it('IPv6', () => {
    const addresses = { clientAddress: '2001:db8::1', serverAddress: '2001:db8::25' };
    const { client, server, ...rest } = facts(delivered(addresses).packets);
    const { client: _, server: __, ...plain } = PLAIN;
    expect(rest).toEqual(plain);
    expect([client.address, server.address]).toEqual(Object.values(addresses));
  });

  it('sequence numbers that wrap', () => {
    const options = { clientSequence: 2 ** 32 - 20, serverSequence: 2 ** 32 - 100 };
    expect(facts(delivered(options).packets)).toEqual(PLAIN);
  });

  it('every packet cut in two, in either order', () => {
    packets.forEach((packet, index) => {
      if (packet.payload.length < 2) return;
      const halves = split(packet, packet.payload.length >> 1);
      const around = (parts: readonly TalkPacket[]) => [
        ...packets.slice(0, index),
        ...parts,
        ...packets.slice(index + 1),
      ];
      expect(facts(around(halves))).toEqual(PLAIN);
      expect(facts(around([...halves].reverse()))).toEqual(PLAIN);
    });
  });

  it('bytes one by one', () => {
    const bytewise = packets.flatMap((packet) => {
      if (packet.payload.length === 0 || packet.payload.length > 100) return [packet];
      return Array.from(packet.payload, (_, at) => ({
        ...packet,
        payload: packet.payload.subarray(at, at + 1),
        sequence: (packet.sequence + at) >>> 0,
      }));
    });
    expect(facts(bytewise)).toEqual(PLAIN);
  });

  it('every packet captured twice (SPAN)', () => {
    const doubled = packets.flatMap((packet, index) => [
      { ...packet, milliseconds: index * 10 },
      { ...packet, milliseconds: index * 10 + 0.3 },
    ]);
    expect(facts(doubled)).toEqual(PLAIN);
    const session = sessionOf(doubled);
    expect(problemsOf(session)).toEqual(['duplicate-packets']);
    expect(storyOf(session)).toEqual(storyOf(sessionOf(packets)));
  });

  it('every packet sent again', () => {
    packets.forEach((packet, index) => {
      if (packet.payload.length === 0) return;
      const again = { ...packet, identification: 60_000 };
      const session = sessionOf([...packets.slice(0, index + 1), again, ...packets.slice(index + 1)]);
      expect(factsOf(session)).toEqual(PLAIN);
      expect(storyOf(session).filter((line) => line.includes('tcp-retransmission'))).toHaveLength(1);
    });
  });

  it('a segment sent again in one piece with the next (RFC 9293 section 3.8.1)', () => {
    const certificates = packets.filter(isServerTls);
    const joined = {
      ...certificates[0],
      payload: Uint8Array.from([...certificates[0].payload, ...certificates[1].payload]),
      identification: 60_001,
    };
    const at = packets.indexOf(certificates[1]);
    expect(facts([...packets.slice(0, at), joined, ...packets.slice(at)])).toEqual(PLAIN);
  });

  it('the first copy wins where a later one differs, and that is told', () => {
    const [target] = packets.filter(isServerTls);
    const forged = { ...target, payload: target.payload.map((byte) => byte ^ 0x55), identification: 60_002 };
    const at = packets.indexOf(target) + 1;
    const session = sessionOf([...packets.slice(0, at), forged, ...packets.slice(at)]);
    expect(factsOf(session)).toEqual(PLAIN);
    expect(problemsOf(session)).toEqual(['tcp-conflict']);
    expect(session.problems[0].frame).toBe(at + 1);
  });

  it('keep-alives and zero-window probes', () => {
    const talk = delivered();
    const first = talk.packets.filter(({ from }) => from === 'client').at(3);
    if (!first) throw new Error('no client packet');
    const probe = { ...first, payload: latin1('\0'), sequence: (first.sequence - 1) >>> 0, identification: 60_003 };
    const empty = { ...probe, payload: new Uint8Array(0) };
    const at = talk.packets.indexOf(first);
    const session = sessionOf([...talk.packets.slice(0, at), probe, empty, ...talk.packets.slice(at)]);
    expect(factsOf(session)).toEqual(PLAIN);
    expect(problemsOf(session)).toEqual([]);
  });

  it('the SYN captured behind the first data', () => {
    const [syn, accept, acknowledge, ...rest] = packets;
    expect(facts([rest[0], syn, accept, acknowledge, ...rest.slice(1)])).toEqual(PLAIN);
  });

  it('simultaneous open', () => {
    const [syn, accept, , ...rest] = packets;
    const opening = [
      syn,
      { ...accept, flags: SYN, acknowledgement: 0 },
      { ...syn, flags: SYN | ACK, identification: 60_004 },
    ];
    expect(facts([...opening, ...rest])).toEqual(PLAIN);
  });

  it('no SYN', () => {
    const session = sessionOf(packets.slice(3));
    expect(factsOf(session)).toEqual(PLAIN);
    expect(problemsOf(session)).toEqual(['capture-starts-late']);
  });

  it('a FIN captured in front of the last data', () => {
    const fin = packets.findIndex(({ from, flags }) => from === 'client' && (flags & FIN) !== 0);
    const last = packets.findLastIndex(({ from, payload }) => from === 'client' && payload.length > 0);
    const order = packets.filter((_, index) => index !== fin);
    order.splice(last, 0, packets[fin]);
    expect(facts(order)).toEqual(PLAIN);
  });
});

describe('a ClientHello to a server of plain HTTP', () => {
  it('fails: the server has taken it for something else', () => {
    const talk = new Talk({ serverPort: 80 }).open().client(TLS12.client.subarray(0, HELLO_LENGTH));
    talk.server('HTTP/1.1 400 Bad Request\r\n', 'Content-Length: 0\r\n\r\n').close();
    const session = sessionOf(talk.packets, 'tls');
    expect(session.tls?.outcome).toBe('failed');
    expect(session.certificates.server.visibility).toBe('none');
    expect(problemsOf(session)).toEqual(['plaintext-answer']);
  });

  it('is no failure where the answer is TLS and only the agreement to it comes late', () => {
    const talk = new Talk({ serverPort: 80 }).open().client('CONNECT mx.example:443 HTTP/1.1\r\n\r\n');
    talk.server('HTTP/1.1 200 ok\r\n\r\n').client(TLS12.client.subarray(0, HELLO_LENGTH));
    const [agreement, hello] = talk.packets.slice(-2);
    const packets = [...talk.packets.slice(0, -2), hello, agreement];
    expect(sessionOf([...packets, ...talk.server(TLS12.server).packets.slice(-1)], 'tls').tls?.outcome).toBe(
      'incomplete',
    );
  });
});

describe('a flow on an unknown port before it is known to be mail', () => {
  const greeted = () => new Talk({ serverPort: 10_025 }).open().server('220 m').server('x.example ESMTP\r\n');

  it('a greeting whose second half was captured first', () => {
    const { packets } = greeted().client('EHLO client.example\r\n').server('250 mx.example\r\n').close();
    const second = packets.findIndex(({ payload }) => payload.length > 5);
    const order = [...packets];
    order.splice(second - 1, 2, packets[second], packets[second - 1]);
    expect(sessionOf(order).smtp?.greeting).toEqual({ code: 220, text: 'mx.example ESMTP' });
  });

  it('content of which the capture begins in the midst, and that looks like commands', () => {
    const talk = greeted().client('DATA\r\n').server('354 go\r\n');
    const before = talk.packets.length;
    talk.client('Subject: Splendid\r\n').client('RCPT TO:<splendid>\r\n').client('EHLO splendid\r\n.\r\n');
    talk
      .server('250 2.0.0 queued\r\n')
      .client('MAIL FROM:<next@client.example>\r\n')
      .server('250 2.1.0 Ok\r\n')
      .close();
    const session = sessionOf(talk.packets.slice(before));
    expect(JSON.stringify(session).toLowerCase()).not.toContain('splendid');
    expect(session.smtp?.envelopes.map(({ mailFrom }) => mailFrom)).toEqual(['next@client.example']);
  });
});

describe('packets that were not captured', () => {
  const { packets } = delivered();
  const without = (lost: (packet: TalkPacket) => boolean) => packets.filter((packet) => !lost(packet));

  it('in the certificates: the size and the frame of the hole, and what follows is still read', () => {
    const [, second] = packets.filter(isServerTls);
    const session = sessionOf(without((packet) => packet === second));
    expect(session.certificates.server.visibility).toBe('lost');
    expect(session.tls?.outcome).toBe('established');
    const gap = session.problems.find(({ code }) => code === 'tcp-gap');
    expect(gap?.message).toContain('700 bytes');
    expect(gap?.frame).toBe(packets.indexOf(second) + 1);
    expect(storyOf(session)).toContain('server tcp-gap gap: 700 bytes not captured');
    expect(storyOf(session)).toContain('client tcp-close closes (FIN)');
  });

  it('the whole ServerHello and the start of the certificates', () => {
    const [first] = packets.filter(isServerTls);
    const { certificates, tls } = sessionOf(without((packet) => packet === first));
    expect(certificates.server.visibility).toBe('lost');
    expect(tls?.serverName).toBe('mail.fabrikam.example');
  });

  it('the first segment of the server, and the next begins with text', () => {
    const talk = upgraded().client(TLS12.client.subarray(0, HELLO_LENGTH));
    const at = Buffer.from(TLS12.server).indexOf('Test Issuing CA');
    talk.server(TLS12.server.subarray(0, at), TLS12.server.subarray(at)).client(TLS12.client.subarray(HELLO_LENGTH));
    const lost = talk.packets.findIndex(({ from, payload }) => from === 'server' && payload.length === at);
    const session = sessionOf(talk.packets.filter((_, index) => index !== lost));
    expect(session.certificates.server.visibility).toBe('lost');
    expect(storyOf(session).join()).toContain('ServerHelloDone');
  });

  it('the ClientHello', () => {
    const hello = packets.find(({ from, payload }) => from === 'client' && payload.length === HELLO_LENGTH);
    const { certificates, tls, smtp } = sessionOf(without((packet) => packet === hello));
    expect(certificates.server.visibility).toBe('visible');
    expect([smtp?.starttls, tls?.serverName]).toEqual(['accepted', null]);
  });

  it.each(['220 go', 'STARTTLS'])('%s: STARTTLS was accepted all the same, for TLS followed', (text) => {
    const lost = packets.find(({ payload }) => Buffer.from(payload).toString('latin1').startsWith(text));
    const session = sessionOf(without((packet) => packet === lost));
    expect(session.smtp?.starttls).toBe('accepted');
    expect(session.certificates.server.visibility).toBe('visible');
  });

  it('only the client', () => {
    const session = sessionOf(without(({ from }) => from === 'server'));
    expect(session.smtp).toMatchObject({ starttls: 'accepted', greeting: null, upgrade: { replyCode: null } });
    expect(session.tls).toMatchObject({ serverName: 'mail.fabrikam.example', version: null });
    expect(session.certificates.server.visibility).toBe('lost');
    expect(problemsOf(session)).toEqual(['one-direction']);
  });

  it('only the server', () => {
    const session = sessionOf(without(({ from }) => from === 'client'));
    expect(session.smtp).toMatchObject({ starttls: 'accepted', clientName: null, upgrade: { command: 'STARTTLS' } });
    expect(session.certificates.server).toMatchObject({ visibility: 'visible', chain: [{}, {}] });
    expect(session.client.port).toBe(40_000);
  });

  it.each([4, 6, 8, 9, 10, 11])('all before packet %d', (late) => {
    const session = sessionOf(packets.slice(late));
    expect(session.smtp?.starttls ?? 'accepted').toMatch(/accepted|not-seen/);
    expect(problemsOf(session)).toContain('capture-starts-late');
    expect(session.certificates.server.visibility).toBe(late > 9 ? 'lost' : 'visible');
  });

  it('bytes behind a short snap length: capture again with full packets', () => {
    const session = sessionOf(
      packets.map((packet) => (packet.payload.length > 60 ? { ...packet, captured: 60 } : packet)),
    );
    expect(session.certificates.server.visibility).toBe('lost');
    expect(session.certificates.server.explanation).toContain('snap length');
    expect(problemsOf(session)).toContain('short-snap-length');
    expect(problemsOf(session)).not.toContain('tcp-gap');
  });

  it('no payload at all (headers only)', () => {
    const session = sessionOf(packets.map((packet) => ({ ...packet, captured: 0 })));
    expect(session).toMatchObject({ service: 'smtp', tls: null, smtp: { starttls: 'not-seen' } });
  });
});

describe('connections that end early', () => {
  it('reset behind the ClientHello: cut', () => {
    const talk = upgraded()
      .client(TLS12.client.subarray(0, HELLO_LENGTH))
      .send('server', RST | ACK);
    const session = sessionOf(talk.packets);
    expect(session.certificates.server).toMatchObject({ visibility: 'cut' });
    expect(session.certificates.server.explanation).toContain('reset');
    expect(session.tls?.outcome).toBe('incomplete');
  });

  it('a SYN that is refused is a session that explains itself, one that nobody answers is none', () => {
    const refused = new Talk().send('client', SYN).send('server', RST | ACK);
    expect(sessionOf(refused.packets)).toMatchObject({ service: 'smtp', tls: null, smtp: { starttls: 'not-seen' } });
    expect(sessionsOf(new Talk().send('client', SYN).packets)).toEqual([]);
  });

  it('the server turns the client away in its greeting', () => {
    for (const [code, text] of [
      [421, 'busy'],
      [554, 'no'],
    ] as const) {
      const session = sessionOf(new Talk().open().server(`${code} 4.3.2 ${text}\r\n`).close().packets);
      expect(session.smtp).toMatchObject({ starttls: 'not-seen', greeting: { code } });
      expect(session.certificates.server.explanation).toContain(`greeting (${code})`);
    }
  });
});

describe('ports used again', () => {
  it('are two sessions, with the frames of each', () => {
    const first = delivered();
    const second = delivered({ clientSequence: 77_000_000, serverSequence: 3_000_000_000 });
    const sessions = sessionsOf([...first.packets, ...second.packets]);
    expect(sessions.map(factsOf)).toEqual([PLAIN, PLAIN]);
    expect(sessions.map(({ firstFrame }) => firstFrame)).toEqual([1, first.packets.length + 1]);
    expect(sessions.map(({ id }) => id)).toEqual(['s1', 's2']);
  });

  it('also behind a connection whose end was not captured', () => {
    const sessions = sessionsOf([
      ...upgraded().packets,
      ...delivered({ clientSequence: 5, serverSequence: 9 }).packets,
    ]);
    expect(sessions.map(({ smtp }) => smtp?.starttls)).toEqual(['accepted', 'accepted']);
    expect(sessions.map(({ tls }) => tls === null)).toEqual([true, false]);
  });
});

describe('what is no SMTP', () => {
  const spoken = (port: number, ...lines: readonly string[]) => {
    const talk = new Talk({ serverPort: port }).open();
    for (const line of lines) talk.send(line.startsWith('S:') ? 'server' : 'client', ACK, `${line.slice(2)}\r\n`);
    return talk;
  };
  const PROTOCOLS: readonly [string, readonly string[]][] = [
    ['FTP', ['S:220 ProFTPD ready', 'C:USER x', 'S:331 password', 'C:PASS y', 'S:230 in']],
    ['FTP with AUTH TLS', ['S:220 ready', 'C:AUTH TLS', 'S:234 go']],
    ['FTP, the server only', ['S:220 ready', 'S:234 go']],
    ['POP3 with STLS', ['S:+OK ready', 'C:STLS', 'S:+OK go']],
    ['IMAP with STARTTLS', ['S:* OK ready', 'C:a1 STARTTLS', 'S:a1 OK go']],
    ['HTTP', ['C:GET / HTTP/1.1', 'C:Host: x', 'C:', 'S:HTTP/1.1 200 OK']],
    ['HTTP CONNECT to a web site', ['C:CONNECT www.example:443 HTTP/1.1', 'C:', 'S:HTTP/1.1 200 OK', 'S:']],
    ['IRC with STARTTLS', ['C:STARTTLS', 'S::irc.example 670 x :go']],
    ['NNTP', ['S:200 news ready', 'C:STARTTLS', 'S:382 go']],
  ];

  it.each(PROTOCOLS)('%s: no session, and its TLS is one in scope tls only', (_, lines) => {
    const plain = spoken(10_025, ...lines);
    expect(sessionsOf(plain.packets)).toEqual([]);
    expect(sessionsOf(plain.packets, 'tls')).toEqual([]);
    const hasClient = lines.some((line) => line.startsWith('C:'));
    const talk = spoken(10_025, ...lines);
    if (hasClient) talk.client(TLS12.client.subarray(0, HELLO_LENGTH));
    talk.server(TLS12.server);
    if (!hasClient) return;
    expect(sessionsOf(talk.packets)).toEqual([]);
    expect(sessionOf(talk.packets, 'tls')).toMatchObject({
      service: 'tls',
      smtp: null,
      certificates: { server: { visibility: 'visible' } },
    });
  });

  it('HTTP on port 25 is no session', () => {
    expect(sessionsOf(spoken(25, 'C:GET / HTTP/1.1', 'C:').packets)).toEqual([]);
  });
});

describe('SMTP on a port of its own', () => {
  it.each<Scope>(['mail', 'tls'])('is found by what is said (scope %s)', (scope) => {
    const session = sessionOf(delivered({ serverPort: 10_025 }).packets, scope);
    expect(factsOf(session)).toEqual({ ...PLAIN, server: { ...PLAIN.server, port: 10_025 } });
  });

  it('is found in the midst of its dialogue', () => {
    const session = sessionOf(delivered({ serverPort: 10_025 }).packets.slice(5));
    expect(session).toMatchObject({ service: 'smtp', smtp: { starttls: 'accepted' }, server: { port: 10_025 } });
  });

  it('is found behind a PROXY header and behind HTTP CONNECT', () => {
    for (const [header, answer] of [
      ['PROXY TCP4 192.0.2.7 198.51.100.25 1 25\r\n', ''],
      ['CONNECT mx.example:25 HTTP/1.1\r\nHost: mx.example\r\n\r\n', 'HTTP/1.1 200 ok\r\nVia: x\r\n\r\n'],
    ]) {
      const talk = new Talk({ serverPort: 3_128 }).open().client(header);
      if (answer) talk.server(answer);
      talk.server('220 mx ESMTP\r\n').client('EHLO a\r\n').server(OFFER).client('STARTTLS\r\n').server('220 go\r\n');
      talk.client(TLS12.client.subarray(0, HELLO_LENGTH)).server(TLS12.server);
      const session = sessionOf(talk.packets);
      expect(session).toMatchObject({
        service: 'smtp',
        smtp: { starttls: 'accepted', greeting: { text: 'mx ESMTP' } },
      });
      expect(session.certificates.server.visibility).toBe('visible');
      expect(storyOf(session).filter((line) => line.includes('proxy-header'))).toHaveLength(1);
    }
  });
});

describe('implicit TLS on port 465 (RFC 8314)', () => {
  it('is smtps, without a dialogue', () => {
    const talk = new Talk({ serverPort: 465 })
      .open()
      .client(TLS12.client.subarray(0, HELLO_LENGTH))
      .server(TLS12.server);
    expect(sessionOf(talk.packets)).toMatchObject({
      service: 'smtps',
      smtp: null,
      certificates: { server: { visibility: 'visible' } },
    });
  });
});

describe('scope tls', () => {
  it('the client of TLS is the client, also where the other side opened the connection', () => {
    // FTP's data connection in active mode: the server connects, and is the server of TLS all the same.
    const talk = new Talk({ clientPort: 20, serverPort: 50_000 }).open();
    talk
      .server(TLS12.client.subarray(0, HELLO_LENGTH))
      .client(TLS12.server)
      .server(TLS12.client.subarray(HELLO_LENGTH));
    const session = sessionOf(talk.packets, 'tls');
    expect(session).toMatchObject({ client: { port: 50_000 }, server: { port: 20 } });
    expect(session.certificates.server.visibility).toBe('visible');
    expect(storyOf(session).slice(0, 2)).toEqual([
      'server tcp-open connects (SYN)',
      'client tcp-open accepts (SYN, ACK)',
    ]);
  });

  it("a lost ServerHello behind another protocol's STARTTLS is lost, not damaged", () => {
    const talk = new Talk({ serverPort: 5_222 }).open().client('<starttls/>').server('<proceed/>');
    talk.client(TLS12.client.subarray(0, HELLO_LENGTH));
    const first = talk.packets.length;
    talk.server(TLS12.server.subarray(0, 600), TLS12.server.subarray(600)).client(TLS12.client.subarray(HELLO_LENGTH));
    const session = sessionOf(
      talk.packets.filter((_, index) => index !== first),
      'tls',
    );
    expect(session.certificates.server.visibility).toBe('lost');
    expect(problemsOf(session)).not.toContain('tls-bytes-skipped');
  });
});

describe('plaintext around STARTTLS', () => {
  it('injected by the client (RFC 3207 section 6)', () => {
    const talk = new Talk().open().server('220 mx ESMTP\r\n').client('EHLO a\r\n').server(OFFER);
    talk
      .client('STARTTLS\r\nRSET\r\n')
      .server('220 go\r\n')
      .client(TLS12.client.subarray(0, HELLO_LENGTH))
      .server(TLS12.server);
    const session = sessionOf(talk.packets);
    expect(problemsOf(session)).toContain('plaintext-injection');
    expect(session.certificates.server.visibility).toBe('visible');
  });

  it('injected by the server', () => {
    const talk = new Talk().open().server('220 mx ESMTP\r\n').client('EHLO a\r\n').server(OFFER).client('STARTTLS\r\n');
    talk.server('220 go\r\n250 extra\r\n').client(TLS12.client.subarray(0, HELLO_LENGTH)).server(TLS12.server);
    const session = sessionOf(talk.packets);
    expect(problemsOf(session)).toContain('plaintext-injection');
    expect(session.certificates.server.visibility).toBe('visible');
  });

  it('a server that answers the ClientHello in plaintext: there was no TLS', () => {
    const talk = upgraded().client(TLS12.client.subarray(0, HELLO_LENGTH)).server('454 4.7.0 TLS not available\r\n');
    const session = sessionOf(talk.packets);
    expect(session.tls?.outcome).toBe('failed');
    expect(session.certificates.server.visibility).toBe('none');
    expect(problemsOf(session)).toContain('plaintext-after-starttls');
  });

  it('X-ANONYMOUSTLS', () => {
    const talk = new Talk()
      .open()
      .server('220 mx ESMTP\r\n')
      .client('EHLO a\r\n')
      .server('250-mx\r\n250 X-ANONYMOUSTLS\r\n');
    talk
      .client('X-ANONYMOUSTLS\r\n')
      .server('220 go\r\n')
      .client(TLS12.client.subarray(0, HELLO_LENGTH))
      .server(TLS12.server);
    expect(sessionOf(talk.packets).smtp?.upgrade).toEqual({ command: 'X-ANONYMOUSTLS', replyCode: 220, frame: 7 });
  });
});
