/** Key logs, the SSLKEYLOGFILE format (RFC 9850), with the older lines that NSS and Wireshark know. */
import { LIMITS } from '../../bytes/limits.ts';
import { decodeLatin1 } from '../../bytes/text.ts';
import type { SecretKey, SecretLabel, SecretStore } from './secret-store.ts';
import { MASTER_SECRET_BYTES } from './tls12-keys.ts';

/** What one key log, secrets block or comment brought. All are counts of lines, save the line numbers. */
export interface KeyLogSummary {
  readonly lines: number;
  /** Lines whose secret the store took, those of `conflicts` included. */
  readonly secrets: number;
  /** Lines that repeat what the store had. */
  readonly duplicates: number;
  /** Lines with another secret of the same kind for a session; all of them will be tried. */
  readonly conflicts: number;
  /** Lines of RFC 9850 that decryption has no use for: exporter secrets, Encrypted ClientHello. */
  readonly unneeded: number;
  /** Lines that make no sense, and the numbers (from 1) of the first of them. */
  readonly junk: number;
  readonly junkLines: readonly number[];
  /** Lines left out because the store was full. */
  readonly leftOut: number;
}

interface Label {
  readonly key: SecretKey;
  /** Null where decryption has no use for the secret. */
  readonly secret: SecretLabel | null;
}

const LABELS: ReadonlyMap<string, Label> = new Map<string, Label>([
  ['CLIENT_RANDOM', { key: 'client-random', secret: 'master-secret' }],
  ['PMS_CLIENT_RANDOM', { key: 'client-random', secret: 'pre-master-secret' }],
  ['RSA', { key: 'encrypted-pre-master', secret: 'pre-master-secret' }],
  ['CLIENT_EARLY_TRAFFIC_SECRET', { key: 'client-random', secret: 'client-early-traffic-secret' }],
  ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', { key: 'client-random', secret: 'client-handshake-traffic-secret' }],
  ['SERVER_HANDSHAKE_TRAFFIC_SECRET', { key: 'client-random', secret: 'server-handshake-traffic-secret' }],
  ['CLIENT_TRAFFIC_SECRET_0', { key: 'client-random', secret: 'client-traffic-secret-0' }],
  ['SERVER_TRAFFIC_SECRET_0', { key: 'client-random', secret: 'server-traffic-secret-0' }],
  ['EARLY_EXPORTER_SECRET', { key: 'client-random', secret: null }],
  ['EXPORTER_SECRET', { key: 'client-random', secret: null }],
  ['ECH_SECRET', { key: 'client-random', secret: null }],
  ['ECH_CONFIG', { key: 'client-random', secret: null }],
]);

/** Secrets of later generations follow from the first. */
const LATER_TRAFFIC_SECRET = /^(?:CLIENT|SERVER)_TRAFFIC_SECRET_[1-9][0-9]*$/;

const KEY_BYTES: Readonly<Record<SecretKey, readonly [least: number, most: number]>> = {
  'client-random': [32, 32],
  'encrypted-pre-master': [8, 8],
  'session-id': [1, 32],
};

/** A label, what names the session, the secret. */
const LINE = /^[ \t]*([A-Z][A-Z0-9_]*)[ \t]+([0-9A-Fa-f]+)[ \t]+([0-9A-Fa-f]+)[ \t]*$/;

/** What NSS and OpenSSL wrote for sessions that were resumed. */
const SESSION_LINE = /^[ \t]*RSA Session-ID:([0-9A-Fa-f]+) Master-Key:([0-9A-Fa-f]+)[ \t]*$/;

/** The same lines in the midst of text. Words end at white space, so that each character is looked at a few times. */
const IN_TEXT =
  /(?<![A-Za-z0-9_])(?:[A-Z][A-Z0-9_]{2,40}[ \t]+[0-9A-Fa-f]{16,64}[ \t]+[0-9A-Fa-f]{64,2000}|RSA Session-ID:[0-9A-Fa-f]{2,64} Master-Key:[0-9A-Fa-f]{96})(?![A-Za-z0-9_])/g;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

type Outcome = 'secret' | 'duplicate' | 'conflict' | 'unneeded' | 'junk' | 'left-out';

