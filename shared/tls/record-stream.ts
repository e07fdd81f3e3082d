import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { CONTENT, HANDSHAKE, isRecordVersion } from './codes.ts';
import { FramingLoss, type LossCause } from './framing-loss.ts';
import { HandshakeAssembler } from './handshake-assembler.ts';
import type { HandshakeMessage } from './handshake-message.ts';
import { isHelloVersion, isRecordHeader, isRecordType, RECORD_HEADER_BYTES } from './record-header.ts';
import { RecordSynchronizer, type Synchronized } from './record-synchronizer.ts';
import { Ssl2HelloCollector, ssl2HelloLength } from './ssl2-record.ts';

/** What a direction's TLS bytes contain. Called during `push`, `hole` and `end`, in the order of the bytes. */
export interface TlsSink {
  /** A record begins; `offset` is where its header stands (record headers and holes counted). */
  record?(contentType: number, version: number, length: number, offset: number): void;
  /** A piece of the current record's fragment as it arrives; a view. Decryption gathers them. */
  fragment?(bytes: Uint8Array, start: number, end: number): void;
  /** So many bytes of the current record's fragment are missing here. */
  fragmentLost?(size: number): void;
  /** A handshake message is whole, or as whole as it will get (`missing`, `truncated`). */
  handshake(message: HandshakeMessage): void;
  changeCipherSpec(): void;
  /** An alert in plaintext. */
  alert(level: number, description: number): void;
  /** The header of a record whose fragment of `length` bytes is ciphertext. */
  encrypted(contentType: number, length: number): void;
  /** A record of RFC 6520 in plaintext. */
  heartbeat?(length: number): void;
  damage(problem: Problem): void;
}

export interface TlsRecordStreamOptions {
  /** The first byte may stand in the midst of a record: the capture began after the connection did. */
  readonly midStream?: boolean;
}

type State = 'header' | 'fragment' | 'lost' | 'opaque';
type Fragment = 'skip' | 'handshake' | 'alert' | 'probe-hello' | 'ssl2';

/** The smallest hello has 42 bytes; records of Finished in ciphertext are mostly shorter. */
const SMALLEST_HELLO_BYTES = 42;
const HELLO_PROBE_BYTES = 6;
/** Several alerts in one record: as many as anybody would send; more is ciphertext. */
const PLAIN_ALERT_BYTES = 16;

/**
 * Reads the TLS records of one direction (RFC 8446 section 5, RFC 5246 section 6.2), from bytes in any split and with
 * holes of known size.
 *
 * It holds at most one handshake message and one record header. Fragments of application data, and of anything else
 * that is ciphertext, are passed over without a look. After ChangeCipherSpec it takes handshake and alert records for
 * ciphertext, except alerts of two bytes and hellos: TLS 1.3 sends ChangeCipherSpec for show (RFC 8446 appendix D.4),
 * and a second ClientHello or the ServerHello may follow it.
 */
export class TlsRecordStream {
  private readonly sink: TlsSink;
  private readonly assembler: HandshakeAssembler;
  /** Offset of the next byte in this direction. */
  private offset = 0;
  private state: State = 'header';
  private isEncrypted: 'no' | 'after-change-cipher-spec' | 'told' = 'no';
  private hasRecord = false;

  private readonly header = new Uint8Array(RECORD_HEADER_BYTES);
  private headerCount = 0;

  private contentType = 0;
  private version = 0;
  private length = 0;
  private remaining = 0;
  private fragment: Fragment = 'skip';
  /** The start of what may be a hello, or the first byte of an alert. */
  private readonly probe = new Uint8Array(HELLO_PROBE_BYTES);
  private probeCount = 0;
  private probeOffset = 0;
  private alertLevel = -1;

  private ssl2: Ssl2HelloCollector | null = null;
  /** Both are set while framing is lost. */
  private synchronizer = new RecordSynchronizer(0, true);
  private loss = new FramingLoss('mid-stream', 0);

  constructor(sink: TlsSink, options: TlsRecordStreamOptions = {}) {
    this.sink = sink;
    this.assembler = new HandshakeAssembler(
      (message) => sink.handshake(message),
      (problem) => sink.damage(problem),
    );
    if (options.midStream === true) this.lose('mid-stream', 0, 0, true);
  }

