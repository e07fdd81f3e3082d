/** Name constraints (RFC 5280 section 4.2.1.10): one certificate authority's against one certificate below it. */

import { toHex } from '../../bytes/hex.ts';
import { LIMITS } from '../../bytes/limits.ts';
import type { X509Certificate } from '../certificate.ts';
import type { GeneralSubtree } from '../constraint-extensions.ts';
import type { GeneralName } from '../general-names.ts';
import type { DistinguishedName } from '../names.ts';
import { type Breach, pathBreach, rfc5280 } from './breach.ts';
import { isEmptyName, preparedRdns } from './compare-names.ts';
import { comparableName, isComparableName, isWithin, wildcardParent } from './domain-name.ts';
import { hostOfUri, parseMailbox, SMTP_UTF8_MAILBOX } from './mail-and-uri.ts';

const RULE = rfc5280('4.2.1.10');
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** Counts comparisons of one validation, so that hostile certificates cannot make it take for ever. */
export class ComparisonBudget {
  #left: number = LIMITS.nameConstraintComparisons;

  /** False once the budget is spent. */
  take(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }
}

/** A name of a certificate in the form that constraints of its kind are compared with. */
type Subject =
  | { readonly kind: 'directoryName'; readonly rdns: readonly string[]; readonly text: string }
  | { readonly kind: 'dNSName'; readonly name: string; readonly text: string }
  | { readonly kind: 'rfc822Name'; readonly local: string; readonly host: string; readonly text: string }
  | { readonly kind: 'uniformResourceIdentifier'; readonly host: string; readonly text: string }
  | { readonly kind: 'iPAddress'; readonly bytes: Uint8Array; readonly text: string }
  /** Of a kind whose constraints can be compared, but not itself fit for comparison: within nothing that is permitted. */
  | { readonly kind: 'malformed'; readonly of: ConstraintKind; readonly text: string }
  /** Of a kind for which RFC 5280 defines no constraints. */
  | { readonly kind: 'unsupported'; readonly of: ConstraintKind; readonly text: string };

type ConstraintKind = GeneralName['kind'];

/** A constraint's base in comparable form. */
type Base =
  | { readonly kind: 'directoryName'; readonly rdns: readonly string[] }
  | { readonly kind: 'dNSName'; readonly name: string; readonly belowOnly: boolean }
  | { readonly kind: 'rfc822Name'; readonly local: string | null; readonly host: string; readonly belowOnly: boolean }
  | { readonly kind: 'uniformResourceIdentifier'; readonly host: string; readonly belowOnly: boolean }
  | { readonly kind: 'iPAddress'; readonly address: Uint8Array; readonly mask: Uint8Array }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsupported' };

interface Subtree {
  readonly of: ConstraintKind;
  readonly base: Base;
  readonly text: string;
}

interface Subtrees {
  readonly permitted: ReadonlyMap<ConstraintKind, readonly Subtree[]>;
  readonly excluded: ReadonlyMap<ConstraintKind, readonly Subtree[]>;
}

const NO_SUBTREES: Subtrees = { permitted: new Map(), excluded: new Map() };

/** Certificates are compared many times while paths are searched; what they say is prepared once. */
const subtreesOf = new WeakMap<X509Certificate, Subtrees>();
const subjectsOf = new WeakMap<X509Certificate, readonly Subject[]>();

/** Whether the certificate constrains names at all. */
export function constrainsNames(certificate: X509Certificate): boolean {
  return certificate.known.nameConstraints.kind === 'present';
}

/**
 * Checks all names of `certificate` against the constraints of `authority`, which stands above it. The caller leaves out
 * self-issued certificates that are not the target (section 6.1.3 (b), (c)).
 */
