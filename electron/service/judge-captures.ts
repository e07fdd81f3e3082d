/** Judging what was analysed: by a trust policy, by what partners expect, at several points in time. */
import { webcrypto } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../shared/bytes/hex.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import type { JudgedBy, JudgedSession, Judgement, Moment, Pool } from '../../shared/contract/verdict.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import type { Expectations } from '../../shared/expect/expectations.ts';
import { type JudgedMoment, SessionJudge } from '../../shared/expect/judge-session.ts';
import { PoolFinder } from '../../shared/expect/pools.ts';
import type { TrustPolicy } from '../../shared/expect/trust-policy.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { commonNames } from '../../shared/x509/names.ts';
import type { Profile, RevocationCheck } from '../../shared/x509/path/model.ts';
import type { CertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { readOcspResponse } from '../../shared/x509/revocation/ocsp-response.ts';
import { revocationCheck } from '../../shared/x509/revocation/revocation-check.ts';
import type { AnalyzedCaptures } from './analyze-captures.ts';
import { PolicyChainJudge } from './chain-judge.ts';
import { signatureVerifier } from './signatures.ts';

export interface JudgeRequest {
  readonly trust: TrustPolicy;
  readonly expectations: { readonly file: string; readonly value: Expectations } | null;
  /** Policies that partners of the expectation file name. */
  readonly partnerTrust: ReadonlyMap<string, TrustPolicy>;
  readonly at: DecisiveTime;
  /** Seconds since 1970. */
  readonly now: number;
  /** Instead of the policies' own; null for these. */
  readonly profile: Profile | null;
  readonly lists: readonly CertificateList[];
  readonly requireRevocation: boolean;
  readonly catalogue: readonly CatalogueEntry[];
}

/** Which point in time counts; a date in seconds since 1970. */
export type DecisiveTime = 'capture' | 'now' | { readonly date: number };

export class CapturesJudge {
  readonly judgedBy: JudgedBy;
  readonly #judge: SessionJudge;
  readonly #pools = new PoolFinder();
  readonly #certificates = new Map<string, X509Certificate | null>();
  readonly #keyHashes = new Map<string, string>();
  readonly #bytes: ReadonlyMap<string, Uint8Array>;

  constructor(
    { certificateBytes, staples }: Pick<AnalyzedCaptures, 'certificateBytes' | 'staples'>,
    request: JudgeRequest,
  ) {
    const { trust, expectations, at, now } = request;
    this.#bytes = certificateBytes;
    const known = [...certificateBytes.keys()].flatMap((hash) => {
      const certificate = this.#certificate(hash);
      return certificate && isAuthority(certificate) ? [certificate] : [];
    });
    const judgeBy = (policy: TrustPolicy) => chainJudge(policy, known, staples, request);
    this.#judge = new SessionJudge({
      trust: judgeBy(trust),
      expectations: expectations?.value ?? null,
      partnerTrust: new Map([...request.partnerTrust].map(([name, policy]) => [name, judgeBy(policy)])),
      moments: momentsOf(at, now),
      decisive: typeof at === 'object' ? 'date' : at,
      catalogue: request.catalogue,
      certificate: (hash) => this.#certificate(hash),
      publicKeySha256: (certificate) => this.#publicKeySha256(certificate),
    });
    this.judgedBy = {
      trust: { name: trust.name, title: trust.title, issued: trust.issued, source: trust.source },
      expectations: expectations?.file ?? null,
      profile: request.profile ?? trust.rules.profile,
      at: typeof at === 'object' ? isoOf(at.date) : at,
      now: isoOf(now),
    };
  }

  /** The same session comes to the same answer, however often it is asked for. `only` as in SessionJudge. */
  judge(session: Session, only: Moment | null = null): Promise<JudgedSession> {
    return this.#judge.judge(session, only);
  }

  /** Each session once, in their order: pools are told of in the order in which they appeared. */
  addToPools(session: Session): void {
    const [first] = session.certificates.server.chain;
    const certificate = first ? this.#certificate(first.sha256) : null;
    this.#pools.add(session, certificate === null ? null : (commonNames(certificate.subject)[0] ?? null));
  }

  /** Of the sessions added so far. */
  pools(): readonly Pool[] {
    return this.#pools.pools();
  }

  /** Of the same few certificates again and again. */
  #publicKeySha256({ sha256: fingerprint, publicKey }: X509Certificate): string {
    const known = this.#keyHashes.get(fingerprint);
    if (known !== undefined) return known;
    const hash = toHex(sha256(publicKey.subjectPublicKeyInfo));
    this.#keyHashes.set(fingerprint, hash);
    return hash;
  }

  #certificate(hash: string): X509Certificate | null {
    const known = this.#certificates.get(hash);
    if (known !== undefined) return known;
    const bytes = this.#bytes.get(hash);
    const reading = bytes ? readCertificate(bytes) : null;
    const certificate = reading?.kind === 'certificate' ? reading.certificate : null;
    this.#certificates.set(hash, certificate);
    return certificate;
  }
}

/** Judges every session of the run. Rejects with the signal's reason when it is aborted. */
export async function judgeAll(
  analyzed: AnalyzedCaptures,
  request: JudgeRequest,
  signal: AbortSignal,
): Promise<Judgement> {
  const judge = new CapturesJudge(analyzed, request);
  const sessions = new Map<string, JudgedSession>();
  for (const session of analyzed.sessions.all()) {
    signal.throwIfAborted();
    judge.addToPools(session);
    sessions.set(session.id, await judge.judge(session));
  }
  return { judgedBy: judge.judgedBy, sessions, pools: judge.pools() };
}

/** The trust policies that an expectation file names; a file stands beside it. */
export function trustSpecification(name: string, expectationFile: string): string {
  return /[./\\]/.test(name) ? resolve(dirname(expectationFile), name) : name;
}

function chainJudge(
  policy: TrustPolicy,
  known: readonly X509Certificate[],
  staples: ReadonlyMap<string, Uint8Array>,
  request: JudgeRequest,
): PolicyChainJudge {
  const verifySignature = signatureVerifier(webcrypto.subtle);
  const required = request.requireRevocation || policy.rules.requireRevocation;
  const profile = request.profile ?? policy.rules.profile;
  const { algorithms } = policy.rules;
  const { lists } = request;
  const revocation = ({ sha256: hash }: X509Certificate): RevocationCheck | null => {
    const response = staples.get(hash);
    if (response === undefined && lists.length === 0 && !required) return null;
    const staple = response === undefined ? null : readOcspResponse(response);
    return revocationCheck({ lists, staple, required, verifySignature, profile, algorithms });
  };
  return new PolicyChainJudge({ policy, profile, known, verifySignature, revocation });
}

function isAuthority({ known: { basicConstraints } }: X509Certificate): boolean {
  return basicConstraints.kind === 'present' && basicConstraints.value.isCertificateAuthority;
}

function momentsOf(at: DecisiveTime, now: number): readonly JudgedMoment[] {
  return [
    { moment: 'capture', at: null },
    { moment: 'now', at: now },
    ...(typeof at === 'object' ? [{ moment: 'date', at: at.date } as const] : []),
  ];
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