  /** Takes `bytes[start, end)`, which follow directly on everything before. */
  push(bytes: Uint8Array, start: number, end: number): void {
    let source = bytes;
    let at = start;
    let stop = end;
    while (at < stop) {
      switch (this.state) {
        case 'header':
          at = this.readHeader(source, at, stop);
          break;
        case 'fragment':
          at = this.readFragment(source, at, stop);
          break;
        case 'lost': {
          const found = this.search(source, at, stop);
          if (found === null) return;
          source = found.bytes;
          at = found.at;
          stop = found.end;
          break;
        }
        case 'opaque':
          this.offset += stop - at;
          return;
        default:
          this.state satisfies never;
          return;
      }
    }
  }

  /** `size` bytes are missing here. */
  hole(size: number): void {
    let rest = size;
    while (rest > 0) {
      switch (this.state) {
        case 'fragment': {
          const inside = Math.min(rest, this.remaining);
          this.loseFragment(inside);
          rest -= inside;
          break;
        }
        case 'header':
          // Where the last record ended is known, but not where those in the hole do.
          this.loseHeader();
          break;
        case 'lost': {
          const found = this.flushSearch();
          if (found === null) {
            this.report(this.loss.takeQuote());
            this.loss.hole(rest);
            this.synchronizer.hole(rest);
            this.offset += rest;
            return;
          }
          this.push(found.bytes, found.at, found.end);
          break;
        }
        case 'opaque':
          this.offset += rest;
          return;
        default:
          this.state satisfies never;
          return;
      }
    }
  }

  /** No more bytes follow: reports what is incomplete. Nothing may be pushed afterwards. */
  end(): void {
    if (this.state === 'header' && this.isGarbageSoFar()) this.reject();
    // What waits for more bytes may turn out to be a record, and that again to be garbage.
    for (let found = this.flushIfLost(); found !== null; found = this.flushIfLost()) {
      this.push(found.bytes, found.at, found.end);
    }
    switch (this.state) {
      case 'lost': {
        this.report(this.loss.takeQuote());
        this.report(this.loss.summary(this.offset, false));
        const record = this.synchronizer.recordAtEnd();
        if (record !== null) this.reportPassed(record);
        break;
      }
      case 'header':
        if (this.headerCount > 0) this.reportIncomplete('The direction ends inside a record header.');
        break;
      case 'fragment':
        this.ssl2?.finish();
        this.reportIncomplete(`The direction ends ${this.remaining} bytes before the end of a record.`);
        break;
      case 'opaque':
        break;
      default:
        this.state satisfies never;
    }
    this.assembler.abandon();
    this.state = 'opaque';
  }

  /** From here on, records of type handshake and alert are ciphertext, whatever they look like. */
  setEncrypted(): void {
    this.isEncrypted = 'told';
  }

  private report(problem: Problem | null): void {
    if (problem !== null) this.sink.damage(problem);
  }

  private reportIncomplete(message: string): void {
    this.report({ code: 'tls-record-incomplete', message, offset: this.offset });
  }

  // ── record headers ──

  private readHeader(bytes: Uint8Array, start: number, end: number): number {
    const take = Math.min(RECORD_HEADER_BYTES - this.headerCount, end - start);
    for (let i = 0; i < take; i++) this.header[this.headerCount + i] = bytes[start + i];
    this.headerCount += take;
    this.offset += take;
    if (this.headerCount === RECORD_HEADER_BYTES) {
      this.headerCount = 0;
      this.acceptHeader();
    }
    return start + take;
  }

  private acceptHeader(): void {
    const { header } = this;
    if (isRecordHeader(header, 0)) {
      this.begin(header[0], (header[1] << 8) | header[2], (header[3] << 8) | header[4]);
      return;
    }
    const ssl2Length = this.hasRecord ? null : ssl2HelloLength(header, 0);
    if (ssl2Length !== null) {
      this.beginSsl2(ssl2Length);
      return;
    }
    this.headerCount = RECORD_HEADER_BYTES;
    this.reject();
  }

  private begin(contentType: number, version: number, length: number): void {
    this.hasRecord = true;
    this.contentType = contentType;
    this.version = version;
    this.length = length;
    this.remaining = length;
    this.state = 'fragment';
    this.sink.record?.(contentType, version, length, this.offset - RECORD_HEADER_BYTES);
    this.fragment = this.classify();
    if (length === 0) this.endRecord();
  }

