import { decodeLatin1 } from '../bytes/text.ts';
import { LineReader } from './line-reader.ts';
import { parseReplyLine, ReplyAssembler, replyCode, type SmtpReply } from './reply.ts';
import { looksBinary, startsTls } from './tls-lead.ts';

const PROXY_ANSWER = /^HTTP\/1\.[01] 2\d\d/;

export interface ServerSink {
  reply(reply: SmtpReply): void;
  /** A line that is no reply. `first` when nothing else was read before it. */
  noReply(byteLength: number, first: boolean): void;
}

/** Reads what the server sends, until TLS begins. */
export class ServerReader {
  readonly #sink: ServerSink;
  readonly #isMail: () => boolean;
  readonly #isTlsDue: () => boolean;
  readonly #lines = new LineReader();
  readonly #replies = new ReplyAssembler();
  #lead = new Uint8Array(0);
  #afterHole = false;
  #lineCount = 0;
  /** The answer of an HTTP proxy to CONNECT is being read, up to its empty line. */
  #inProxyAnswer = false;
  /** Bytes consumed by earlier calls that belong to TLS. Meaningful after `push` returned an offset. */
  tlsPrefix = new Uint8Array(0);

  /**
   * `isMail` tells whether this is known to be SMTP: only then binary data behind a hole must be TLS. `isTlsDue`: the
   * client has begun TLS, so that whatever is no reply behind a hole must be.
   */
  constructor(sink: ServerSink, isMail: () => boolean, isTlsDue: () => boolean) {
    this.#sink = sink;
    this.#isMail = isMail;
    this.#isTlsDue = isTlsDue;
  }

  /** Consumes `bytes[start, end)`; returns the offset where TLS begins (behind `tlsPrefix`), or -1 when it does not. */
  push(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#lead.length > 0) {
      // Only a lone content type (one byte) is ever held here.
      const held = this.#lead;
      this.#lead = new Uint8Array(0);
      if (bytes[at] === 3) {
        this.tlsPrefix = held;
        return at;
      }
      this.#lines.read(held, 0, held.length);
    }
    while (at < end) {
      if (!this.#lines.partial) {
        // A server never speaks SSL 2.0's framing first: only records count, and they start below 0x80.
        if (bytes[at] < 0x80) {
          const tls = startsTls(bytes, at, end);
          if (tls === 'yes') return at;
          if (tls === 'maybe') {
            this.#lead = bytes.slice(at, end);
            return -1;
          }
        }
        if (this.#afterHole) {
          if (this.#isMail() && looksBinary(bytes, at, end)) return at;
          if (this.#isTlsDue() && !(at + 3 <= end && replyCode(bytes, at) >= 0)) return at;
        }
      }
      const next = this.#lines.read(bytes, at, end);
      if (next < 0) return -1;
      at = next;
      this.#line();
    }
    return -1;
  }

  /** Bytes are missing here. */
  hole(): void {
    this.#lead = new Uint8Array(0);
    this.#lines.reset();
    this.#replies.hole();
    this.#afterHole = true;
  }

  #line(): void {
    const lines = this.#lines;
    const line = lines.overlong ? null : parseReplyLine(lines.bytes, lines.start, lines.end);
    const afterHole = this.#afterHole;
    this.#afterHole = false;
    if (!line && this.#isProxyAnswer()) return;
    if (!line) {
      if (!afterHole) this.#sink.noReply(lines.byteLength, this.#lineCount === 0);
      this.#lineCount++;
      return;
    }
    this.#lineCount++;
    const reply = this.#replies.add(line);
    if (reply) this.#sink.reply(reply);
  }

  /** `HTTP/1.1 200 …` as the very first line, its header fields, and the empty line that ends them. */
  #isProxyAnswer(): boolean {
    const { bytes, start, end } = this.#lines;
    if (this.#inProxyAnswer) {
      this.#inProxyAnswer = end > start;
      return true;
    }
    if (this.#lineCount > 0 || !PROXY_ANSWER.test(decodeLatin1(bytes, start, Math.min(end, start + 16)))) return false;
    this.#inProxyAnswer = true;
    return true;
  }
}
