/** The universal types that stand in certificates, read from elements that `DerReader` found (X.690 section 8). */
import { toHex } from '../bytes/hex.ts';
import { LIMITS } from '../bytes/limits.ts';
import type { DerDocument, DerElement } from './der.ts';

/** A BIT STRING (X.690 section 8.6). */
export interface BitString {
  /** The octets that hold the bits, most significant bit first. */
  readonly bytes: Uint8Array;
  /** Bits of the last octet that do not belong to the string. */
  readonly unusedBits: number;
}

/** BOOLEAN: DER has 0x00 and 0xff only (X.690 section 11.1); any other octet is true and lax. */
export function readBoolean(document: DerDocument, element: DerElement, what: string): boolean {
  if (document.failure !== null) return false;
  if (element.contentEnd - element.contentStart !== 1) {
    document.fail('boolean-length', `${what}: a BOOLEAN is one octet long.`, element.start);
    return false;
  }
  const octet = document.bytes[element.contentStart];
  if (octet !== 0 && octet !== 0xff) {
    document.note('boolean-not-der', `${what}: true is 0xff in DER, not ${octet} (X.690 section 11.1).`, element.start);
  }
  return octet !== 0;
}

/** The content octets of an INTEGER, two's complement, after checking that it is in its shortest form (8.3.2). */
export function readInteger(document: DerDocument, element: DerElement, what: string): Uint8Array {
  const bytes = document.content(element);
  if (document.failure !== null) return bytes;
  if (bytes.length === 0) {
    document.fail('integer-empty', `${what}: an INTEGER has at least one octet (X.690 section 8.3.1).`, element.start);
  } else if (bytes.length > 1 && ((bytes[0] === 0 && bytes[1] < 0x80) || (bytes[0] === 0xff && bytes[1] >= 0x80))) {
    const message = `${what}: the INTEGER is not in its shortest form (X.690 section 8.3.2).`;
    document.note('integer-not-minimal', message, element.start);
  }
  return bytes;
}

/**
 * An INTEGER (0..MAX) that counts something. Values past 2^53 - 1 become that number: nothing a certificate counts
 * comes near it, so the two behave alike. A negative one is damage: it counts nothing.
 */
export function readCount(document: DerDocument, element: DerElement, what: string): number {
  const bytes = readInteger(document, element, what);
  if (document.failure !== null) return 0;
  if (bytes[0] >= 0x80) {
    document.fail('integer-negative', `${what} is negative.`, element.start);
    return 0;
  }
  let value = 0;
  for (const octet of bytes) value = Math.min(value * 256 + octet, Number.MAX_SAFE_INTEGER);
  return value;
}

/**
 * The octets of an INTEGER that is never negative (a modulus, a prime) without leading zeros. A missing sign octet is
 * lax; OpenSSL reads such values as unsigned too.
 */
export function readUnsigned(document: DerDocument, element: DerElement, what: string): Uint8Array {
  const bytes = readInteger(document, element, what);
  if (document.failure !== null) return bytes;
  if (bytes[0] >= 0x80) {
    document.note('integer-negative', `${what} lacks its sign octet and would be negative.`, element.start);
  }
  return withoutLeadingZeros(bytes);
}

/** The number of significant bits of big-endian octets. */
export function bitLength(bytes: Uint8Array): number {
  const significant = withoutLeadingZeros(bytes);
  return significant.length === 0 ? 0 : significant.length * 8 - (Math.clz32(significant[0]) - 24);
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  return bytes.subarray(start);
}

/**
 * Content octets of an INTEGER as OpenSSL prints a serial number: hex of the value, an even number of digits, no
 * leading zero octets, `00` for zero, and for a negative number `-` before the hex of its magnitude.
 */
export function integerToHex(bytes: Uint8Array): string {
  const negative = bytes.length > 0 && bytes[0] >= 0x80;
  const magnitude = withoutLeadingZeros(negative ? negate(bytes) : bytes);
  if (magnitude.length === 0) return '00';
  return `${negative ? '-' : ''}${toHex(magnitude)}`;
}

