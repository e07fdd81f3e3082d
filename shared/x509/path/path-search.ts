/**
 * The search for a path from the target to an anchor: depth first, with backtracking, from the target upwards.
 *
 * `strict` follows only steps that can be part of a valid path, so that where it ends without one there is none. What a
 * certificate authority demands of everything below it (path length, name constraints) is checked on the way up, as
 * soon as it joins the path: the intersections of RFC 5280 section 6.1.4 are the same as each authority's demands by
 * themselves. `lenient` follows every step and notes what is wrong, to show the candidate that came furthest.
 */
import { toHex } from '../../bytes/hex.ts';
import { LIMITS } from '../../bytes/limits.ts';
import type { X509Certificate } from '../certificate.ts';
import { type Breach, pathBreach, refuses, rfc5280, UNDETERMINED_CODES } from './breach.ts';
import { checkAnchorDates, checkCertificate, extensionValue, type Role, subjectOf } from './certificate-rules.ts';
import { isSelfIssued, nameKey } from './compare-names.ts';
import { type Candidate, CandidateIndex, inOrder } from './issuer-candidates.ts';
import type { Finding, PathRequest, RevocationResult, SignatureOutcome, TrustAnchor } from './model.ts';
import { ComparisonBudget, checkNameConstraints, constrainsNames } from './name-constraints.ts';
import { checkPolicies } from './policies.ts';
import { checkRfc5280Profile } from './profile-rfc5280.ts';
import { checkWebpkiProfile } from './profile-webpki.ts';

/** A path as far as it came. */
export interface FoundPath {
  /** The target first. */
  readonly certificates: readonly X509Certificate[];
  readonly anchor: TrustAnchor | null;
  readonly breaches: readonly Breach[];
  /** What revocation checking said of it; null when it was not asked. */
  readonly revocation: RevocationResult | null;
}

export type SearchMode = 'strict' | 'lenient';

export interface SearchResult {
  /** Strict: a valid path or null. Lenient: the best candidate. */
  readonly best: FoundPath | null;
  readonly budgetSpent: boolean;
}

/** Steps of the lenient search, which only explains. */
const LENIENT_STEPS = 200;

export class PathSearch {
  readonly #request: PathRequest;
  readonly #index: CandidateIndex;
  readonly #comparisons = new ComparisonBudget();
  readonly #signatures = new Map<string, SignatureOutcome>();
  readonly #selfSigned = new Set<string>();
  readonly #local = new Map<string, readonly Breach[]>();
  #signaturesChecked = 0;
  #steps = 0;
  #budgetSpent = false;
  #best: FoundPath | null = null;
  #mode: SearchMode = 'strict';
  #distances: ReadonlyMap<string, number> = new Map();

  constructor(request: PathRequest) {
    this.#request = request;
    this.#index = new CandidateIndex(request.intermediates, request.anchors);
  }

  get signaturesChecked(): number {
    return this.#signaturesChecked;
  }

