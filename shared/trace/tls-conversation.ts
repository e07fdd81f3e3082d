import type { Problem } from '../bytes/problem.ts';
import type { Alert, PresentedCertificate, Side, TimelineKind } from '../contract/analysis.ts';
import type { Arrival } from '../net/arrival.ts';
import type { CertificateMessage } from '../tls/certificate-message.ts';
import type { ClientHello } from '../tls/client-hello.ts';
import { CONTENT, HANDSHAKE, isTls13 } from '../tls/codes.ts';
import { type Handshake, parseHandshake } from '../tls/handshake.ts';
import type { HandshakeMessage } from '../tls/handshake-message.ts';
import { TlsRecordStream } from '../tls/record-stream.ts';
import { alertDescriptionName, alertLevelName } from '../tls/registries/alerts.ts';
import { namedGroupName } from '../tls/registries/named-groups.ts';
import type { ServerHello } from '../tls/server-hello.ts';
import { rdnSequenceText } from '../x509/names.ts';
import type { CertificateStore } from './certificate-store.ts';
import { describeHandshake } from './tls-descriptions.ts';

/** With the capture always, whosever it is. */
export type FoundAlert = Alert & { readonly capture: number };
export type FoundCertificate = PresentedCertificate & { readonly capture: number };

/** What one side has sent so far. */
export interface SentByOneSide {
  /** Any TLS byte of this direction was read. */
  started: boolean;
  /** Certificates of its Certificate message in the order sent; null before one was read. */
  chain: FoundCertificate[] | null;
  /** Certificates of the message of which bytes are missing from the capture. */
  lostCertificates: number;
  /** The Certificate message, or one entry of it, could not be decoded. */
  malformed: Problem | null;
  changedCipherSpec: boolean;
  /** Encrypted records, by what they are, and the length of the first. */
  encryptedHandshakes: number;
  encryptedRecords: number;
  firstEncryptedLength: number | null;
  applicationData: boolean;
  /** Bytes of this direction were not captured. */
  missingBytes: boolean;
  /** The Certificate message began and the connection, or the capture, ended in its midst. */
  cutShort: boolean;
  fatalAlert: FoundAlert | null;
}

export interface ConversationSink {
  event(side: Side, kind: TimelineKind, summary: string, arrival: Arrival): void;
  problem(problem: Problem): void;
}

/**
 * Both directions of a TLS connection: reads the records and messages of each and keeps what the handshake says.
 * Verdicts are no business of it.
 */
export class TlsConversation {
  readonly #sink: ConversationSink;
  readonly #store: CertificateStore;
  readonly #streams: Record<Side, TlsRecordStream | null> = { client: null, server: null };
  /** Bytes are missing in front of the first that the direction will bring. */
  readonly #startsLate: Record<Side, boolean> = { client: false, server: false };
  #arrival!: Arrival;
  /** Bytes of each direction so far, holes counted, and where its first holes began. */
  readonly #position: Record<Side, number> = { client: 0, server: 0 };
  readonly #holes: Record<Side, number[]> = { client: [], server: [] };
  #clientHelloEnd = 0;
  /** The client's first captured bytes answer the server's flight: nothing of its answer came before. */
  #clientBeganAfterFlight = false;
  /** Where the last message began behind which a CertificateRequest may stand; -1 before one was read. */
  #beforeRequest = -1;
  /** Encrypted records of the server after the client's first, and the length of the last. */
  #serverAnswers = 0;
  #serverAnswerLength = 0;

  readonly client: SentByOneSide = nothingSent();
  readonly server: SentByOneSide = nothingSent();
  clientHello: ClientHello | null = null;
  serverHello: ServerHello | null = null;
  /** SSL 2.0's ServerHello was seen: the version is that. */
  isSsl2 = false;
  helloRetryRequested = false;
  certificateRequest: { readonly authorities: readonly string[] } | null = null;
  stapledOcspResponse: Uint8Array | null = null;
  keyExchangeGroup: string | null = null;
  serverHelloDone = false;
  /** The server's flight was read to its end, and asked for no certificate. */
  withoutCertificateRequest = false;
  /** The client's flight was read from its hello to its key exchange, and held no certificate. */
  withoutClientCertificate = false;
  serverKeyExchange = false;
  readonly alerts: FoundAlert[] = [];
  /** From here on nothing but protected data comes: nobody needs to read it without keys. */
  settled = false;