function negate(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let carry = 1;
  for (let i = bytes.length - 1; i >= 0; i--) {
    const sum = (~bytes[i] & 0xff) + carry;
    result[i] = sum & 0xff;
    carry = sum >> 8;
  }
  return result;
}

/** BIT STRING; unused bits that are not zero are lax (X.690 section 11.2.1). `element` may carry a context tag. */
export function readBitString(document: DerDocument, element: DerElement, what: string): BitString {
  const content = document.content(element);
  if (document.failure !== null) return { bytes: content, unusedBits: 0 };
  const unusedBits = content.length === 0 ? 8 : content[0];
  if (unusedBits > 7 || (unusedBits > 0 && content.length === 1)) {
    document.fail('bit-string-malformed', `${what}: the count of unused bits is wrong.`, element.start);
    return { bytes: content, unusedBits: 0 };
  }
  if (unusedBits > 0 && (content[content.length - 1] & ((1 << unusedBits) - 1)) !== 0) {
    const message = `${what}: unused bits of the BIT STRING are not zero (X.690 section 11.2.1).`;
    document.note('bit-string-padding', message, element.start);
  }
  return { bytes: content.subarray(1), unusedBits };
}

/**
 * A BIT STRING whose bits have names, as the names of those that are set, in their order. DER drops trailing zero bits
 * (X.690 section 11.2.2); keeping them is lax. Bits without a name are left out.
 */
export function readNamedBits<T extends string>(
  document: DerDocument,
  element: DerElement,
  names: readonly T[],
  what: string,
): readonly T[] {
  const { bytes, unusedBits } = readBitString(document, element, what);
  if (document.failure !== null) return [];
  if (bytes.length > 0 && (bytes[bytes.length - 1] & (1 << unusedBits)) === 0) {
    const message = `${what}: trailing zero bits of a named bit list are encoded (X.690 section 11.2.2).`;
    document.note('named-bits-trailing-zero', message, element.start);
  }
  const count = bytes.length * 8 - unusedBits;
  return names.filter((_, bit) => bit < count && (bytes[bit >> 3] & (0x80 >> (bit & 7))) !== 0);
}

/** An OBJECT IDENTIFIER in dotted decimal. Malformed sub-identifiers are damage: BER forbids them as DER does (8.19.2). */
export function readObjectIdentifier(document: DerDocument, element: DerElement, what: string): string {
  if (document.failure !== null) return '';
  const content = document.content(element);
  if (content.length > LIMITS.objectIdentifierBytes) {
    const message = `${what}: the object identifier has ${content.length} bytes.`;
    document.fail('object-identifier-too-long', message, element.start);
    return '';
  }
  const text = decodeObjectIdentifier(content);
  if (text === null) {
    document.fail('object-identifier-malformed', `${what}: the object identifier is malformed.`, element.start);
    return '';
  }
  return text;
}

/** Content octets of an OBJECT IDENTIFIER in dotted decimal, or null (X.690 section 8.19). */
function decodeObjectIdentifier(content: Uint8Array): string | null {
  let text = '';
  let arc = 0;
  let start = 0;
  for (let at = 0; at < content.length; at++) {
    const octet = content[at];
    if (at === start && octet === 0x80) return null;
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (text === '') {
      const root = arc < 80 ? Math.floor(arc / 40) : 2;
      text = `${root}.${arcToText(content, start, at, arc, root * 40)}`;
    } else {
      text += `.${arcToText(content, start, at, arc, 0)}`;
    }
    arc = 0;
    start = at + 1;
  }
  return start === content.length && text !== '' ? text : null;
}

/** An arc without `root`; those past 2^53 (UUIDs under 2.25 have 128 bits) are read again without loss. */
function arcToText(content: Uint8Array, start: number, last: number, arc: number, root: number): string {
  if (arc <= Number.MAX_SAFE_INTEGER) return String(arc - root);
  let exact = 0n;
  for (let at = start; at <= last; at++) exact = (exact << 7n) | BigInt(content[at] & 0x7f);
  return String(exact - BigInt(root));
}
