/** Distinguished names: the Name of RFC 5280 section 4.1.2.4 and its text by RFC 4514. */
import { toHex } from '../bytes/hex.ts';
import { LIMITS } from '../bytes/limits.ts';
import { DerDocument, type DerElement, type DerReader, TAG } from './der.ts';
import { readObjectIdentifier } from './der-values.ts';
import { ATTRIBUTE_TYPES } from './registry/attribute-types.ts';
import { octetHex, readString, type StringType, stringType } from './strings.ts';

/** AttributeTypeAndValue. */
export interface NameAttribute {
  readonly oid: string;
  /** The short name that RFC 4514 or convention gives the type (`CN`, `emailAddress`), or null. */
  readonly shortName: string | null;
  /** The value's string type, or null when it is no string. */
  readonly stringType: StringType | null;
  /** The value's characters, unescaped; null when it is no string or not made up of whole characters. */
  readonly text: string | null;
  /** The value's DER with tag and length. */
  readonly value: Uint8Array;
}

/** RelativeDistinguishedName: its attributes as encoded. */
export type RelativeDistinguishedName = readonly NameAttribute[];

export interface DistinguishedName {
  /** The Name with tag and length, for comparison and hashing. */
  readonly der: Uint8Array;
  /** As encoded: the least specific first. */
  readonly rdns: readonly RelativeDistinguishedName[];
  /** RFC 4514: the most specific first. */
  readonly text: string;
}

/** Reads a Name, which is an RDNSequence and may be empty. */
export function readName(reader: DerReader, what: string): DistinguishedName {
  const { document } = reader;
  const element = reader.expect(TAG.sequence, what);
  let attributes = 0;
  const rdns = reader.enter(element, what).listOrEmpty(what, (inner) => {
    const set = inner.expect(TAG.set, what);
    const rdn = readAttributes(inner, set, what);
    attributes += rdn.length;
    if (attributes > LIMITS.derElements) {
      document.fail('too-many-elements', `${what} has more than ${LIMITS.derElements} attributes.`, set.start);
    }
    return rdn;
  });
  const text = document.failure === null ? formatDistinguishedName(rdns) : '';
  return { der: document.encoded(element), rdns, text };
}

/**
 * The RFC 4514 text of a Name's DER that stands by itself, as in a CertificateRequest; `#` and hex of the octets when
 * they are no Name.
 */
export function rdnSequenceText(der: Uint8Array): string {
  const document = new DerDocument(der);
  const reader = document.reader();
  const name = readName(reader, 'distinguished name');
  reader.finish('distinguished name');
  return document.failure === null ? name.text : `#${toHex(der)}`;
}

/** Reads the attributes inside `set`, a SET OF that may carry a context tag (nameRelativeToCRLIssuer). */
export function readAttributes(reader: DerReader, set: DerElement, what: string): RelativeDistinguishedName {
  const { document } = reader;
  let previous: DerElement | null = null;
  return reader.enter(set, what).list(`an RDN of ${what}`, (attributes) => {
    const at = attributes.at;
    const attribute = readAttribute(attributes, what);
    const current = { tag: TAG.sequence, start: at, contentStart: at, contentEnd: attributes.at, end: attributes.at };
    if (previous !== null && compareEncoded(document, previous, current) > 0) {
      const message = `${what}: a SET OF is not in ascending order (X.690 section 11.6).`;
      document.note('set-not-sorted', message, at);
    }
    previous = current;
    return attribute;
  });
}

function readAttribute(reader: DerReader, what: string): NameAttribute {
  const { document } = reader;
  const attribute = reader.sequence(`an attribute of ${what}`);
  const type = attribute.expect(TAG.objectIdentifier, `an attribute type of ${what}`);
  const oid = readObjectIdentifier(document, type, `an attribute type of ${what}`);
  const shortName = ATTRIBUTE_TYPES.get(oid) ?? null;
  const label = `${shortName ?? oid} of ${what}`;
  const value = attribute.next(label);
  attribute.finish(label);
  const text = readString(document, value, label);
  return { oid, shortName, stringType: stringType(value.tag), text, value: document.encoded(value) };
}

function compareEncoded(document: DerDocument, left: DerElement, right: DerElement): number {
  const { bytes } = document;
  const length = Math.min(left.end - left.start, right.end - right.start);
  for (let i = 0; i < length; i++) {
    const difference = bytes[left.start + i] - bytes[right.start + i];
    if (difference !== 0) return difference;
  }
  return left.end - left.start - (right.end - right.start);
}

/**
 * A distinguished name as RFC 4514 section 2 writes it: RDNs from the last to the first joined by `,`, the attributes
 * of one joined by `+` in the order encoded. Empty RDNs, which no syntax allows, leave nothing.
 */
function formatDistinguishedName(rdns: readonly RelativeDistinguishedName[]): string {
  return rdns
    .filter((rdn) => rdn.length > 0)
    .map(formatRelativeDistinguishedName)
    .reverse()
    .join(',');
}

/** One RDN as RFC 4514 section 2.2 writes it. */
function formatRelativeDistinguishedName(rdn: RelativeDistinguishedName): string {
  return rdn.map(formatAttribute).join('+');
}

/** RFC 4514 section 2.4: a type that goes by its OID, or a value that is no text, has its value as `#` and hex. */
function formatAttribute(attribute: NameAttribute): string {
  const type = attribute.shortName ?? attribute.oid;
  if (attribute.shortName === null || attribute.text === null) return `${type}=#${toHex(attribute.value)}`;
  return `${type}=${escapeAttributeValue(attribute.text)}`;
}

/**
 * Escapes a value by RFC 4514 section 2.4. Control characters, which the RFC lets stand, become hex pairs of their
 * UTF-8 octets as well.
 */
export function escapeAttributeValue(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  const escaped = text
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/[\0-\x1f\x7f]/g, (character) => `\\${octetHex(character.charCodeAt(0))}`)
    .replace(/[\x80-\x9f]/g, (character) => `\\C2\\${octetHex(character.charCodeAt(0))}`)
    .replace(/^[ #]/, '\\$&');
  // The last character, when it is a space that is not already escaped as the first.
  return escaped.endsWith(' ') && escaped !== '\\ ' ? `${escaped.slice(0, -1)}\\ ` : escaped;
}

const NEEDS_ESCAPE = /["+,;<>\\\0-\x1f\x7f-\x9f]|^[ #]| $/;

/** The values of all common names (2.5.4.3) in order of appearance. */
export function commonNames(name: DistinguishedName): readonly string[] {
  return name.rdns
    .flat()
    .filter((attribute) => attribute.oid === '2.5.4.3')
    .map((attribute) => attribute.text ?? `#${toHex(attribute.value)}`);
}