/** Reads a key log piece by piece into a store. Line ends are LF, CR LF or CR; empty lines and # comments pass. */
export class KeyLogReader {
  readonly #store: SecretStore;
  readonly #source: number;
  readonly #counts: Record<Outcome, number> = {
    secret: 0,
    duplicate: 0,
    conflict: 0,
    unneeded: 0,
    junk: 0,
    'left-out': 0,
  };
  readonly #junkLines: number[] = [];
  /** The line so far, when a piece ended in its midst; null when it is too long to be one. */
  #held: string | null = '';
  #lines = 0;
  #afterCarriageReturn = false;

  /** `source` is what the store's `addSource` gave. */
  constructor(store: SecretStore, source: number) {
    this.#store = store;
    this.#source = source;
  }

  /** Takes `bytes[start, end)`, which follow on everything before; nothing of them is kept but copies. */
  push(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let lineStart = start;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
        this.#afterCarriageReturn = false;
        continue;
      }
      if (byte === LINE_FEED && this.#afterCarriageReturn) {
        this.#afterCarriageReturn = false;
      } else {
        this.#hold(bytes, lineStart, at);
        this.#finishLine();
        this.#afterCarriageReturn = byte === CARRIAGE_RETURN;
      }
      lineStart = at + 1;
    }
    this.#hold(bytes, lineStart, end);
  }

  /** No more follows. */
  end(): KeyLogSummary {
    if (this.#held !== '') this.#finishLine();
    const counts = this.#counts;
    return {
      lines: this.#lines,
      secrets: counts.secret + counts.conflict,
      duplicates: counts.duplicate,
      conflicts: counts.conflict,
      unneeded: counts.unneeded,
      junk: counts.junk,
      junkLines: this.#junkLines,
      leftOut: counts['left-out'],
    };
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end || this.#held === null) return;
    if (this.#held.length + end - start > LIMITS.keyLogLineBytes) this.#held = null;
    else this.#held += decodeLatin1(bytes, start, end);
  }

  #finishLine(): void {
    const line = this.#held;
    this.#held = '';
    this.#lines++;
    const text = this.#lines === 1 ? (line?.replace(BYTE_ORDER_MARK, '') ?? null) : line;
    if (text !== null && /^[ \t]*(?:#|$)/.test(text)) return;
    const outcome = text === null ? 'junk' : addLine(text, this.#store, this.#source);
    this.#counts[outcome]++;
    if (outcome === 'junk' && this.#junkLines.length < LIMITS.keyLogJunkLines) this.#junkLines.push(this.#lines);
  }
}

/** UTF-8's, read as Latin-1. */
const BYTE_ORDER_MARK = /^\u00ef\u00bb\u00bf/;

/** Reads a key log that lies in memory. */
export function readKeyLog(bytes: Uint8Array, store: SecretStore, source: number): KeyLogSummary {
  const reader = new KeyLogReader(store, source);
  reader.push(bytes);
  return reader.end();
}

/**
 * Adds all key log lines that stand in text that somebody wrote, such as a comment in a pcapng file. Gives how many
 * secrets were new; what else stands there is nobody's mistake.
 */
export function readKeyLinesInText(text: string, store: SecretStore, source: number): number {
  let added = 0;
  for (const [line] of text.matchAll(IN_TEXT)) {
    const outcome = addLine(line, store, source);
    if (outcome === 'secret' || outcome === 'conflict') added++;
  }
  return added;
}

function addLine(line: string, store: SecretStore, source: number): Outcome {
  const session = SESSION_LINE.exec(line);
  if (session !== null) {
    const label = { key: 'session-id', secret: 'master-secret' } as const;
    return addSecret(label, session[1], session[2], store, source);
  }
  const parts = LINE.exec(line);
  if (parts === null) return 'junk';
  const label = LATER_TRAFFIC_SECRET.test(parts[1]) ? UNNEEDED : LABELS.get(parts[1]);
  return label === undefined ? 'junk' : addSecret(label, parts[2], parts[3], store, source);
}

const UNNEEDED: Label = { key: 'client-random', secret: null };

function addSecret(label: Label, keyHex: string, secretHex: string, store: SecretStore, source: number): Outcome {
  const key = fromHex(keyHex);
  const secret = fromHex(secretHex);
  const [least, most] = KEY_BYTES[label.key];
  if (key === null || secret === null || key.length < least || key.length > most) return 'junk';
  if (label.secret === null) return 'unneeded';
  if (!isSecretLength(label.secret, secret.length)) return 'junk';
  const outcome = store.add(source, label.key, key, label.secret, secret);
  switch (outcome) {
    case 'added':
      return 'secret';
    case 'full':
      return 'left-out';
    case 'duplicate':
    case 'conflict':
      return outcome;
    default:
      return outcome satisfies never;
  }
}

function isSecretLength(label: SecretLabel, length: number): boolean {
  switch (label) {
    case 'master-secret':
      return length === MASTER_SECRET_BYTES;
    case 'pre-master-secret':
      // RSA has 48; Diffie-Hellman what its group makes of it, of which more than 255 octets are not kept.
      return length >= 1 && length <= 255;
    case 'client-early-traffic-secret':
    case 'client-handshake-traffic-secret':
    case 'server-handshake-traffic-secret':
    case 'client-traffic-secret-0':
    case 'server-traffic-secret-0':
      return length === 32 || length === 48;
    default:
      return label satisfies never;
  }
}

/** The octets of hex digits, which the expressions above have checked; null when one is left over. */
function fromHex(digits: string): Uint8Array | null {
  if (digits.length % 2 !== 0) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (hexValue(digits.charCodeAt(2 * i)) << 4) | hexValue(digits.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** Letters of both cases have the same lower bits, `a` and `A` a one. */
function hexValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code & 7) + 9;
}