  constructor(sink: ConversationSink, store: CertificateStore) {
    this.#sink = sink;
    this.#store = store;
  }

  push(side: Side, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    this.#arrival = arrival;
    if (side === 'client' && !this.client.started) this.#clientBeganAfterFlight = this.serverHelloDone;
    this[side].started = true;
    this.#streams[side] ??= this.#createStream(side);
    this.#position[side] += end - start;
    this.#streams[side].push(bytes, start, end);
  }

  /** `size` bytes of the direction are missing; 0 when the capture begins in its midst. */
  hole(side: Side, size: number, arrival: Arrival): void {
    if (this.settled) return;
    this.#arrival = arrival;
    if (!this.established) this[side].missingBytes = true;
    if (this.#holes[side].length < 64) this.#holes[side].push(this.#position[side]);
    this.#position[side] += size;
    const stream = this.#streams[side];
    if (stream) stream.hole(size);
    else this.#startsLate[side] = true;
  }

  finish(arrival: Arrival): void {
    // Nothing was read since, so that a record without its end says nothing.
    if (this.settled) return;
    this.#arrival = arrival;
    this.#streams.client?.end();
    this.#streams.server?.end();
  }

  /** The negotiated version's code, or null before the ServerHello. */
  get version(): number | null {
    return this.isSsl2 ? 0x0002 : (this.serverHello?.version ?? null);
  }

  get isTls13(): boolean {
    return this.version !== null && isTls13(this.version);
  }

  /** The server resumed an earlier session, so that it sent no certificate. */
  get resumed(): boolean {
    const { clientHello, serverHello, server } = this;
    if (!serverHello) return false;
    if (this.isTls13) return serverHello.selectedPsk !== null;
    if (!server.changedCipherSpec || server.chain || this.serverHelloDone || this.serverKeyExchange) return false;
    if (server.missingBytes || server.malformed) return false;
    if (!clientHello) return true;
    return clientHello.sessionId.length > 0 || (clientHello.sessionTicketLength ?? 0) > 0;
  }

  /** Both sides have proved that they hold the keys, as far as the captured directions show. */
  get established(): boolean {
    if (!this.serverHello) {
      // The hellos were not captured, or one direction was not: protected data of what was captured is proof enough.
      const { client, server } = this;
      if (client.started && server.started) return client.applicationData && server.applicationData;
      return client.applicationData || server.applicationData;
    }
    if (this.client.fatalAlert || this.server.fatalAlert) return false;
    if (this.isTls13) {
      // The server's first flight has up to five records; more of them answer the client's Finished.
      if (!this.client.started) return this.server.encryptedRecords > 5;
      return this.client.encryptedRecords > 0 && !this.alertInTls13;
    }
    if (!this.client.started) return this.server.encryptedHandshakes > 0;
    if (!this.server.started) return this.client.applicationData;
    if (this.client.applicationData || this.server.applicationData) return true;
    return this.client.encryptedHandshakes > 0 && this.server.encryptedHandshakes > 0;
  }

  /**
   * An encrypted record that can only be an alert: the first of the client in TLS 1.3, or the only one with which the
   * server answers the client's Finished. Its length is that of two bytes, the content type and the authentication
   * tag (RFC 8446 section 5.2); a Finished message is at least 36 bytes longer, and nobody answers with less.
   */
  get alertInTls13(): Side | null {
    if (!this.isTls13) return null;
    if (isAlertLength(this.client.firstEncryptedLength)) return 'client';
    return this.#serverAnswers === 1 && isAlertLength(this.#serverAnswerLength) ? 'server' : null;
  }

  #createStream(side: Side): TlsRecordStream {
    const sent = this[side];
    return new TlsRecordStream(
      {
        handshake: (message) => this.#handshake(side, message),
        changeCipherSpec: () => {
          sent.changedCipherSpec = true;
          this.#event(side, 'tls-change-cipher-spec', 'ChangeCipherSpec');
        },
        alert: (level, description) => this.#alert(side, level, description),
        encrypted: (contentType, length) => this.#encrypted(side, contentType, length),
        damage: (problem) => {
          // The record layer quotes what stands in the place of TLS, and that may be a credential or content.
          const message = problem.code === 'not-tls' ? NOT_TLS : problem.message;
          this.#sink.problem({ ...problem, message, frame: this.#arrival.frame });
          this.#event(side, 'tls-damage', message);
        },
      },
      { midStream: this.#startsLate[side] },
    );
  }

  #event(side: Side, kind: TimelineKind, summary: string): void {
    this.#sink.event(side, kind, summary, this.#arrival);
  }