export function checkNameConstraints(
  authority: X509Certificate,
  certificate: X509Certificate,
  budget: ComparisonBudget,
): Breach | null {
  const subtrees = subtreesOfAuthority(authority);
  for (const subject of subjectsOfCertificate(certificate)) {
    const kind = subject.kind === 'malformed' || subject.kind === 'unsupported' ? subject.of : subject.kind;
    const permitted = subtrees.permitted.get(kind) ?? [];
    const excluded = subtrees.excluded.get(kind) ?? [];
    const count = permitted.length + excluded.length;
    if (count === 0) continue;
    if (!budget.take(count)) return tooMany(authority);
    const breach = checkSubject(subject, permitted, excluded, authority, certificate);
    if (breach !== null) return breach;
  }
  return null;
}

function checkSubject(
  subject: Subject,
  permitted: readonly Subtree[],
  excluded: readonly Subtree[],
  authority: X509Certificate,
  certificate: X509Certificate,
): Breach | null {
  const all = [...permitted, ...excluded];
  const by = authority.subject.text;
  if (subject.kind === 'unsupported') {
    if (authority.known.nameConstraints.kind === 'present' && !authority.known.nameConstraints.critical) return null;
    const message = `${by} constrains names of the kind ${subject.of}, for which RFC 5280 has no rules; the certificate has one.`;
    return pathBreach('name-constraint-unsupported', certificate, message, RULE);
  }
  const malformed = all.find(({ base }) => base.kind === 'malformed');
  if (malformed !== undefined) {
    const message = `A constraint of ${by} is malformed and cannot be applied: ${malformed.text}.`;
    return pathBreach('name-constraint-malformed', authority, message, RULE);
  }
  const violated = (reason: string): Breach => {
    const message = `${subject.text} ${reason} of ${by}.`;
    return pathBreach('name-constraint-violated', certificate, message, RULE);
  };
  if (subject.kind === 'malformed')
    return violated('is malformed, and so not within the names that are permitted by the constraints');
  const exclusion = excluded.find(({ base }) => touches(subject, base));
  if (exclusion !== undefined) return violated(`is excluded by the constraint ${exclusion.text}`);
  if (permitted.length > 0 && !permitted.some(({ base }) => contains(subject, base))) {
    return violated('is not within the names that are permitted by the constraints');
  }
  return null;
}

function tooMany(authority: X509Certificate): Breach {
  const message = `Comparing all names with all constraints of ${authority.subject.text} takes more than ${LIMITS.nameConstraintComparisons} comparisons.`;
  return pathBreach('name-constraints-too-many', authority, message, RULE);
}

/** Whether the subtree holds the name; of a wildcard, all names that it stands for. */
function contains(subject: Subject, base: Base): boolean {
  switch (subject.kind) {
    case 'directoryName':
      return base.kind === 'directoryName' && startsWith(subject.rdns, base.rdns);
    case 'dNSName':
      return (
        base.kind === 'dNSName' &&
        hostWithin(
          wildcardParent(subject.name) ?? subject.name,
          base.name,
          base.belowOnly && wildcardParent(subject.name) === null,
        )
      );
    case 'rfc822Name':
      if (base.kind !== 'rfc822Name') return false;
      if (base.local !== null) return base.local === subject.local && base.host === subject.host;
      if (base.host === '') return true;
      return base.belowOnly ? hostWithin(subject.host, base.host, true) : subject.host === base.host;
    case 'uniformResourceIdentifier':
      if (base.kind !== 'uniformResourceIdentifier') return false;
      if (base.host === '') return true;
      return base.belowOnly ? hostWithin(subject.host, base.host, true) : subject.host === base.host;
    case 'iPAddress': {
      if (base.kind !== 'iPAddress' || base.address.length !== subject.bytes.length) return false;
      const { address, mask } = base;
      return subject.bytes.every((octet, i) => (octet & mask[i]) === (address[i] & mask[i]));
    }
    case 'malformed':
    case 'unsupported':
      return false;
  }
}

/**
 * Whether the subtree holds the name; of a wildcard, any name that it stands for. RFC 5280 does not speak of wildcards;
 * a certificate that matches an excluded host must not pass (CVE-2025-61727).
 */
