/** A small DER writer (X.690 section 10), for building certificates that no tool would make. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function bytes(...parts: readonly (Uint8Array | number)[]): Bytes {
  const chunks = parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part));
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

export function hex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function latin1(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One element of any tag. */
export function element(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const value = bytes(...content);
  return bytes(tag, lengthOctets(value.length), value);
}

function lengthOctets(length: number): Bytes {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

export const sequence = (...items: readonly Uint8Array[]): Bytes => element(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Bytes => element(0x31, ...items);
export const boolean = (value: boolean): Bytes => element(0x01, Uint8Array.of(value ? 0xff : 0));
export const octetString = (...content: readonly Uint8Array[]): Bytes => element(0x04, ...content);
export const bitString = (content: Uint8Array, unused = 0): Bytes => element(0x03, Uint8Array.of(unused), content);
export const nothing = (): Bytes => element(0x05);
export const utf8 = (text: string): Bytes => element(0x0c, new TextEncoder().encode(text));
export const printable = (text: string): Bytes => element(0x13, latin1(text));
export const ia5 = (text: string): Bytes => element(0x16, latin1(text));
export const utcTime = (text: string): Bytes => element(0x17, latin1(text));
export const generalizedTime = (text: string): Bytes => element(0x18, latin1(text));
/** A context tag, constructed (explicit tags, lists) or primitive (implicit strings and numbers). */
export const explicit = (tag: number, ...content: readonly Uint8Array[]): Bytes => element(0xa0 | tag, ...content);
export const implicit = (tag: number, content: Uint8Array): Bytes => element(0x80 | tag, content);

export function integer(value: number | bigint): Bytes {
  const octets: number[] = [];
  let rest = BigInt(value);
  do {
    octets.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  if (rest === 0n && octets[0] >= 0x80) octets.unshift(0);
  if (rest === -1n && octets[0] < 0x80) octets.unshift(0xff);
  return element(0x02, Uint8Array.from(octets));
}

/** The content octets of an OBJECT IDENTIFIER. */
export function oidContent(dotted: string): Bytes {
  const [root, second, ...rest] = dotted.split('.').map(BigInt);
  return bytes(...[root * 40n + second, ...rest].map(base128));
}

export function oid(dotted: string): Bytes {
  return element(0x06, oidContent(dotted));
}

function base128(value: bigint): Bytes {
  const octets = [Number(value & 0x7fn)];
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(octets);
}

/** An attribute of a name, its value as UTF8String unless it is given as an element. */
export function attribute(type: string, value: string | Uint8Array): Bytes {
  return sequence(oid(type), typeof value === 'string' ? utf8(value) : value);
}

/** A Name with one attribute an RDN, in the order given. */
export function name(...attributes: readonly Uint8Array[]): Bytes {
  return sequence(...attributes.map((item) => set(item)));
}

export function extension(type: string, value: Uint8Array, critical = false): Bytes {
  return sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(value));
}

export const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), nothing());

/** An RSA key of 32 bits: no key at all, but a well-formed one. */
export const TINY_RSA_KEY = sequence(
  sequence(oid('1.2.840.113549.1.1.1'), nothing()),
  bitString(sequence(integer(0xc0ffee11), integer(65_537))),
);

export interface CertificateParts {
  readonly version?: Uint8Array | null;
  readonly serialNumber?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly notAfter?: Uint8Array;
  readonly validity?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly publicKey?: Uint8Array;
  /** What stands between the key and the extensions. */
  readonly uniqueIds?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[] | null;
  /** What stands behind the extensions, where nothing may. */
  readonly tail?: readonly Uint8Array[];
  readonly signatureAlgorithm?: Uint8Array;
  readonly signatureValue?: Uint8Array;
}

/** A certificate of which each part may be replaced by any octets. Its signature is nonsense. */
export function certificate(parts: CertificateParts = {}): Bytes {
  const issuer = parts.issuer ?? name(attribute('2.5.4.3', 'Test Issuer'));
  const validity =
    parts.validity ?? sequence(parts.notBefore ?? utcTime('140101000000Z'), parts.notAfter ?? utcTime('160101000000Z'));
  const extensions = parts.extensions ?? null;
  const tbsCertificate = sequence(
    ...(parts.version === null ? [] : [parts.version ?? explicit(0, integer(2))]),
    parts.serialNumber ?? integer(1),
    parts.signature ?? SHA256_WITH_RSA,
    issuer,
    validity,
    parts.subject ?? name(attribute('2.5.4.3', 'mail.example')),
    parts.publicKey ?? TINY_RSA_KEY,
    ...(parts.uniqueIds ?? []),
    ...(extensions === null ? [] : [explicit(3, sequence(...extensions))]),
    ...(parts.tail ?? []),
  );
  return sequence(
    tbsCertificate,
    parts.signatureAlgorithm ?? SHA256_WITH_RSA,
    parts.signatureValue ?? bitString(new Uint8Array(8)),
  );
}