  #alert(side: Side, level: number, description: number): void {
    const alert: FoundAlert = {
      frame: this.#arrival.frame,
      from: side,
      level: alertLevelName(level),
      description: alertDescriptionName(description),
      code: description,
      capture: this.#arrival.capture,
    };
    if (this.alerts.length < 64) this.alerts.push(alert);
    if (level === 2) this[side].fatalAlert ??= alert;
    this.#event(side, 'tls-alert', `Alert: ${alert.level}, ${alert.description} (${description})`);
  }

  #encrypted(side: Side, contentType: number, length: number): void {
    const sent = this[side];
    sent.encryptedRecords++;
    sent.firstEncryptedLength ??= length;
    if (side === 'server' && this.client.encryptedRecords > 0) {
      this.#serverAnswers++;
      this.#serverAnswerLength = length;
    }
    if (contentType === CONTENT.handshake) {
      sent.encryptedHandshakes++;
      this.#event(side, 'tls-encrypted', `encrypted handshake message (${length} bytes)`);
    } else if (contentType === CONTENT.alert) {
      this.#event(side, 'tls-alert', `encrypted alert (${length} bytes)`);
    } else if (this.isTls13 && !this.established) {
      this.#event(side, 'tls-encrypted', `encrypted handshake record (${length} bytes)`);
    } else if (this.isTls13 && sent === this.client && sent.encryptedRecords === 1) {
      this.#event(side, 'tls-encrypted', `encrypted end of the handshake (${length} bytes)`);
    } else if (!sent.applicationData) {
      this.#event(side, 'tls-data', 'encrypted application data begins');
      sent.applicationData = true;
    }
    if (contentType === CONTENT.applicationData && !this.isTls13) sent.applicationData = true;
    const { client, server } = this;
    const isLong = client.encryptedRecords + server.encryptedRecords > 32;
    if ((isLong || (client.applicationData && server.applicationData)) && this.established) this.settled = true;
  }

  #handshake(side: Side, message: HandshakeMessage): void {
    const context = { version: this.version, cipherSuite: this.serverHello?.cipherSuite ?? null };
    const parsed = parseHandshake(message, context);
    // What is missing inside the hello says nothing about what follows it.
    if (message.type === HANDSHAKE.clientHello && side === 'client') this.#clientHelloEnd = this.#position.client;
    const isCut = message.truncated && !this.#holes[side].some((at) => at >= message.offset);
    if (parsed.kind !== 'done') {
      const problem =
        parsed.kind === 'malformed'
          ? parsed.problem
          : { code: 'tls-message-short', message: 'A handshake message ends before its fields do.' };
      const isCertificate = message.type === HANDSHAKE.certificate;
      if (isCertificate && isCut) this[side].cutShort = true;
      else if (isCertificate && problem.code.endsWith('-lost')) this[side].lostCertificates++;
      else if (isCertificate) this[side].malformed = problem;
      this.#sink.problem({ ...problem, frame: this.#arrival.frame });
      this.#event(side, isCertificate ? 'tls-certificate' : 'tls-damage', problem.message);
      return;
    }
    const handshake = parsed.value;
    this.#keep(side, handshake, message);
    if (handshake.kind === 'certificate' && isCut) this[side].cutShort = true;
    const kind = handshake.kind === 'certificate' ? 'tls-certificate' : 'tls-handshake';
    this.#event(side, kind, describeHandshake(handshake, side, this[side].chain));
    if ('problems' in handshake) {
      for (const problem of handshake.problems) this.#sink.problem({ ...problem, frame: this.#arrival.frame });
    }
  }

  #keep(side: Side, handshake: Handshake, message: HandshakeMessage): void {
    switch (handshake.kind) {
      case 'client-hello':
        // The second hello, after a retry request, repeats the first but for the key share.
        this.clientHello ??= handshake;
        break;
      case 'hello-retry-request':
        this.helloRetryRequested = true;
        break;
      case 'server-hello':
        this.serverHello ??= handshake;
        if (handshake.keyShareGroup !== null) this.keyExchangeGroup = namedGroupName(handshake.keyShareGroup);
        break;
      case 'ssl2-server-hello':
        this.isSsl2 = true;
        if (handshake.certificate) this.#present(side, handshake.certificate);
        break;
      case 'certificate':
        this.#certificates(side, handshake);
        if (side === 'server') this.#beforeRequest = message.offset;
        break;
      case 'certificate-request':
        this.certificateRequest ??= { authorities: handshake.authorities.map(rdnSequenceText) };
        break;
      case 'certificate-status':
        if (handshake.ocspResponse) this.stapledOcspResponse ??= handshake.ocspResponse.slice();
        break;
      case 'server-key-exchange':
        this.serverKeyExchange = true;
        this.#beforeRequest = message.offset;
        if (handshake.namedGroup !== null) this.keyExchangeGroup = namedGroupName(handshake.namedGroup);
        else if (handshake.form === 'dhe' && handshake.primeBits !== null) {
          this.keyExchangeGroup = `DHE ${handshake.primeBits} bits`;
        }
        break;
      case 'server-hello-done':
        this.serverHelloDone = true;
        this.withoutCertificateRequest =
          this.certificateRequest === null &&
          this.#beforeRequest >= 0 &&
          !this.#holes.server.some((at) => at >= this.#beforeRequest && at < message.offset);
        break;
      case 'client-key-exchange':
        this.withoutClientCertificate =
          this.client.chain === null &&
          (this.#clientHelloEnd > 0 || this.#clientBeganAfterFlight) &&
          !this.#holes.client.some((at) => at >= this.#clientHelloEnd && at < message.offset);
        break;
      case 'new-session-ticket':
      case 'encrypted-extensions':
      case 'certificate-verify':
      case 'compressed-certificate':
      case 'key-update':
      case 'hello-request':
      case 'hello-verify-request':
      case 'end-of-early-data':
      case 'finished':
      case 'certificate-url':
      case 'supplemental-data':
      case 'next-protocol':
      case 'ssl2-message':
      case 'unknown':
        break;
    }
  }

  #certificates(side: Side, message: CertificateMessage): void {
    const sent = this[side];
    // A second message belongs to a renegotiation in plaintext, which nobody should do: the first one counts.
    if (sent.chain) return;
    sent.chain = [];
    for (const entry of message.entries) {
      switch (entry.kind) {
        case 'certificate':
          this.#present(side, entry.der);
          if (entry.ocspResponse) this.stapledOcspResponse ??= entry.ocspResponse.slice();
          break;
        case 'lost':
          sent.lostCertificates++;
          break;
        case 'malformed':
          sent.malformed ??= entry.problem;
          break;
      }
    }
  }

  #present(side: Side, der: Uint8Array): void {
    const stored = this.#store.add(der);
    this[side].chain ??= [];
    const { frame, capture } = this.#arrival;
    this[side].chain?.push({ sha256: stored.sha256, subject: stored.subject, frame, capture });
    if ('unreadable' in stored.facts) {
      this.#sink.problem({
        code: 'certificate-unreadable',
        message: `A certificate of the ${side} cannot be read: ${stored.facts.unreadable.message}`,
        frame: this.#arrival.frame,
      });
    }
  }
}

const NOT_TLS = 'Where a TLS record must begin stands something else (not kept).';

function isAlertLength(length: number | null): boolean {
  return length === 2 + 1 + 16 || length === 2 + 1 + 8;
}

function nothingSent(): SentByOneSide {
  return {
    started: false,
    chain: null,
    lostCertificates: 0,
    malformed: null,
    changedCipherSpec: false,
    encryptedHandshakes: 0,
    encryptedRecords: 0,
    firstEncryptedLength: null,
    applicationData: false,
    missingBytes: false,
    cutShort: false,
    fatalAlert: null,
  };
}