  /** Decides by the header what is done with the fragment, and reports what the header alone tells. */
  private classify(): Fragment {
    const { contentType, length } = this;
    const isEncrypted = this.isEncrypted !== 'no';
    switch (contentType) {
      case CONTENT.changeCipherSpec:
        if (length !== 1) return this.opaque();
        this.changeCipherSpec();
        return 'skip';
      case CONTENT.alert:
        return length > PLAIN_ALERT_BYTES || (isEncrypted && length !== 2) ? this.opaque() : 'alert';
      case CONTENT.handshake:
        if (!isEncrypted) {
          this.assembler.beginRecord(this.version, length);
          return 'handshake';
        }
        this.probeCount = 0;
        return this.isEncrypted === 'told' || length < SMALLEST_HELLO_BYTES ? this.opaque() : 'probe-hello';
      case CONTENT.heartbeat:
        if (isEncrypted) return this.opaque();
        this.sink.heartbeat?.(length);
        return 'skip';
      default:
        return this.opaque();
    }
  }

  private changeCipherSpec(): void {
    this.assembler.abandon();
    if (this.isEncrypted === 'no') this.isEncrypted = 'after-change-cipher-spec';
    this.sink.changeCipherSpec();
  }

  private opaque(): Fragment {
    this.assembler.abandon();
    this.sink.encrypted(this.contentType, this.length);
    return 'skip';
  }

  private endRecord(): void {
    this.ssl2?.finish();
    if (this.state === 'fragment') this.state = 'header';
  }

  // ── fragments ──