function touches(subject: Subject, base: Base): boolean {
  if (contains(subject, base)) return true;
  if (subject.kind !== 'dNSName' || base.kind !== 'dNSName' || base.belowOnly) return false;
  const parent = wildcardParent(subject.name);
  if (parent === null) return false;
  const dot = base.name.indexOf('.');
  return dot >= 0 ? base.name.slice(dot + 1) === parent : parent === '';
}

function hostWithin(host: string, base: string, belowOnly: boolean): boolean {
  return isWithin(host, base) && !(belowOnly && host === base);
}

function startsWith(rdns: readonly string[], base: readonly string[]): boolean {
  return base.length <= rdns.length && base.every((rdn, i) => rdn === rdns[i]);
}

function subtreesOfAuthority(authority: X509Certificate): Subtrees {
  let subtrees = subtreesOf.get(authority);
  if (subtrees === undefined) {
    const { nameConstraints } = authority.known;
    subtrees =
      nameConstraints.kind === 'present'
        ? { permitted: byKind(nameConstraints.value.permitted), excluded: byKind(nameConstraints.value.excluded) }
        : NO_SUBTREES;
    subtreesOf.set(authority, subtrees);
  }
  return subtrees;
}

function byKind(subtrees: readonly GeneralSubtree[] | null): ReadonlyMap<ConstraintKind, readonly Subtree[]> {
  const kinds = new Map<ConstraintKind, Subtree[]>();
  for (const { base, minimum, maximum } of subtrees ?? []) {
    const list = kinds.get(base.kind) ?? [];
    // Section 4.2.1.10: minimum and maximum are not used with any name form; what they would mean is not defined.
    const comparable: Base = minimum !== 0 || maximum !== null ? { kind: 'malformed' } : comparableBase(base);
    list.push({ of: base.kind, base: comparable, text: describe(base) });
    kinds.set(base.kind, list);
  }
  return kinds;
}

/** Whether RFC 5280 lets a constraint be written so; what it does not may still be clear enough to be applied. */
export function isWellFormedSubtree({ base, minimum, maximum }: GeneralSubtree): boolean {
  if (minimum !== 0 || maximum !== null || comparableBase(base).kind === 'malformed') return false;
  if (base.kind === 'dNSName') return !base.text.startsWith('.') && !base.text.endsWith('.');
  return base.kind !== 'iPAddress' || base.prefixLength !== null;
}

function comparableBase(base: GeneralName): Base {
  switch (base.kind) {
    case 'directoryName':
      return { kind: 'directoryName', rdns: preparedRdns(base.name) };
    case 'dNSName':
      return base.exact ? dnsBase(base.text) : { kind: 'malformed' };
    case 'rfc822Name':
      return base.exact ? mailBase(base.text) : { kind: 'malformed' };
    case 'uniformResourceIdentifier': {
      const host = base.exact ? hostBase(base.text) : null;
      return host === null ? { kind: 'malformed' } : { kind: 'uniformResourceIdentifier', ...host };
    }
    case 'iPAddress': {
      const half = base.bytes.length / 2;
      if (half !== 4 && half !== 16) return { kind: 'malformed' };
      return { kind: 'iPAddress', address: base.bytes.subarray(0, half), mask: base.bytes.subarray(half) };
    }
    case 'registeredID':
    case 'otherName':
    case 'x400Address':
    case 'ediPartyName':
      return { kind: 'unsupported' };
  }
}

/** RFC 5280 writes a host without a leading dot; with one, as many issuers write it, it means what lies below. */
function dnsBase(text: string): Base {
  const host = hostBase(text);
  return host === null ? { kind: 'malformed' } : { kind: 'dNSName', name: host.host, belowOnly: host.belowOnly };
}

function hostBase(text: string): { readonly host: string; readonly belowOnly: boolean } | null {
  const belowOnly = text.startsWith('.');
  const host = comparableName(belowOnly ? text.slice(1) : text);
  if (host === '' ? text !== '' : !isComparableName(host)) return null;
  return { host, belowOnly };
}

