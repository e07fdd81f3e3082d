import type { Problem } from '../bytes/problem.ts';

/** Why the record layer does not know where the next record begins. */
export type LossCause = 'mid-stream' | 'hole' | 'oversized' | 'garbage';

/** Characters of garbage that a problem quotes. */
const QUOTED_BYTES = 96;
const LINE_FEED = 0x0a;

/** One stretch without framing: what was passed over, and what stood there instead of a record. */
export class FramingLoss {
  private readonly cause: LossCause;
  /** Offset of the first byte that belongs to no known record. */
  private readonly offset: number;
  private missingBytes = 0;
  /** The first bytes of garbage; null when nothing is to be quoted any more. */
  private quote: number[] | null;
  /** How many of them surely stand in front of the next record. */
  private quotable = 0;

  constructor(cause: LossCause, offset: number) {
    this.cause = cause;
    this.offset = offset;
    this.quote = cause === 'garbage' ? [] : null;
  }

  /** `size` bytes are missing within the stretch. */
  hole(size: number): void {
    this.missingBytes += size;
  }

  /**
   * The next bytes of the stretch; it is decided up to offset `decided` that no record begins. Answers with the quote
   * once its first line is complete, for who sends garbage mostly says why.
   */
  observe(bytes: Uint8Array, start: number, end: number, decided: number): Problem | null {
    const { quote } = this;
    if (quote === null) return null;
    for (let at = start; at < end && quote.length < QUOTED_BYTES; at++) quote.push(bytes[at]);
    const limit = Math.min(quote.length, decided - this.offset);
    while (this.quotable < limit) {
      this.quotable++;
      if (quote[this.quotable - 1] === LINE_FEED || this.quotable === QUOTED_BYTES) return this.takeQuote();
    }
    return null;
  }

  /** The quote as far as it is decided, once. */
  takeQuote(): Problem | null {
    const { quote } = this;
    if (quote === null) return null;
    this.quote = null;
    const text = quote.slice(0, this.quotable).map(printable).join('');
    return { code: 'not-tls', message: `Where a TLS record must begin stands "${text}".`, offset: this.offset };
  }

  /** The stretch ends at offset `end`, because a record was `found` or because the direction ends. */
  summary(end: number, found: boolean): Problem | null {
    const { offset, missingBytes } = this;
    const passed = end - offset - missingBytes;
    const outcome = found ? 'before the next record' : 'without finding another record';
    switch (this.cause) {
      case 'mid-stream':
        if (passed === 0 && missingBytes === 0) return null;
        return {
          code: 'tls-mid-stream',
          message: `The bytes begin inside a record: ${passed} were passed over ${outcome}.`,
          offset,
        };
      case 'hole':
        return {
          code: 'tls-records-lost',
          message: `${missingBytes} missing bytes cover record headers; ${passed} bytes were passed over ${outcome}.`,
          offset,
        };
      case 'oversized':
      case 'garbage':
        return {
          code: 'tls-bytes-skipped',
          message: `${passed} bytes that are no TLS record were passed over ${outcome}.`,
          offset,
        };
      default:
        return this.cause satisfies never;
    }
  }
}

/** One byte as printable ASCII, or as `\r`, `\n`, `\xNN`. */
function printable(byte: number): string {
  if (byte === 0x0d) return '\\r';
  if (byte === LINE_FEED) return '\\n';
  if (byte === 0x5c || byte === 0x22) return `\\${String.fromCharCode(byte)}`;
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