  private readFragment(bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + this.remaining);
    const { offset } = this;
    this.offset += stop - start;
    this.remaining -= stop - start;
    if (this.fragment !== 'ssl2') this.sink.fragment?.(bytes, start, stop);
    switch (this.fragment) {
      case 'skip':
        break;
      case 'handshake':
        this.assembler.feed(bytes, start, stop, offset);
        break;
      case 'alert':
        this.readAlerts(bytes, start, stop);
        break;
      case 'probe-hello':
        this.probeHello(bytes, start, stop, offset);
        break;
      case 'ssl2':
        this.ssl2?.feed(bytes, start, stop);
        break;
      default:
        this.fragment satisfies never;
    }
    if (this.remaining === 0) this.endRecord();
    return stop;
  }

  private loseFragment(size: number): void {
    const { offset } = this;
    this.offset += size;
    this.remaining -= size;
    if (this.fragment !== 'ssl2') this.sink.fragmentLost?.(size);
    switch (this.fragment) {
      case 'skip':
        break;
      case 'handshake':
        this.assembler.hole(size, offset);
        break;
      case 'alert':
        this.alertLevel = -1;
        this.fragment = 'skip';
        this.sink.damage({ code: 'tls-alert-lost', message: 'An alert was not captured.', offset });
        break;
      case 'probe-hello':
        this.fragment = this.opaque();
        break;
      case 'ssl2':
        this.ssl2?.hole(size);
        break;
      default:
        this.fragment satisfies never;
    }
    if (this.remaining === 0) this.endRecord();
  }

  /** An alert may be split over records, and a record may hold several (RFC 5246 section 6.2.1). */
  private readAlerts(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (this.alertLevel < 0) {
        this.alertLevel = bytes[at];
        if (this.length > 2 && this.alertLevel !== 1 && this.alertLevel !== 2) {
          this.alertLevel = -1;
          this.fragment = this.opaque();
          return;
        }
      } else {
        const level = this.alertLevel;
        this.alertLevel = -1;
        this.sink.alert(level, bytes[at]);
      }
    }
  }

  /** After ChangeCipherSpec: a hello in plaintext, or ciphertext? */
  private probeHello(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.probeCount === 0) this.probeOffset = offset;
    const take = Math.min(HELLO_PROBE_BYTES - this.probeCount, end - start);
    for (let i = 0; i < take; i++) this.probe[this.probeCount + i] = bytes[start + i];
    this.probeCount += take;
    if (this.probeCount < HELLO_PROBE_BYTES) return;
    const type = this.probe[0];
    const messageLength = (this.probe[1] << 16) | (this.probe[2] << 8) | this.probe[3];
    const isHello =
      (type === HANDSHAKE.clientHello || type === HANDSHAKE.serverHello) &&
      messageLength + 4 === this.length &&
      isHelloVersion((this.probe[4] << 8) | this.probe[5]);
    if (!isHello) {
      this.fragment = this.opaque();
      return;
    }
    this.fragment = 'handshake';
    this.assembler.beginRecord(this.version, this.length);
    if (take < HELLO_PROBE_BYTES) {
      this.assembler.feed(this.probe.slice(), 0, HELLO_PROBE_BYTES, this.probeOffset);
      this.assembler.feed(bytes, start + take, end, offset + take);
    } else {
      this.assembler.feed(bytes, start, end, offset);
    }
  }

  // ── hellos of SSL 2.0 ──

  private beginSsl2(length: number): void {
    this.hasRecord = true;
    const { header } = this;
    this.ssl2 = new Ssl2HelloCollector(length, (message) => this.finishSsl2(message));
    this.contentType = CONTENT.handshake;
    this.length = length;
    this.remaining = length - (RECORD_HEADER_BYTES - 2);
    this.state = 'fragment';
    this.fragment = 'ssl2';
    this.ssl2.feed(header, 2, RECORD_HEADER_BYTES);
  }

  private finishSsl2(message: HandshakeMessage): void {
    this.ssl2 = null;
    const version = (message.body[0] << 8) | message.body[1];
    this.sink.handshake(message);
    // Only a client that offers more goes on with TLS records; those of SSL 2.0 are ciphertext from here on.
    if (message.type !== 1 || !isRecordVersion(version)) this.state = 'opaque';
  }

  // ── lost framing ──

  private loseHeader(): void {
    if (this.isGarbageSoFar()) {
      this.reject();
      return;
    }
    const start = this.offset - this.headerCount;
    this.lose('hole', start, this.offset, true);
  }

  /** What stands in the header buffer is no record header. */
  private reject(): void {
    const { header, headerCount } = this;
    const start = this.offset - headerCount;
    const length = (header[3] << 8) | header[4];
    const isOversized =
      headerCount === RECORD_HEADER_BYTES &&
      isRecordType(header[0]) &&
      isRecordVersion((header[1] << 8) | header[2]) &&
      length > LIMITS.tlsRecordBytes;
    if (isOversized) {
      this.report({
        code: 'tls-record-oversized',
        message: `A record of ${length} bytes exceeds the limit of ${LIMITS.tlsRecordBytes}.`,
        offset: start,
      });
    }
    this.lose(isOversized ? 'oversized' : 'garbage', start, start, false);
    // Five bytes can neither prove a record nor be the end of one: the search takes them all.
    this.offset = start;
    this.search(header.slice(0, headerCount), 0, headerCount);
  }

  /** The bytes of an incomplete header rule a record out already. */
  private isGarbageSoFar(): boolean {
    const { header, headerCount } = this;
    if (headerCount === 0) return false;
    if (!this.hasRecord && header[0] >= 0x80) return ssl2HelloLength(header, 0, headerCount) === null;
    return !isRecordType(header[0]) || (headerCount > 1 && header[1] !== 3 && header[1] !== 1);
  }

  /** Framing is lost from `start` on; the search begins at `searchFrom`. */
  private lose(cause: LossCause, start: number, searchFrom: number, atRunStart: boolean): void {
    this.assembler.desynchronize();
    this.state = 'lost';
    this.headerCount = 0;
    this.alertLevel = -1;
    this.loss = new FramingLoss(cause, start);
    this.synchronizer = new RecordSynchronizer(searchFrom, atRunStart);
  }

  /** Looks for a record in `bytes[start, end)`. If there is one, it stands next. */
  private search(bytes: Uint8Array, start: number, end: number): Synchronized | null {
    this.offset += end - start;
    const found = this.synchronizer.push(bytes, start, end);
    this.report(this.loss.observe(bytes, start, end, this.synchronizer.decided));
    return found === null ? null : this.resume(found);
  }

  private flushSearch(): Synchronized | null {
    const found = this.synchronizer.flush();
    this.report(this.loss.observe(EMPTY, 0, 0, this.synchronizer.decided));
    return found === null ? null : this.resume(found);
  }

  private flushIfLost(): Synchronized | null {
    return this.state === 'lost' ? this.flushSearch() : null;
  }

  private resume(found: Synchronized): Synchronized {
    this.report(this.loss.takeQuote());
    this.report(this.loss.summary(found.offset, true));
    if (found.passed !== null) this.reportPassed(found.passed);
    this.state = 'header';
    this.hasRecord = true;
    this.offset = found.offset;
    return found;
  }

  /** A record whose fragment went by while its header was in doubt. */
  private reportPassed(record: { readonly type: number; readonly length: number }): void {
    switch (record.type) {
      case CONTENT.changeCipherSpec:
        this.changeCipherSpec();
        break;
      case CONTENT.applicationData:
        this.sink.encrypted(record.type, record.length);
        break;
      case CONTENT.alert:
        if (record.length > PLAIN_ALERT_BYTES) this.sink.encrypted(record.type, record.length);
        break;
      default:
        // Handshake or heartbeat, in plaintext or not: nobody knows.
        break;
    }
  }
}

const EMPTY = new Uint8Array(0);
