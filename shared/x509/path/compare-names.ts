/** Comparison of distinguished names by RFC 5280 section 7.1: strings prepared, other values octet for octet. */
import { toHex } from '../../bytes/hex.ts';
import type { X509Certificate } from '../certificate.ts';
import type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from '../names.ts';

/** What two equal names have in common; names are read once, but compared with many. */
const prepared = new WeakMap<DistinguishedName, readonly string[]>();
const joined = new WeakMap<DistinguishedName, string>();

/** Each RDN in a form that is the same for two RDNs exactly when RFC 5280 section 7.1 calls them equal. */
export function preparedRdns(name: DistinguishedName): readonly string[] {
  let rdns = prepared.get(name);
  if (rdns === undefined) {
    rdns = name.rdns.map(prepareRdn);
    prepared.set(name, rdns);
  }
  return rdns;
}

/** The whole name in such a form. */
export function nameKey(name: DistinguishedName): string {
  let key = joined.get(name);
  if (key === undefined) {
    key = preparedRdns(name).join('\u0000');
    joined.set(name, key);
  }
  return key;
}

/** RFC 5280 section 3.2: issuer and subject are the same entity, whatever the key. */
export function isSelfIssued(certificate: X509Certificate): boolean {
  return nameKey(certificate.issuer) === nameKey(certificate.subject);
}

export function isEmptyName(name: DistinguishedName): boolean {
  return name.rdns.length === 0;
}

/** An RDN is a set: its attributes have no order. */
function prepareRdn(rdn: RelativeDistinguishedName): string {
  return rdn.map(prepareAttribute).sort().join('\u0001');
}

function prepareAttribute({ oid, text, value }: NameAttribute): string {
  return text === null ? `${oid}#${toHex(value)}` : `${oid}=${prepareString(text)}`;
}

/** ASCII without controls, which needs no Unicode tables. */
const PLAIN = /^[ -~]*$/;

/** Mapped to nothing: RFC 4518 section 2.2. */
const IGNORED =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u06dd\u070f\u1806\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffc]|[\u180b-\u180d]|[\ufe00-\ufe0f]|\u034f/g;

/** RFC 4518: map, fold case, normalize (NFKC), and see runs of spaces as one, none at the ends. */
function prepareString(text: string): string {
  const folded = PLAIN.test(text) ? text.toLowerCase() : fold(text.replace(IGNORED, ''));
  return folded.trim().replace(/\s+/g, ' ');
}

/** Upper case first, so that `ß`, which has no single capital, folds to `ss` as the Unicode tables have it. */
function fold(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
