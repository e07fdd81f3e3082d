/** From the document of a trust policy to the policy: every certificate read, every reference followed. */
import type { Problem } from '../bytes/problem.ts';
import { readCertificate, type X509Certificate } from '../x509/certificate.ts';
import type { TrustAnchor } from '../x509/path/model.ts';
import { readPem } from '../x509/pem.ts';
import { DEFAULT_RULES, type TrustPolicy, type TrustRules } from './trust-policy.ts';
import { daySeconds, fingerprintHex, TRUST_POLICY, type TrustPolicyDocument } from './trust-policy-document.ts';
import { type DocumentPath, type DocumentProblem, readYamlDocument, type TextPosition } from './yaml-document.ts';

/** What a document refers to. Given by the host. */
export interface PolicyReferences {
  /** The certificates of a file, and what is wrong with it; the path as the document has it. */
  readonly file: (path: string) => Promise<FoundCertificates>;
  /** Another policy, or why it cannot be had: one sentence. `within` is the name of the policy that asks for it. */
  readonly policy: (name: string, within: string) => Promise<TrustPolicy | string>;
}

export interface FoundCertificates {
  readonly certificates: readonly X509Certificate[];
  readonly problems: readonly Problem[];
}

export type PolicyReading =
  | { readonly kind: 'policy'; readonly policy: TrustPolicy; readonly document: TrustPolicyDocument }
  /** At least one, in the order of the text. */
  | { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] };

/** Reads a policy in YAML or JSON. Never rejects, unless `references` do. */
export async function readTrustPolicy(text: string, references: PolicyReferences): Promise<PolicyReading> {
  const reading = readYamlDocument<TrustPolicyDocument>(text, TRUST_POLICY);
  if (reading.kind === 'problems') return reading;
  const { value, positionOf } = reading;
  const builder = new PolicyBuilder(value, positionOf, references);
  const policy = await builder.build();
  if (builder.problems.length === 0) return { kind: 'policy', policy, document: value };
  const problems = builder.problems.sort((left, right) => left.line - right.line || left.column - right.column);
  return { kind: 'problems', problems };
}

/** A day ends with its last second. */
const LAST_SECOND_OF_DAY = 86_399;

type AnchorEntry = NonNullable<TrustPolicyDocument['anchors']>[number];
type Reference = Pick<AnchorEntry, 'name' | 'pem' | 'file' | 'from' | 'sha256'>;

class PolicyBuilder {
  readonly problems: DocumentProblem[] = [];
  readonly #document: TrustPolicyDocument;
  readonly #positionOf: (path: DocumentPath) => TextPosition;
  readonly #references: PolicyReferences;
  /** Own roots by SHA-256: they come before those of included policies. */
  readonly #anchors = new Map<string, TrustAnchor>();
  readonly #intermediates = new Map<string, X509Certificate>();

  constructor(
    document: TrustPolicyDocument,
    positionOf: (path: DocumentPath) => TextPosition,
    references: PolicyReferences,
  ) {
    this.#document = document;
    this.#positionOf = positionOf;
    this.#references = references;
  }

