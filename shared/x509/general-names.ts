/** GeneralName and its uses (RFC 5280 section 4.2.1.6). */
import { formatIpv4, formatIpv6 } from '../bytes/address.ts';
import { toHex } from '../bytes/hex.ts';
import { contextTag, type DerDocument, type DerElement, type DerReader, TAG } from './der.ts';
import { readObjectIdentifier } from './der-values.ts';
import { type DistinguishedName, readName } from './names.ts';
import { OTHER_NAMES } from './registry/other-names.ts';
import { readString, readVisibleText } from './strings.ts';

/**
 * One GeneralName, under the name of its alternative in RFC 5280. `text` is fit to be shown; compare by it only where
 * `exact` is true, for an escaped text is what no verifier may match.
 */
export type GeneralName =
  | TextName
  | IpAddressName
  | { readonly kind: 'directoryName'; readonly name: DistinguishedName }
  | { readonly kind: 'registeredID'; readonly oid: string }
  | OtherName
  | { readonly kind: 'x400Address'; readonly der: Uint8Array }
  | EdiPartyName;

export interface TextName {
  readonly kind: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier';
  /** What is no printable ASCII stands as `\XX`, `\` as `\5C`. */
  readonly text: string;
  /** Whether `text` is exactly what was encoded. */
  readonly exact: boolean;
}

export interface IpAddressName {
  readonly kind: 'iPAddress';
  /** Canonical (RFC 5952), or null when the octets are no address; in name constraints of the range's base. */
  readonly address: string | null;
  /** Only in name constraints: the mask as `/24` would be 24, or the mask's octets where they are not contiguous. */
  readonly prefixLength: number | null;
  /** 4 or 16 octets; in name constraints 8 or 32, the mask behind the address; anything else where `address` is null. */
  readonly bytes: Uint8Array;
}

export interface OtherName {
  readonly kind: 'otherName';
  readonly oid: string;
  /** The name of a known type (`userPrincipalName`), or null. */
  readonly name: string | null;
  /** The value's text where a known type says that it is a string, or null. */
  readonly text: string | null;
  /** The value's DER with tag and length, without the explicit tag around it. */
  readonly value: Uint8Array;
}

export interface EdiPartyName {
  readonly kind: 'ediPartyName';
  readonly nameAssigner: string | null;
  readonly partyName: string;
}

/** Where a name stands: an iPAddress in name constraints has a mask (RFC 5280 section 4.2.1.10). */
export type GeneralNameUse = 'name' | 'constraint';

/** Reads GeneralNames: a SEQUENCE of at least one, whose content `reader` is already at. */
export function readGeneralNames(reader: DerReader, what: string): readonly GeneralName[] {
  return reader.list(what, (names) => readGeneralName(names, what));
}

/** Reads one GeneralName. */
export function readGeneralName(reader: DerReader, what: string, use: GeneralNameUse = 'name'): GeneralName {
  const { document } = reader;
  const element = reader.next(what);
  switch (element.tag) {
    case contextTag(0, 'constructed'):
      return readOtherName(reader.enter(element, what), `otherName of ${what}`);
    case contextTag(1, 'primitive'):
      return { kind: 'rfc822Name', ...readVisibleText(document, element, `rfc822Name of ${what}`) };
    case contextTag(2, 'primitive'):
      return { kind: 'dNSName', ...readVisibleText(document, element, `dNSName of ${what}`) };
    case contextTag(3, 'constructed'):
      return { kind: 'x400Address', der: document.encoded(element) };
    case contextTag(4, 'constructed'): {
      // Name is a CHOICE, so that its tag is explicit (X.680 section 31.2.7).
      const inner = reader.enter(element, what);
      const name = readName(inner, `directoryName of ${what}`);
      inner.finish(what);
      return { kind: 'directoryName', name };
    }
    case contextTag(5, 'constructed'):
      return readEdiPartyName(reader.enter(element, what), `ediPartyName of ${what}`);
    case contextTag(6, 'primitive'):
      return { kind: 'uniformResourceIdentifier', ...readVisibleText(document, element, `URI of ${what}`) };
    case contextTag(7, 'primitive'):
      return readIpAddress(document, element, use, `iPAddress of ${what}`);
    case contextTag(8, 'primitive'):
      return { kind: 'registeredID', oid: readObjectIdentifier(document, element, `registeredID of ${what}`) };
    default:
      document.fail('unexpected-tag', `${what}: a GeneralName has no such alternative.`, element.start);
      return { kind: 'registeredID', oid: '' };
  }
}

function readOtherName(reader: DerReader, what: string): OtherName {
  const { document } = reader;
  const oid = readObjectIdentifier(document, reader.expect(TAG.objectIdentifier, what), what);
  const explicit = reader.expect(contextTag(0, 'constructed'), what);
  reader.finish(what);
  const inner = reader.enter(explicit, what);
  const value = inner.next(what);
  inner.finish(what);
  const name = OTHER_NAMES.get(oid) ?? null;
  return {
    kind: 'otherName',
    oid,
    name,
    text: name === null ? null : readString(document, value, what),
    value: document.encoded(value),
  };
}

function readEdiPartyName(reader: DerReader, what: string): EdiPartyName {
  const readParty = (element: DerElement): string => {
    const inner = reader.enter(element, what);
    const value = inner.next(what);
    inner.finish(what);
    return readString(reader.document, value, what) ?? `#${toHex(reader.document.encoded(value))}`;
  };
  const nameAssigner = reader.optional(contextTag(0, 'constructed'), what);
  const assigner = nameAssigner === null ? null : readParty(nameAssigner);
  const partyName = readParty(reader.expect(contextTag(1, 'constructed'), what));
  reader.finish(what);
  return { kind: 'ediPartyName', nameAssigner: assigner, partyName };
}

function readIpAddress(document: DerDocument, element: DerElement, use: GeneralNameUse, what: string): IpAddressName {
  const bytes = document.content(element);
  const width = use === 'constraint' ? bytes.length / 2 : bytes.length;
  if (width !== 4 && width !== 16) {
    if (document.failure === null) {
      const expected = use === 'constraint' ? '8 or 32' : '4 or 16';
      document.note('ip-address-length', `${what} has ${bytes.length} octets, not ${expected}.`, element.start);
    }
    return { kind: 'iPAddress', address: null, prefixLength: null, bytes };
  }
  const address = width === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
  const prefixLength = use === 'constraint' ? maskLength(bytes.subarray(width)) : null;
  if (use === 'constraint' && prefixLength === null) {
    document.note('ip-mask-not-contiguous', `${what} has a mask that is no prefix (RFC 4632).`, element.start);
  }
  return { kind: 'iPAddress', address, prefixLength, bytes };
}

/** The number of leading one bits when only zero bits follow them, else null. */
function maskLength(mask: Uint8Array): number | null {
  let length = 0;
  while (length < mask.length * 8 && (mask[length >> 3] & (0x80 >> (length & 7))) !== 0) length++;
  for (let bit = length; bit < mask.length * 8; bit++) {
    if ((mask[bit >> 3] & (0x80 >> (bit & 7))) !== 0) return null;
  }
  return length;
}
