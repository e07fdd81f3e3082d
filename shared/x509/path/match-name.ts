/** A certificate's names against the name that a client means to reach: RFC 9525, with RFC 6125's fallback on request. */
import { formatIpv4, formatIpv6, parseAddress } from '../../bytes/address.ts';
import type { X509Certificate } from '../certificate.ts';
import type { GeneralName } from '../general-names.ts';
import { commonNames } from '../names.ts';
import { comparableName, isComparableName, wildcardParent } from './domain-name.ts';
import { toAsciiName } from './internationalized-name.ts';
import type { NameMatch, ReferenceName } from './reference-name.ts';

/** The names that a certificate presents, as they stand in it. */
export interface PresentedNames {
  readonly dnsNames: readonly string[];
  /** Canonical. */
  readonly ipAddresses: readonly string[];
  readonly commonNames: readonly string[];
}

export interface NameMatchOptions {
  /**
   * RFC 6125 section 6.4.4: the subject's common name counts where the certificate has no alternative name of the kinds
   * dNSName, SRVName or URI, nor an iPAddress. RFC 9525 does away with it.
   */
  readonly commonNameFallback: boolean;
}

/**
 * Reads what a person or a configuration calls a server: a DNS name, with or without its final dot, in A-labels or
 * U-labels, or an IP address, also in brackets. Null when it is neither; a wildcard is no reference name (RFC 9525
 * section 6.1).
 */
export function readReferenceName(text: string): ReferenceName | null {
  const trimmed = text.trim();
  const bracketed = /^\[(.*)\]$/.exec(trimmed);
  const bytes = parseAddress(bracketed?.[1] ?? trimmed);
  if (bytes !== null) {
    const address = bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
    return { kind: 'ip', address, bytes };
  }
  const name = bracketed === null ? toAsciiName(trimmed) : null;
  // A last label of digits is a mistyped address, never a domain (RFC 1123 section 2.1, RFC 3696 section 2).
  return name !== null && isComparableName(name) && !/(?:^|\.)\d+$/.test(name) ? { kind: 'dns', name } : null;
}

const NO_MATCH: NameMatch = { matches: false, by: null, presented: null };

/** Whether the certificate is for the reference name (RFC 9525 section 6). */
export function matchName(
  certificate: X509Certificate,
  reference: ReferenceName,
  { commonNameFallback }: NameMatchOptions,
): NameMatch {
  const names = alternativeNames(certificate);
  for (const name of names) {
    if (reference.kind === 'ip') {
      if (name.kind === 'iPAddress' && name.address !== null && sameOctets(name.bytes, reference.bytes)) {
        return { matches: true, by: 'iPAddress', presented: name.address };
      }
    } else if (name.kind === 'dNSName' && name.exact && dnsNameMatches(name.text, reference.name)) {
      return { matches: true, by: 'dNSName', presented: name.text };
    }
  }
  if (!commonNameFallback || certificate.known.subjectAltName.kind === 'unreadable') return NO_MATCH;
  if (names.some(forbidsFallback)) return NO_MATCH;
  const presented = commonNames(certificate.subject).find((name) => {
    if (reference.kind === 'dns') return dnsNameMatches(name, reference.name);
    const bytes = parseAddress(name);
    return bytes !== null && sameOctets(bytes, reference.bytes);
  });
  return presented === undefined ? NO_MATCH : { matches: true, by: 'commonName', presented };
}

/**
 * The names that certificates are compared by as sets: dNSNames as encoded (where they are text at all), addresses
 * canonical, common names.
 */
export function presentedNames(certificate: X509Certificate): PresentedNames {
  const names = alternativeNames(certificate);
  return {
    dnsNames: names.flatMap((name) => (name.kind === 'dNSName' ? [name.text] : [])),
    ipAddresses: names.flatMap((name) => (name.kind === 'iPAddress' && name.address !== null ? [name.address] : [])),
    commonNames: commonNames(certificate.subject),
  };
}

export interface NameSetComparison {
  readonly equal: boolean;
  /** Expected but not presented, in the form expected, in that order. */
  readonly missing: readonly string[];
  /** Presented but not expected, in the form presented, in that order. */
  readonly surplus: readonly string[];
}

/** Two sets of names: order and case do not count, U-labels equal their A-labels, addresses equal however written. */
export function compareNameSets(presented: readonly string[], expected: readonly string[]): NameSetComparison {
  const has = setOfNames(presented);
  const wants = setOfNames(expected);
  const missing = [...wants].flatMap(([key, name]) => (has.has(key) ? [] : [name]));
  const surplus = [...has].flatMap(([key, name]) => (wants.has(key) ? [] : [name]));
  return { equal: missing.length === 0 && surplus.length === 0, missing, surplus };
}

/** Each name once, as it was written first. */
function setOfNames(names: readonly string[]): ReadonlyMap<string, string> {
  const set = new Map<string, string>();
  for (const name of names) {
    const key = nameInSet(name);
    if (!set.has(key)) set.set(key, name);
  }
  return set;
}

function nameInSet(text: string): string {
  const trimmed = text.trim();
  const bytes = parseAddress(trimmed);
  if (bytes !== null) return bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
  return toAsciiName(trimmed) ?? trimmed.toLowerCase();
}

function alternativeNames(certificate: X509Certificate): readonly GeneralName[] {
  const { subjectAltName } = certificate.known;
  return subjectAltName.kind === 'present' ? subjectAltName.value : [];
}

const SRV_NAME = '1.3.6.1.5.5.7.8.7';

function forbidsFallback(name: GeneralName): boolean {
  switch (name.kind) {
    case 'dNSName':
    case 'iPAddress':
    case 'uniformResourceIdentifier':
      return true;
    case 'otherName':
      return name.oid === SRV_NAME;
    case 'rfc822Name':
    case 'directoryName':
    case 'registeredID':
    case 'x400Address':
    case 'ediPartyName':
      return false;
  }
}

/** RFC 9525 section 6.3: a wildcard is the whole left-most label and stands for exactly one label. */
function dnsNameMatches(presented: string, reference: string): boolean {
  const name = comparableName(presented);
  const parent = wildcardParent(name);
  if (parent === null) return name === reference && isComparableName(name);
  // A wildcard right below the root would stand for every top-level domain.
  if (!isComparableName(parent)) return false;
  const dot = reference.indexOf('.');
  return dot > 0 && reference.slice(dot + 1) === parent;
}

function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, i) => octet === right[i]);
}