  async build(): Promise<TrustPolicy> {
    const {
      name,
      title,
      issued,
      source,
      description,
      includes = [],
      anchors = [],
      intermediates = [],
    } = this.#document;
    for (const [index, entry] of anchors.entries()) await this.#anchor(entry, ['anchors', index]);
    for (const [index, entry] of intermediates.entries()) {
      const path = ['intermediates', index];
      for (const one of await this.#certificates(entry, path)) this.#intermediates.set(one.sha256, one);
    }
    for (const [index, included] of includes.entries()) {
      const policy = await this.#policy(included, ['includes', index]);
      if (policy === null) continue;
      for (const anchor of policy.anchors) {
        const { sha256 } = anchor.certificate;
        if (!this.#anchors.has(sha256)) this.#anchors.set(sha256, anchor);
      }
      for (const one of policy.intermediates) this.#intermediates.set(one.sha256, one);
    }
    return {
      name,
      title,
      issued,
      source,
      description: description ?? null,
      anchors: [...this.#anchors.values()],
      intermediates: [...this.#intermediates.values()],
      rules: rulesOf(this.#document.rules),
    };
  }

  #problem(path: DocumentPath, message: string): void {
    this.problems.push({ ...this.#positionOf(path), message });
  }

  async #anchor(entry: AnchorEntry, path: DocumentPath): Promise<void> {
    const { trustedFrom, trustedUntil, distrustAfter, source } = entry;
    const dates = {
      trustedFrom: firstSecond(trustedFrom),
      trustedUntil: lastSecond(trustedUntil),
      distrustAfter: lastSecond(distrustAfter),
    };
    if (dates.trustedFrom !== null && dates.trustedUntil !== null && dates.trustedFrom > dates.trustedUntil) {
      this.#problem([...path, 'trustedUntil'], 'The root would never be trusted: trustedUntil is before trustedFrom.');
    }
    const from = source ?? (entry.from === undefined ? this.#document.source : `policy ${entry.from}`);
    for (const certificate of await this.#certificates(entry, path)) {
      if (this.#anchors.has(certificate.sha256)) {
        this.#problem(path, `${nameOf(certificate)} stands here a second time: keep one of them.`);
      } else {
        this.#anchors.set(certificate.sha256, { certificate, ...dates, source: from });
      }
    }
  }

  /** The certificates that an entry means: at least one, or there is a problem. */
  async #certificates(entry: Reference, path: DocumentPath): Promise<readonly X509Certificate[]> {
    const ways = (['pem', 'file', 'from'] as const).filter((way) => entry[way] !== undefined);
    if (ways.length !== 1) {
      const missing = entry.sha256 === undefined ? '' : ' The fingerprint alone does not say where the certificate is.';
      this.#problem(path, `One of pem, file or from must say which certificate is meant.${missing}`);
      return [];
    }
    const [way] = ways;
    const place = [...path, way];
    if (way === 'from' && entry.sha256 === undefined) {
      this.#problem(
        place,
        `Which root of ${entry.from}? Add its sha256, or take all of them with includes: [${entry.from}].`,
      );
      return [];
    }
    const found = await this.#found(entry, way, place);
    if (found === null) return [];
    const chosen = this.#choose(found, entry, path, place);
    const { name } = entry;
    if (name === undefined) return chosen;
    const wrong = chosen.find(({ subject }) => !subject.text.toLowerCase().includes(name.toLowerCase()));
    if (wrong === undefined) return chosen;
    this.#problem(
      [...path, 'name'],
      `The certificate is ${nameOf(wrong)}, which is not "${name}": one of them is wrong.`,
    );
    return [];
  }

  #choose(
    found: readonly X509Certificate[],
    { sha256 }: Reference,
    path: DocumentPath,
    place: DocumentPath,
  ): readonly X509Certificate[] {
    if (sha256 === undefined) return found;
    const wanted = fingerprintHex(sha256);
    const chosen = found.filter((certificate) => certificate.sha256 === wanted);
    if (chosen.length > 0) return chosen;
    const instead =
      found.length === 1 ? `it is ${nameOf(found[0])}, ${found[0].sha256}` : `there are ${found.length} others`;
    this.#problem(
      path.length < place.length ? [...path, 'sha256'] : path,
      `No certificate has this fingerprint: ${instead}.`,
    );
    return [];
  }

  /** Null: there is a problem. */
  async #found(
    { pem = '', file = '', from = '' }: Reference,
    way: 'pem' | 'file' | 'from',
    place: DocumentPath,
  ): Promise<readonly X509Certificate[] | null> {
    switch (way) {
      case 'pem':
        return this.#usable(certificatesInPem(pem), place);
      case 'file':
        return this.#usable(await this.#references.file(file), place);
      case 'from':
        return (await this.#policy(from, place))?.anchors.map(({ certificate }) => certificate) ?? null;
    }
  }

  #usable({ certificates, problems }: FoundCertificates, place: DocumentPath): readonly X509Certificate[] | null {
    for (const { message } of problems) this.#problem(place, message);
    if (problems.length > 0) return null;
    if (certificates.length > 0) return certificates;
    this.#problem(place, 'There is no certificate in it: a block from BEGIN CERTIFICATE to END CERTIFICATE is needed.');
    return null;
  }

  async #policy(name: string, place: DocumentPath): Promise<TrustPolicy | null> {
    const policy = await this.#references.policy(name, this.#document.name);
    if (typeof policy !== 'string') return policy;
    this.#problem(place, policy);
    return null;
  }
}

function certificatesInPem(pem: string): FoundCertificates {
  const { blocks, problem } = readPem(pem);
  const problems: Problem[] = problem === null ? [] : [problem];
  const certificates: X509Certificate[] = [];
  for (const { label, der, line, problem: damage } of blocks) {
    if (damage !== null) {
      problems.push({ code: damage.code, message: `Line ${line} of the PEM text: ${damage.message}` });
      continue;
    }
    if (label !== 'CERTIFICATE') {
      const message = `Line ${line} of the PEM text begins a ${label}, not a certificate: remove it.`;
      problems.push({ code: 'not-certificates', message });
      continue;
    }
    const reading = readCertificate(der);
    if (reading.kind === 'certificate') certificates.push(reading.certificate);
    else
      problems.push({
        code: 'certificate-unreadable',
        message: `The certificate cannot be read: ${reading.problem.message}`,
      });
  }
  return { certificates, problems };
}

function nameOf({ subject, sha256 }: X509Certificate): string {
  return subject.text === '' ? sha256 : subject.text;
}

function firstSecond(day: string | undefined): number | null {
  return day === undefined ? null : daySeconds(day);
}

function lastSecond(day: string | undefined): number | null {
  const first = firstSecond(day);
  return first === null ? null : first + LAST_SECOND_OF_DAY;
}

function rulesOf(given: TrustPolicyDocument['rules']): TrustRules {
  const { algorithms } = DEFAULT_RULES;
  return {
    profile: given?.profile ?? DEFAULT_RULES.profile,
    algorithms: {
      sha1: given?.sha1 ?? algorithms.sha1,
      minimumRsaBits: given?.minimumRsaBits ?? algorithms.minimumRsaBits,
    },
    commonNameFallback: given?.commonNameFallback ?? DEFAULT_RULES.commonNameFallback,
    requireRevocation: given?.requireRevocation ?? DEFAULT_RULES.requireRevocation,
    time: given?.time ?? DEFAULT_RULES.time,
  };
}
