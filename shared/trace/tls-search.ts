import { LIMITS } from '../bytes/limits.ts';
import type { Side } from '../contract/analysis.ts';
import { looksLikeClientHello, looksLikeSsl2ClientHello, looksLikeTlsRecord } from '../tls/detect.ts';

export type SearchResult =
  /**
   * TLS begins at `offset` of the bytes given, behind `prefix` (bytes held from the segment before). `sender` is null
   * where the records do not tell: the handshake was not captured.
   */
  | { readonly kind: 'found'; readonly sender: Side | null; readonly offset: number; readonly prefix: Uint8Array }
  | { readonly kind: 'searching' }
  | { readonly kind: 'given-up' };

const NOTHING = new Uint8Array(0);

/**
 * Looks for TLS that begins inside another protocol (FTP's AUTH TLS, LDAP, XMPP, PostgreSQL, MySQL, RDP, CONNECT …) by
 * its ClientHello, at the start of a segment or where a record reaches exactly to the end of one. Who sends the
 * ClientHello is the client of TLS, whoever opened the connection. A ServerHello counts where the client's direction
 * was not captured, and whole records where neither hello was.
 */
export class TlsSearch {
  /** Bytes of each direction looked at. */
  readonly #looked: [number, number] = [0, 0];
  /** A few bytes at the end of the last segment that may be the start of a ClientHello. */
  readonly #held: [Uint8Array, Uint8Array] = [NOTHING, NOTHING];

  look(direction: 0 | 1, bytes: Uint8Array, start: number, end: number): SearchResult {
    const held = this.#held[direction];
    if (held.length > 0) {
      this.#held[direction] = NOTHING;
      const joined = new Uint8Array(held.length + Math.min(end - start, 64));
      joined.set(held);
      joined.set(bytes.subarray(start, start + joined.length - held.length), held.length);
      if (looksLikeClientHello(joined, 0, joined.length) === 'yes') {
        return { kind: 'found', sender: 'client', offset: start, prefix: held };
      }
    }
    const verdict = looksLikeClientHello(bytes, start, end);
    if (verdict === 'yes') return { kind: 'found', sender: 'client', offset: start, prefix: NOTHING };
    if (verdict === 'maybe' && end - start <= 64) this.#held[direction] = bytes.slice(start, end);
    if (looksLikeSsl2ClientHello(bytes, start, end) === 'yes') {
      return { kind: 'found', sender: 'client', offset: start, prefix: NOTHING };
    }
    if (isServerHello(bytes, start, end)) return { kind: 'found', sender: 'server', offset: start, prefix: NOTHING };
    const inner = findInside(bytes, start, end);
    if (inner >= 0) return { kind: 'found', sender: 'client', offset: inner, prefix: NOTHING };
    if (areRecords(bytes, start, end)) return { kind: 'found', sender: null, offset: start, prefix: NOTHING };
    this.#looked[direction] += end - start;
    if (this.#looked[direction] > LIMITS.tlsSearchBytes) return { kind: 'given-up' };
    return { kind: 'searching' };
  }
}

/** A handshake record that begins with a ServerHello. */
function isServerHello(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 44 || bytes[start] !== 0x16 || bytes[start + 5] !== 2 || bytes[start + 6] !== 0) return false;
  return looksLikeTlsRecord(bytes, start, end) === 'yes' && bytes[start + 9] === 3;
}

/**
 * The segment is one or more whole records with the versions of SSL 3.0 to TLS 1.3, or begins with one that fills it
 * and goes on behind it: a connection whose handshake was not captured.
 */
function areRecords(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + 5 <= end) {
    if (bytes[at + 1] !== 3 || bytes[at + 2] > 4 || looksLikeTlsRecord(bytes, at, end) !== 'yes') return false;
    at += 5 + ((bytes[at + 3] << 8) | bytes[at + 4]);
  }
  // Text and numbers seldom look like a header by chance, but they do: what is cut short needs a full segment.
  return at === end || (at > end && end - start >= 512);
}

/** A ClientHello behind other bytes of the same segment, whose record ends exactly where the segment does. */
function findInside(bytes: Uint8Array, start: number, end: number): number {
  const segment = bytes.subarray(start, end);
  // A length in front that covers all the rest: the record lies in packets of another protocol (OpenVPN over TCP), whose
  // headers stand between its pieces, and what follows is no stream of records.
  if (segment.length > 2 && ((segment[0] << 8) | segment[1]) === segment.length - 2) return -1;
  for (let at = segment.indexOf(0x16, 1); at >= 0 && at + 43 < segment.length; at = segment.indexOf(0x16, at + 1)) {
    if (segment[at + 1] !== 3 || segment[at + 5] !== 1) continue;
    if (at + 5 + ((segment[at + 3] << 8) | segment[at + 4]) !== segment.length) continue;
    if (looksLikeClientHello(segment, at, segment.length) === 'yes') return start + at;
  }
  return -1;
}