function mailBase(text: string): Base {
  if (!text.includes('@')) {
    const host = hostBase(text);
    return host === null ? { kind: 'malformed' } : { kind: 'rfc822Name', local: null, ...host };
  }
  const mailbox = parseMailbox(text);
  return mailbox === null ? { kind: 'malformed' } : { kind: 'rfc822Name', ...mailbox, belowOnly: false };
}

function subjectsOfCertificate(certificate: X509Certificate): readonly Subject[] {
  let subjects = subjectsOf.get(certificate);
  if (subjects === undefined) {
    subjects = readSubjects(certificate);
    subjectsOf.set(certificate, subjects);
  }
  return subjects;
}

function readSubjects({ subject, known }: X509Certificate): readonly Subject[] {
  const names = known.subjectAltName.kind === 'present' ? known.subjectAltName.value : [];
  const subjects = names.flatMap(comparableNames);
  if (!isEmptyName(subject)) subjects.push(directory(subject));
  // RFC 5280 section 4.2.1.10: legacy mail addresses in the subject, where the alternative names hold none.
  if (!names.some(({ kind }) => kind === 'rfc822Name')) {
    for (const { oid, text } of subject.rdns.flat()) {
      if (oid === EMAIL_ADDRESS) subjects.push(mail(text ?? ''));
    }
  }
  return subjects;
}

function directory(name: DistinguishedName): Subject {
  return { kind: 'directoryName', rdns: preparedRdns(name), text: `The name ${name.text}` };
}

function mail(text: string): Subject {
  const mailbox = parseMailbox(text);
  const shown = `The mail address ${text}`;
  return mailbox === null
    ? { kind: 'malformed', of: 'rfc822Name', text: shown }
    : { kind: 'rfc822Name', ...mailbox, text: shown };
}

function comparableNames(name: GeneralName): Subject[] {
  const text = describe(name);
  const malformed: Subject = { kind: 'malformed', of: name.kind, text };
  switch (name.kind) {
    case 'directoryName':
      return [directory(name.name)];
    case 'dNSName': {
      const lower = comparableName(name.text);
      const comparable = name.exact && (lower === '*' || isComparableName(wildcardParent(lower) ?? lower));
      return [comparable ? { kind: 'dNSName', name: lower === '*' ? '*.' : lower, text } : malformed];
    }
    case 'rfc822Name':
      return [name.exact ? mail(name.text) : malformed];
    case 'uniformResourceIdentifier': {
      // A URI without a host that is a domain name must be refused where URIs are constrained.
      const host = name.exact ? hostOfUri(name.text) : null;
      return [host === null ? malformed : { kind: 'uniformResourceIdentifier', host, text }];
    }
    case 'iPAddress':
      return [name.address === null ? malformed : { kind: 'iPAddress', bytes: name.bytes, text }];
    case 'otherName': {
      const unsupported: Subject = { kind: 'unsupported', of: 'otherName', text };
      // RFC 9598 section 6: constraints on mail addresses hold for internationalized ones as well.
      return name.oid === SMTP_UTF8_MAILBOX ? [mail(name.text ?? ''), unsupported] : [unsupported];
    }
    case 'registeredID':
    case 'x400Address':
    case 'ediPartyName':
      return [{ kind: 'unsupported', of: name.kind, text }];
  }
}

function describe(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
    case 'rfc822Name':
    case 'uniformResourceIdentifier':
      return `${name.kind} ${name.text === '' ? '""' : name.text}`;
    case 'directoryName':
      return `directoryName ${name.name.text === '' ? '""' : name.name.text}`;
    case 'iPAddress': {
      const range = name.prefixLength === null ? '' : `/${name.prefixLength}`;
      return `iPAddress ${name.address === null ? `#${toHex(name.bytes)}` : `${name.address}${range}`}`;
    }
    case 'registeredID':
    case 'otherName':
      return `${name.kind} ${name.oid}`;
    case 'x400Address':
    case 'ediPartyName':
      return name.kind;
  }
}