  async run(mode: SearchMode): Promise<SearchResult> {
    const { target } = this.#request;
    await this.#findSelfSignedAnchors();
    this.#mode = mode;
    this.#best = null;
    this.#budgetSpent = false;
    this.#steps = mode === 'strict' ? LIMITS.pathSteps : LENIENT_STEPS;
    this.#distances = this.#index.distances(target, (candidate) => {
      return (
        mode === 'lenient' ||
        this.#isSound(candidate.certificate, candidate.anchor === null ? 'intermediate' : 'anchor')
      );
    });
    for (const anchor of this.#index.anchorsOf(target)) {
      if (await this.#complete([target], anchor, [])) return this.#result();
    }
    if (mode === 'lenient' || this.#isSound(target, 'target')) await this.#climb([target], []);
    return this.#result();
  }

  /**
   * RFC 5280 section 4.2.1.1 lets a self-signed certificate go without an authorityKeyIdentifier: one signed with its own
   * key, as the section says, whatever names it bears. Only anchors are worth the signature.
   */
  async #findSelfSignedAnchors(): Promise<void> {
    for (const certificate of this.#index.anchorsAbove(this.#request.target)) {
      if (isSelfIssued(certificate) || certificate.known.authorityKeyIdentifier.kind !== 'absent') continue;
      if ((await this.#verify(certificate, certificate)) === 'valid') this.#selfSigned.add(certificate.sha256);
    }
  }

  #result(): SearchResult {
    return { best: this.#best, budgetSpent: this.#budgetSpent };
  }

  /** Tries every issuer of the last certificate, while the budget lasts. True once a valid path is found. */
  async #climb(path: readonly X509Certificate[], breaches: readonly Breach[]): Promise<boolean> {
    const child = path[path.length - 1];
    const candidates = this.#candidates(path);
    const refused: Candidate[] = [];
    let followed = 0;
    for (const candidate of candidates) {
      if (this.#steps-- <= 0) {
        this.#budgetSpent = true;
        break;
      }
      const demands = this.#checkDemands(path, candidate);
      if (this.#mode === 'strict' && demands.some((breach) => refuses(this.#request.profile, breach))) continue;
      const outcome = await this.#verify(child, candidate.certificate);
      if (outcome === null) break;
      if (outcome === 'invalid') refused.push(candidate);
      if (outcome === 'invalid' || (outcome === 'unsupported' && this.#mode === 'strict')) continue;
      const constraints = this.#checkConstraints(path, candidate.certificate);
      if (this.#mode === 'strict' && constraints.length > 0) continue;
      followed++;
      const unsupported = outcome === 'unsupported' ? [unsupportedSignature(child)] : [];
      const now = [...breaches, ...unsupported, ...demands, ...constraints];
      const longer = [...path, candidate.certificate];
      const over =
        candidate.anchor === null
          ? await this.#climb(longer, now)
          : await this.#complete(longer, candidate.anchor, now);
      if (over || this.#budgetSpent) return over;
    }
    if (this.#mode === 'lenient' && followed === 0) this.#deadEnd(path, breaches, refused);
    return false;
  }

  #candidates(path: readonly X509Certificate[]): readonly Candidate[] {
    const child = path[path.length - 1];
    if (path.length >= LIMITS.pathCertificates) return [];
    const named = this.#index.issuersOf(child);
    // Sorting many of one name out costs as well.
    this.#steps -= named.length >> 4;
    const candidates = named.filter(({ certificate, anchor }) => {
      // The same name with the same key again leads nowhere that the first one does not lead (RFC 4158 section 2.4.2).
      if (path.some((earlier) => isSameEntity(earlier, certificate))) return false;
      if (this.#mode === 'lenient') return true;
      if (anchor === null && !this.#distances.has(nameKey(certificate.issuer))) return false;
      return this.#isSound(certificate, anchor === null ? 'intermediate' : 'anchor');
    });
    return inOrder(child, candidates, this.#distances);
  }

  /** What the candidate's place in the path breaks. */
  #checkDemands(path: readonly X509Certificate[], { certificate, anchor }: Candidate): readonly Breach[] {
    const breaches: Breach[] = [];
    const below = path.slice(1).filter((intermediate) => !isSelfIssued(intermediate)).length;
    const pathLength = extensionValue(certificate.known.basicConstraints)?.pathLength ?? null;
    if (pathLength !== null && below > pathLength) {
      const message = `${subjectOf(certificate)} allows ${pathLength} intermediate certificates below it, not ${below}.`;
      breaches.push(pathBreach('path-length-exceeded', certificate, message, rfc5280('6.1.4 (l), (m)')));
    }
    const { maximumIntermediates } = this.#request;
    const intermediates = below + (anchor === null && !isSelfIssued(certificate) ? 1 : 0);
    if (maximumIntermediates !== null && intermediates > maximumIntermediates) {
      const message = `The path has ${intermediates} intermediate certificates; at most ${maximumIntermediates} are asked for.`;
      const rule = 'the limit of intermediate certificates that was asked for';
      if (!breaches.some(({ code }) => code === 'path-too-long'))
        breaches.push(pathBreach('path-too-long', certificate, message, rule));
    }
    return breaches;
  }

  /** RFC 5280 section 6.1.3 (b), (c): of self-issued certificates only the target counts. */
  #checkConstraints(path: readonly X509Certificate[], authority: X509Certificate): readonly Breach[] {
    if (!constrainsNames(authority)) return [];
    const breaches: Breach[] = [];
    for (const [index, certificate] of path.entries()) {
      if (index > 0 && isSelfIssued(certificate)) continue;
      const breach = checkNameConstraints(authority, certificate, this.#comparisons);
      if (breach === null) continue;
      breaches.push(breach);
      if (UNDETERMINED_CODES.has(breach.code)) this.#budgetSpent = true;
      if (this.#mode === 'strict' || this.#budgetSpent) break;
    }
    return breaches;
  }

  /** A path that has reached an anchor. True when it is valid, which ends the search. */
  async #complete(
    path: readonly X509Certificate[],
    anchor: TrustAnchor,
    breaches: readonly Breach[],
  ): Promise<boolean> {
    const { target, profile, at } = this.#request;
    const all = [
      ...path.flatMap((certificate, index) => this.#breachesOf(certificate, roleOf(index, path.length, true))),
      ...checkAnchorDates(anchor, target, at),
      ...breaches,
    ];
    const policies = checkPolicies(path.slice(0, -1).reverse());
    if (policies !== null) all.push(policies);
    const refused = all.some((breach) => refuses(profile, breach));
    if (refused) {
      if (this.#mode === 'lenient') this.#consider({ certificates: path, anchor, breaches: all, revocation: null });
      return false;
    }
    const revocation = this.#request.revocation === null ? null : await this.#request.revocation(path, at);
    const found: FoundPath = { certificates: path, anchor, breaches: all, revocation };
    const valid = revocation === null || !revocation.findings.some(isError);
    if (valid || this.#mode === 'lenient') this.#consider(found);
    return valid;
  }

  #deadEnd(path: readonly X509Certificate[], breaches: readonly Breach[], refused: readonly Candidate[]): void {
    const all = path.flatMap((certificate, index) => this.#breachesOf(certificate, roleOf(index, path.length, false)));
    all.push(...breaches, this.#endOf(path, refused));
    this.#consider({ certificates: path, anchor: null, breaches: all, revocation: null });
  }

  /** Why there is nothing above the last certificate of the path. */
  #endOf(path: readonly X509Certificate[], refused: readonly Candidate[]): Breach {
    const last = path[path.length - 1];
    if (refused.length > 0) {
      const { certificate } = refused[0];
      const message = `The signature on ${subjectOf(last)} was not made with the key of ${subjectOf(certificate)}${refused.length > 1 ? `, nor with that of ${refused.length - 1} others of that name` : ''}.`;
      return pathBreach('signature-invalid', last, message, rfc5280('6.1.3 (a)(1)'));
    }
    if (path.length >= LIMITS.pathCertificates) {
      const message = `The path has more than ${LIMITS.pathCertificates} certificates.`;
      return pathBreach('path-too-long', last, message, 'StartTrace’s limit');
    }
    if (isSelfIssued(last)) {
      const message = `${subjectOf(last)} is issued by itself and is no trust anchor of the policy.`;
      return pathBreach('self-signed-not-trusted', last, message, rfc5280('6.1'));
    }
    const message = `No certificate of ${last.issuer.text || 'an issuer without a name'}, which issued ${subjectOf(last)}, is known or trusted.`;
    return pathBreach('issuer-not-found', last, message, rfc5280('6.1'));
  }

  #consider(found: FoundPath): void {
    if (this.#best === null || this.#rank(found) > this.#rank(this.#best)) this.#best = found;
  }

  /** Higher is nearer to a valid path: one that reaches an anchor, with few errors, and long. */
  #rank({ anchor, breaches, certificates }: FoundPath): number {
    const errors = breaches.filter((breach) => refuses(this.#request.profile, breach));
    const hard = errors.filter(({ code }) => !UNDETERMINED_CODES.has(code)).length;
    return (
      (anchor === null ? 0 : 1e6) -
      1e3 * Math.min(hard, 500) -
      40 * Math.min(errors.length - hard, 20) +
      certificates.length
    );
  }

  #isSound(certificate: X509Certificate, role: Role): boolean {
    return !this.#breachesOf(certificate, role).some((breach) => refuses(this.#request.profile, breach));
  }

  /** What the certificate breaks by itself in this role, under any profile. */
  #breachesOf(certificate: X509Certificate, role: Role): readonly Breach[] {
    const isTarget = certificate === this.#request.target;
    const key = `${role}${isTarget ? '!' : ' '}${certificate.sha256}`;
    let breaches = this.#local.get(key);
    if (breaches === undefined) {
      breaches = [
        ...checkCertificate(certificate, role, isTarget, this.#request),
        ...checkRfc5280Profile(certificate, role, !isTarget, this.#selfSigned.has(certificate.sha256)),
        ...checkWebpkiProfile(certificate, role, isTarget, this.#request.purpose),
      ];
      this.#local.set(key, breaches);
    }
    return breaches;
  }

  /** Null when the budget is spent. */
  async #verify(child: X509Certificate, issuer: X509Certificate): Promise<SignatureOutcome | null> {
    const key = `${child.sha256} ${toHex(issuer.publicKey.subjectPublicKeyInfo)}`;
    const known = this.#signatures.get(key);
    if (known !== undefined) return known;
    if (this.#signaturesChecked >= LIMITS.pathSignatures) {
      this.#budgetSpent = true;
      return null;
    }
    this.#signaturesChecked++;
    const outcome = await this.#request.verifySignature({
      algorithm: child.signatureAlgorithm,
      key: issuer.publicKey,
      signed: child.tbsCertificate,
      signature: child.signatureValue,
    });
    this.#signatures.set(key, outcome);
    return outcome;
  }
}

function roleOf(index: number, length: number, reached: boolean): Role {
  if (reached && index === length - 1) return 'anchor';
  return index === 0 ? 'target' : 'intermediate';
}

function isError(finding: Finding): boolean {
  return finding.severity === 'error';
}

function isSameEntity(left: X509Certificate, right: X509Certificate): boolean {
  if (left.sha256 === right.sha256) return true;
  const a = left.publicKey.subjectPublicKeyInfo;
  const b = right.publicKey.subjectPublicKeyInfo;
  if (a.length !== b.length || nameKey(left.subject) !== nameKey(right.subject)) return false;
  return a.every((octet, i) => octet === b[i]);
}

function unsupportedSignature(certificate: X509Certificate): Breach {
  const { name, oid } = certificate.signatureAlgorithm;
  const message = `The signature on ${subjectOf(certificate)} (${name ?? oid}) cannot be verified on this platform.`;
  return pathBreach('signature-unsupported', certificate, message, rfc5280('6.1.3 (a)(1)'));
}
