import { codeToHex } from '../bytes/hex.ts';
import { ProblemList } from '../bytes/problem-list.ts';
import type { Session, Side, SmtpFacts, TlsFacts, TlsOutcome } from '../contract/analysis.ts';
import { type Arrival, compareArrivals } from '../net/arrival.ts';
import type { Connection, ConnectionEvent, ConnectionHandler, Direction } from '../net/connection.ts';
import type { HoleCause } from '../net/half-stream.ts';
import { describeCommand } from '../smtp/command.ts';
import { SmtpDialogue } from '../smtp/dialogue.ts';
import { describeProxyHeader } from '../smtp/proxy-header.ts';
import { describeReply } from '../smtp/reply.ts';
import { startsTls } from '../smtp/tls-lead.ts';
import type { Fingerprints } from '../tls/fingerprints.ts';
import { cipherSuiteName } from '../tls/registries/cipher-suites.ts';
import { versionName } from '../tls/registries/protocol.ts';
import type { CertificateStore } from './certificate-store.ts';
import { displayFilter } from './display-filter.ts';
import { isMailPort } from './mail-detection.ts';
import { type PresentedContext, presented } from './presented.ts';
import { guessSide } from './side.ts';
import { Timeline, type TimeText } from './timeline.ts';
import { TlsConversation } from './tls-conversation.ts';
import { TlsSearch } from './tls-search.ts';

/** `mail`: SMTP on any port and implicit TLS on mail ports. `tls`: also every other TLS stream over TCP. */
export type Scope = 'mail' | 'tls';

export interface FinishedSession {
  readonly start: Arrival;
  /** Without its number, which is known when all sessions are there. */
  readonly session: Omit<Session, 'id'>;
}

/** What the recorders of a run share. */
export interface RecorderSink {
  readonly fingerprints: Fingerprints;
  readonly times: TimeText;
  session(session: FinishedSession): void;
  /** A connection to a mail port that was asked for and never answered. */
  unanswered(connection: Connection): void;
}

/** Repetitions that a timeline shows one by one; the rest is counted. */
const SHOWN_REPETITIONS = 20;
/** Events kept until it is known who is the client. */
const UNDIRECTED_EVENTS = 64;
/** Segments that a side may still send in plaintext after the other has begun TLS inside another protocol. */
const PLAINTEXT_STRAGGLERS = 16;

type Mode =
  /** SMTP, or not yet known to be something else. */
  | 'dialogue'
  /** The other side has begun TLS inside another protocol: this one will follow. */
  | 'awaiting-tls'
  | 'tls';

/**
 * Follows one connection from its first byte to its end and writes down what both sides said: SMTP until TLS begins,
 * TLS until it is established.
 */
export class SessionRecorder implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #store: CertificateStore;
  readonly #sink: RecorderSink;
  readonly #timeline = new Timeline();
  readonly #problems = new ProblemList();
  readonly #onMailPort: boolean;
  readonly #dialogue: SmtpDialogue<Arrival>;
  /** Present while TLS may begin inside a protocol that is not SMTP. */
  #search: TlsSearch | null;
  #tls: TlsConversation | null = null;
  /** Decided by the SYN or by the first bytes. */
  #clientDirection: Direction | null = null;
  readonly #mode: Record<Side, Mode> = { client: 'dialogue', server: 'dialogue' };
  #stragglers = 0;
  /** Where TLS began. */
  #tlsAt: Arrival | null = null;
  /** The first plaintext of the server behind the ClientHello inside another protocol. */
  #strayAnswer: Arrival | null = null;
  #undirected: { readonly direction: Direction; readonly event: ConnectionEvent; readonly arrival: Arrival }[] = [];
  /** The first bytes captured of the direction are not the first that were sent. */
  readonly #startsLate: [boolean, boolean] = [false, false];
  #opened = false;
  #ending: 'reset' | 'closed' | 'open' = 'open';
  #anyBytes = false;
  #lostBytes = 0;
  #snappedBytes = 0;
  #repetitions = 0;
  #duplicates = 0;
  #plaintextAnswer = false;
  #settled = false;

  constructor(connection: Connection, scope: Scope, store: CertificateStore, sink: RecorderSink) {
    this.#connection = connection;
    this.#store = store;
    this.#sink = sink;
    this.#onMailPort = connection.endpoints.some(({ port }) => isMailPort(port));
    this.#search = scope === 'tls' && !this.#onMailPort ? new TlsSearch() : null;
    this.#dialogue = this.#createDialogue();
  }

  event(direction: Direction, event: ConnectionEvent, arrival: Arrival): void {
    if (event.kind === 'open') {
      this.#opened = true;
      if (this.#clientDirection === null) this.#decideClient(event.accepts ? other(direction) : direction);
    }
    if (this.#clientDirection !== null) this.#tell(this.#sideOf(direction), event, arrival);
    else if (this.#undirected.length < UNDIRECTED_EVENTS) this.#undirected.push({ direction, event, arrival });
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    this.#anyBytes = true;
    if (this.#clientDirection === null) {
      const guess = this.#sideByMailPort(direction) ?? guessSide(bytes, start, end) ?? this.#sideByPort(direction);
      this.#decideClient(guess === 'client' ? direction : other(direction));
      for (const late of [0, 1] as const) if (this.#startsLate[late]) this.#skip(this.#sideOf(late), 0, arrival);
    }
    const side = this.#sideOf(direction);
    switch (this.#mode[side]) {
      case 'tls':
        this.#pushTls(side, bytes, start, end, arrival);
        break;
      case 'awaiting-tls':
        this.#awaitTls(side, bytes, start, end, arrival);
        break;
      case 'dialogue':
        if (this.#search && this.#dialogue.evidence !== 'smtp') this.#lookForTls(direction, bytes, start, end, arrival);
        else this.#pushDialogue(side, bytes, start, end, arrival);
        break;
    }
  }

  hole(direction: Direction, size: number, cause: HoleCause, arrival: Arrival): void {
    if (cause === 'before-capture') this.#startsLate[direction] = true;
    if (this.#clientDirection === null) return;
    const side = this.#sideOf(direction);
    this.#skip(side, size, arrival);
    if (this.#settled) return;
    switch (cause) {
      case 'before-capture':
        break;
      case 'snapped':
        this.#snappedBytes += size;
        break;
      case 'lost': {
        this.#lostBytes += size;
        const amount = formatBytes(size);
        this.#timeline.add(side, 'tcp-gap', `gap: ${amount} not captured`, arrival);
        this.#problems.add({
          code: 'tcp-gap',
          message: `${amount} from the ${side} were not captured; reading went on at frame ${arrival.frame}.`,
          frame: arrival.frame,
        });
        break;
      }
    }
  }

  finish(): void {
    const { last } = this.#connection;
    if (this.#clientDirection === null) this.#decideClient(this.#sideByPort(0) === 'client' ? 0 : 1);
    this.#dialogue.finish(last);
    this.#tls?.finish(last);
    if (this.#strayAnswer && this.#mode.server === 'awaiting-tls') this.#notePlaintextAnswer(this.#strayAnswer);
    const service = this.#service();
    if (service) this.#sink.session({ start: this.#connection.first, session: this.#session(service) });
    else if (this.#onMailPort && !this.#anyBytes && this.#opened) this.#sink.unanswered(this.#connection);
  }

  // ---- who is who

  #sideOf(direction: Direction): Side {
    return direction === this.#clientDirection ? 'client' : 'server';
  }

  #decideClient(direction: Direction): void {
    this.#clientDirection = direction;
    for (const { direction: from, event, arrival } of this.#undirected) this.#tell(this.#sideOf(from), event, arrival);
    this.#undirected = [];
  }

  /** Without a SYN a mail port tells best: bytes from the midst of a message may look like anything. */
  #sideByMailPort(direction: Direction): Side | null {
    const isOwn = isMailPort(this.#connection.endpoints[direction].port);
    if (isOwn === isMailPort(this.#connection.endpoints[other(direction)].port)) return null;
    return isOwn ? 'server' : 'client';
  }

  /** Without a SYN and without telling bytes the lower port is the server's. */
  #sideByPort(direction: Direction): Side {
    const [own, peer] = [direction, other(direction)].map((end) => this.#connection.endpoints[end].port);
    return this.#sideByMailPort(direction) ?? (own < peer ? 'server' : 'client');
  }

  // ---- TCP

  #tell(side: Side, event: ConnectionEvent, arrival: Arrival): void {
    switch (event.kind) {
      case 'open':
        this.#timeline.add(side, 'tcp-open', event.accepts ? 'accepts (SYN, ACK)' : 'connects (SYN)', arrival);
        break;
      case 'close':
        if (this.#ending === 'open') this.#ending = 'closed';
        this.#timeline.add(side, 'tcp-close', 'closes (FIN)', arrival);
        break;
      case 'reset':
        if (this.#ending === 'open') this.#ending = 'reset';
        this.#timeline.add(side, 'tcp-reset', 'resets the connection (RST)', arrival);
        break;
      case 'retransmission':
        this.#repetitions++;
        if (this.#repetitions > SHOWN_REPETITIONS) break;
        this.#timeline.add(
          side,
          'tcp-retransmission',
          event.length === 0 ? 'sends its SYN again' : `sends ${formatBytes(event.length)} again`,
          arrival,
        );
        break;
      case 'duplicate':
        this.#duplicates++;
        break;
      case 'conflict':
        this.#timeline.add(
          side,
          'tcp-conflict',
          `${formatBytes(event.length)} differ from what was sent before`,
          arrival,
        );
        this.#problems.add({
          code: 'tcp-conflict',
          message: `Frame ${arrival.frame} repeats bytes of the ${side} with other content (${formatBytes(event.length)}); the first copy was kept, as a receiver does.`,
          frame: arrival.frame,
        });
        break;
    }
  }

  #skip(side: Side, size: number, arrival: Arrival): void {
    // What comes behind the hole is TLS, or the other side's would have no answer.
    if (this.#mode[side] === 'awaiting-tls') this.#mode[side] = 'tls';
    if (this.#mode[side] === 'tls') this.#tls?.hole(side, size, arrival);
    else this.#dialogue.hole(side, size);
  }

  // ---- SMTP

  #pushDialogue(side: Side, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    const dialogue = this.#dialogue;
    const offset = dialogue.push(side, bytes, start, end, arrival);
    if (offset >= 0) {
      this.#startTls(side, arrival);
      const prefix = dialogue.tlsPrefix(side);
      if (prefix.length > 0) this.#pushTls(side, prefix, 0, prefix.length, arrival);
      // What follows a hole may be the midst of a record.
      else if (startsTls(bytes, offset, end) === 'no') this.#tls?.hole(side, 0, arrival);
      this.#pushTls(side, bytes, offset, end, arrival);
    }
    // On a port of its own SMTP has to show itself before TLS does.
    const isOther = dialogue.evidence === 'not-smtp' || (this.#tls && dialogue.evidence === 'none');
    if (isOther && !this.#onMailPort && !this.#search) this.#connection.dismiss();
  }

  #createDialogue(): SmtpDialogue<Arrival> {
    const timeline = this.#timeline;
    return new SmtpDialogue<Arrival>(
      {
        proxyHeader: (header, at) => timeline.add('client', 'proxy-header', describeProxyHeader(header), at),
        command: (command, at) => timeline.add('client', 'smtp-command', describeCommand(command), at),
        reply: (reply, role, at) => {
          // What a server asks for in AUTH may quote a name or a hash: only that it asked is kept.
          const summary = role === 'challenge' ? `${reply.code} (challenge, not kept)` : describeReply(reply);
          timeline.add('server', 'smtp-reply', summary, at);
        },
        content: (verb, byteLength, complete, at) => {
          const amount = `${formatBytes(byteLength)}${complete ? '' : ' or more'}`;
          timeline.add(
            'client',
            'smtp-content',
            `${verb === 'XEXCH50' ? 'XEXCH50 data' : 'message content'}, ${amount} (not kept)`,
            at,
          );
        },
        injection: (side, summary, at) => {
          timeline.add(side, 'smtp-injection', summary, at);
          this.#problems.add({
            code: 'plaintext-injection',
            message: `Before TLS began, the ${side} sent plaintext that must not be there: ${summary} (RFC 3207 section 6).`,
            frame: at.frame,
          });
        },
        plaintextAnswer: (reply, at) => {
          this.#plaintextAnswer = true;
          this.#problems.add({
            code: 'plaintext-after-starttls',
            message: `The server agreed to STARTTLS but answered the ClientHello in plaintext: ${describeReply(reply)}`,
            frame: at.frame,
          });
        },
      },
      {
        follows: (reply, command) =>
          compareArrivals(reply, command) > 0 || (reply.capture === command.capture && reply.frame > command.frame),
        isMailPort: this.#onMailPort,
        isServerBehind: () => this.#connection.isBehind(this.#clientDirection === 0 ? 1 : 0),
      },
    );
  }

  // ---- TLS

  #lookForTls(direction: Direction, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    const result = this.#search?.look(direction, bytes, start, end);
    switch (result?.kind) {
      case 'found': {
        // The client of TLS is the client of the session, whoever opened the connection.
        const client = result.sender === 'server' ? other(direction) : direction;
        if (result.sender && client !== this.#clientDirection) {
          this.#clientDirection = client;
          this.#timeline.exchangeSides();
        }
        const side = this.#sideOf(direction);
        this.#startTls(side, arrival);
        const peer = side === 'client' ? 'server' : 'client';
        if (this.#mode[peer] === 'dialogue') this.#mode[peer] = 'awaiting-tls';
        // Records without a hello in front: the handshake is behind us.
        if (!result.sender) this.#tls?.hole(side, 0, arrival);
        if (result.prefix.length > 0) this.#pushTls(side, result.prefix, 0, result.prefix.length, arrival);
        this.#pushTls(side, bytes, result.offset, end, arrival);
        break;
      }
      case 'given-up':
        this.#connection.dismiss();
        break;
      case 'searching':
      case undefined:
        if (this.#dialogue.evidence !== 'not-smtp') {
          this.#pushDialogue(this.#sideOf(direction), bytes, start, end, arrival);
        }
        break;
    }
  }

  /** The other side has begun TLS: what this one had sent before may still come, and then its own. */
  #awaitTls(side: Side, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    const isTls = startsTls(bytes, start, end) !== 'no' || bytes[start] >= 0x80;
    if (isTls || ++this.#stragglers > PLAINTEXT_STRAGGLERS) {
      this.#mode[side] = 'tls';
      this.#pushTls(side, bytes, start, end, arrival);
    } else if (
      side === 'server' &&
      this.#tls?.clientHello &&
      this.#tlsAt &&
      compareArrivals(arrival, this.#tlsAt) > 0
    ) {
      this.#strayAnswer ??= arrival;
    }
  }

  /** The server has taken the ClientHello for something else. */
  #notePlaintextAnswer(arrival: Arrival): void {
    this.#plaintextAnswer = true;
    this.#problems.add({
      code: 'plaintext-answer',
      message: 'The server answered the ClientHello in plaintext: it does not speak TLS on this port, or not yet.',
      frame: arrival.frame,
    });
  }

  #startTls(side: Side, arrival: Arrival): void {
    this.#mode[side] = 'tls';
    if (this.#tls) return;
    this.#tlsAt = arrival;
    this.#timeline.add(side, 'tls-start', 'TLS begins', arrival);
    this.#tls = new TlsConversation(
      {
        event: (from, kind, summary, at) => this.#timeline.add(from, kind, summary, at),
        problem: (problem) => this.#problems.add(problem),
      },
      this.#store,
    );
  }

  #pushTls(side: Side, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    const tls = this.#tls;
    if (!tls || this.#settled) return;
    tls.push(side, bytes, start, end, arrival);
    if (!tls.settled) return;
    this.#settled = true;
    this.#connection.settle();
  }

  // ---- the result

  /** What the connection was, or null when it is not a session of this scope. */
  #service(): Session['service'] | null {
    const dialogue = this.#dialogue;
    const tls = this.#tls;
    if (!this.#onMailPort) {
      if (dialogue.evidence === 'smtp') return 'smtp';
      return this.#search && tls ? 'tls' : null;
    }
    if (dialogue.spoke) return dialogue.evidence === 'not-smtp' && !tls ? null : 'smtp';
    if (!tls) {
      // Refused or silent after the SYN: a session that explains itself. A SYN that nobody answers is none.
      const isAnswered = this.#opened && this.#connection.captured.every(Boolean);
      if (this.#anyBytes || !isAnswered) return null;
      return this.#isImplicitTlsPort() ? 'smtps' : 'smtp';
    }
    const beginsWithTls = this.#opened && this.#lostBytes === 0 && !this.#startsLate[0] && !this.#startsLate[1];
    return beginsWithTls || this.#isImplicitTlsPort() ? 'smtps' : 'smtp';
  }

  /** RFC 8314 section 7.3. */
  #isImplicitTlsPort(): boolean {
    return this.#connection.endpoints.some(({ port }) => port === 465);
  }

  #session(service: Session['service']): Omit<Session, 'id'> {
    const { first, last, endpoints, captured, lowestFrame, highestFrame } = this.#connection;
    const clientDirection = this.#clientDirection ?? 0;
    const client = endpoints[clientDirection];
    const server = endpoints[other(clientDirection)];
    const own = first.capture;
    const { times } = this.#sink;
    const smtp = service === 'smtp' ? this.#smtpFacts(own) : null;
    const tls = this.#tls;
    const context: PresentedContext = {
      tls,
      smtp,
      ending: this.#ending,
      directionSeen: { client: captured[clientDirection], server: captured[other(clientDirection)] },
      fromTheStart: this.#opened,
      snapped: this.#snappedBytes > 0,
      plaintextAnswer: this.#plaintextAnswer,
    };
    this.#addSummaryProblems(context);
    const isInOneFile = last.capture === first.capture;
    const frames = isInOneFile ? { first: lowestFrame, last: highestFrame } : null;
    return {
      capture: first.capture,
      client,
      server,
      startedAt: times.of(first),
      endedAt: times.of(last),
      firstFrame: lowestFrame,
      lastFrame: isInOneFile ? highestFrame : last.frame,
      ...(isInOneFile ? null : { lastCapture: last.capture }),
      displayFilter: displayFilter(client, server, frames),
      service,
      smtp,
      tls: tls ? this.#tlsFacts(tls, own) : null,
      certificates: { server: presented('server', context, own), client: presented('client', context, own) },
      timeline: this.#timeline.events(own, times),
      problems: this.#problems.items,
    };
  }

  #addSummaryProblems({ directionSeen }: PresentedContext): void {
    const problems = this.#problems;
    if (this.#snappedBytes > 0) {
      problems.add({
        code: 'short-snap-length',
        message: `${formatBytes(this.#snappedBytes)} were cut from packets by a short snap length: capture again with full packets.`,
      });
    }
    if (!this.#opened) {
      problems.add({ code: 'capture-starts-late', message: 'The beginning of the connection was not captured.' });
    }
    for (const side of ['client', 'server'] as const) {
      if (!directionSeen[side]) {
        problems.add({ code: 'one-direction', message: `No packet from the ${side} was captured.` });
      }
    }
    if (this.#duplicates > 0) {
      problems.add({
        code: 'duplicate-packets',
        message: `${this.#duplicates} packets were captured twice (a mirror port that copies both ways does that); the copies were left out.`,
      });
    }
    if (this.#repetitions > SHOWN_REPETITIONS) {
      problems.add({
        code: 'many-retransmissions',
        message: `${this.#repetitions} retransmissions; the timeline shows the first ${SHOWN_REPETITIONS}.`,
      });
    }
    if (this.#timeline.dropped > 0) {
      problems.add({
        code: 'timeline-cut',
        message: `${this.#timeline.dropped} further events are not in the timeline.`,
      });
    }
  }

  /** `own`: the capture of the session's first packet. */
  #smtpFacts(own: number): SmtpFacts {
    const dialogue = this.#dialogue;
    const { greeting, upgrade } = dialogue;
    return {
      greeting: greeting && { code: greeting.code, text: greeting.lines.join('\n') },
      clientName: dialogue.clientName,
      extensions: dialogue.extensions ?? [],
      starttls: dialogue.startTlsState(),
      upgrade: upgrade && {
        command: upgrade.verb,
        replyCode: upgrade.replyCode,
        frame: upgrade.at.frame,
        ...(upgrade.at.capture === own ? null : { capture: upgrade.at.capture }),
      },
      envelopes: dialogue.envelopes.map((envelope) => ({ ...envelope, protection: 'plaintext' })),
    };
  }

  #tlsFacts(tls: TlsConversation, own: number): TlsFacts {
    const { clientHello, serverHello, version } = tls;
    const { fingerprints } = this.#sink;
    const client = clientHello && fingerprints.ofClient(clientHello);
    const suite = serverHello?.cipherSuite ?? null;
    const [presented] = tls.server.chain ?? [];
    if (presented && tls.stapledOcspResponse) this.#store.staple(presented.sha256, tls.stapledOcspResponse);
    return {
      version: version === null ? null : versionName(version),
      cipherSuite: suite === null ? null : { code: codeToHex(suite), name: cipherSuiteName(suite) },
      serverName: clientHello?.serverName ?? null,
      applicationProtocol: serverHello?.applicationProtocol ?? null,
      keyExchangeGroup: tls.keyExchangeGroup,
      resumed: tls.resumed,
      certificateRequest: tls.certificateRequest,
      stapledOcsp: tls.stapledOcspResponse !== null,
      outcome: this.#outcome(tls),
      alerts: tls.alerts.map(({ capture, ...alert }) => (capture === own ? alert : { ...alert, capture })),
      fingerprints: {
        ja3: client?.ja3 ?? null,
        ja3s: serverHello ? fingerprints.ofServer(serverHello) : null,
        ja4: client?.ja4 ?? null,
      },
    };
  }

  #outcome(tls: TlsConversation): TlsOutcome {
    if (tls.established) return 'established';
    const isRefused = tls.client.fatalAlert || tls.server.fatalAlert || tls.alertInTls13 || this.#plaintextAnswer;
    return isRefused ? 'failed' : 'incomplete';
  }
}

function other(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}

/** Bytes with thousands separators: `1,460 bytes`. */
function formatBytes(count: number): string {
  const digits = String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return count === 1 ? '1 byte' : `${digits} bytes`;
}
