/** Sessions judged: facts become answers, at the time of the capture, now, and at a chosen date. */
import type { Session, Side } from '../contract/analysis.ts';
import type {
  Check,
  JudgedCertificate,
  JudgedPath,
  JudgedSession,
  Moment,
  Outcome,
  Recognition,
  Verdict,
} from '../contract/verdict.ts';
import type { X509Certificate } from '../x509/certificate.ts';
import { commonNames } from '../x509/names.ts';
import type { ChainJudgement, PathElement } from '../x509/path/model.ts';
import type { CatalogueEntry } from './catalogue/schema.ts';
import { pinsOf, recognize, sourceOf, staleness } from './catalogue.ts';
import type { Expectations, Partner } from './expectations.ts';
import { judgePartner } from './judge-partner.ts';
import { judgedSide, matchPartner } from './match-partner.ts';
import type { ObservedChain, ObservedIdentity, ObservedPath } from './observation.ts';
import { observeSession } from './observe-session.ts';
import { pathRemedy } from './path-remedies.ts';

export interface JudgedMoment {
  readonly moment: Moment;
  /** Seconds since 1970; null stands for the session's own time. */
  readonly at: number | null;
}

/** Judges chains under one trust policy. The host gives it, with its way to check signatures. */
export interface ChainJudge {
  /** The policy's name, for sentences. */
  readonly policy: string;
  /** `at` in seconds since 1970. The same chain at the same time gives the same judgement. */
  judge(chain: readonly X509Certificate[], side: Side, at: number): Promise<ChainJudgement>;
}

export interface SessionJudgeOptions {
  readonly trust: ChainJudge;
  /** Null: only paths and recognition. */
  readonly expectations: Expectations | null;
  /** For partners with a trust policy of their own, by its name in the file. */
  readonly partnerTrust: ReadonlyMap<string, ChainJudge>;
  readonly moments: readonly JudgedMoment[];
  /** Which of the moments decides `verdict`. */
  readonly decisive: Moment;
  readonly catalogue: readonly CatalogueEntry[];
  /** A certificate that a session presented, or null when it cannot be read. */
  certificate(sha256: string): X509Certificate | null;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, lower-case hex. */
  publicKeySha256(certificate: X509Certificate): string;
}

const SIDES: readonly Side[] = ['server', 'client'];

export class SessionJudge {
  readonly #options: SessionJudgeOptions;

  constructor(options: SessionJudgeOptions) {
    this.#options = options;
  }

  /** `only`: verdicts at that moment alone, which is much less work; null for all of them. */
  async judge(session: Session, only: Moment | null = null): Promise<JudgedSession> {
    const { trust, moments, decisive } = this.#options;
    const chains = { server: this.#chain(session, 'server'), client: this.#chain(session, 'client') };
    const paths: JudgedPath[] = [];
    for (const side of SIDES) {
      for (const moment of moments) {
        const at = timeOf(moment, session);
        if (chains[side].length === 0 || at === null) continue;
        const judgement = await trust.judge(chains[side], side, at);
        paths.push({
          side,
          moment: moment.moment,
          asOf: isoOf(moment, session, at),
          ...judgedPath(judgement, chains[side]),
        });
      }
    }
    const recognized = SIDES.flatMap((side) => this.#recognize(session, side, chains[side], paths));
    const verdicts = await this.#verdicts(session, chains, recognized, only);
    return { paths, recognized, verdicts, verdict: worst(verdicts.filter(({ moment }) => moment === decisive)) };
  }

  /** As sent; empty when the first one, which is the peer's own, cannot be read. */
  #chain(session: Session, side: Side): readonly X509Certificate[] {
    const read = session.certificates[side].chain.map(({ sha256 }) => this.#options.certificate(sha256));
    return read[0] ? read.filter((certificate) => certificate !== null) : [];
  }

  #recognize(
    session: Session,
    side: Side,
    [certificate]: readonly X509Certificate[],
    paths: readonly JudgedPath[],
  ): readonly Recognition[] {
    if (!certificate) return [];
    const rootSha256 =
      paths.find((path) => path.side === side)?.path.find(({ role }) => role === 'anchor')?.sha256 ?? null;
    const circumstances = { at: session.startedAt?.slice(0, 10) ?? null, rootSha256 };
    const found = recognize(namesOf(certificate), this.#options.catalogue, circumstances);
    if (found === null) return [];
    const { entry, match, missing, surplus } = found;
    return [{ side, id: entry.id, title: entry.title, match, missing, surplus, source: sourceOf(entry) }];
  }

  async #verdicts(
    session: Session,
    chains: Readonly<Record<Side, readonly X509Certificate[]>>,
    recognized: readonly Recognition[],
    only: Moment | null,
  ): Promise<readonly Verdict[]> {
    const { expectations } = this.#options;
    const moments = this.#options.moments.filter(({ moment }) => only === null || moment === only);
    const unjudged = observeSession(session, {
      server: { identity: null, path: null },
      client: { identity: null, path: null },
    });
    const verdicts: Verdict[] = [];
    for (const partner of expectations?.partners ?? []) {
      const matchedBy = matchPartner(partner, unjudged);
      if (matchedBy === null) continue;
      const entry = this.#provider(judgedSide(partner.connector), recognized);
      for (const moment of moments) {
        const at = timeOf(moment, session);
        const observation = observeSession(session, {
          server: await this.#observed(session, 'server', chains.server, partner, at, recognized),
          client: await this.#observed(session, 'client', chains.client, partner, at, recognized),
        });
        const { checks, ...verdict } = judgePartner(partner, observation);
        verdicts.push({
          partner: partner.name,
          connector: partner.connector.kind,
          matchedBy,
          moment: moment.moment,
          asOf: at === null ? null : isoOf(moment, session, at),
          ...verdict,
          checks: [...checks, ...staleChecks(partner, entry, this.#options.catalogue)],
        });
      }
    }
    return verdicts;
  }

  #provider(side: Side, recognized: readonly Recognition[]): CatalogueEntry | null {
    const id = recognized.find((recognition) => recognition.side === side)?.id;
    return this.#options.catalogue.find((entry) => entry.id === id) ?? null;
  }

  async #observed(
    session: Session,
    side: Side,
    chain: readonly X509Certificate[],
    { trust: partnerTrust, connector }: Partner,
    at: number | null,
    recognized: readonly Recognition[],
  ): Promise<Pick<ObservedChain, 'identity' | 'path'>> {
    const [certificate] = chain;
    if (!certificate) return { identity: null, path: null };
    const identity: ObservedIdentity = {
      ...namesOf(certificate),
      subject: certificate.subject.text,
      sha256: certificate.sha256,
      publicKeySha256: this.#options.publicKeySha256(certificate),
      frame: session.certificates[side].chain[0].frame,
      provider: this.#provider(side, recognized)?.provider ?? null,
    };
    if (at === null || judgedSide(connector) !== side) return { identity, path: null };
    const judge = (partnerTrust && this.#options.partnerTrust.get(partnerTrust)) || this.#options.trust;
    return { identity, path: observedPath(await judge.judge(chain, side, at), judge.policy) };
  }
}

function namesOf(certificate: X509Certificate): {
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
} {
  const { subjectAltName } = certificate.known;
  const names = subjectAltName.kind === 'present' ? subjectAltName.value : [];
  return {
    commonNames: commonNames(certificate.subject),
    dnsNames: names.flatMap((name) => (name.kind === 'dNSName' && name.exact ? [name.text] : [])),
  };
}

function timeOf({ at }: JudgedMoment, { startedAt }: Session): number | null {
  if (at !== null) return at;
  return startedAt === null ? null : Math.floor(Date.parse(startedAt) / 1000);
}

function isoOf(moment: JudgedMoment, { startedAt }: Session, at: number): string {
  return moment.at === null && startedAt !== null ? startedAt : new Date(at * 1000).toISOString().replace('.000Z', 'Z');
}

function judgedPath(
  { asSent, completed, differences }: ChainJudgement,
  sent: readonly X509Certificate[],
): Omit<JudgedPath, 'side' | 'moment' | 'asOf'> {
  const hashes = new Set(sent.map(({ sha256 }) => sha256));
  const shown = (path: readonly PathElement[]): readonly JudgedCertificate[] =>
    path.map(({ certificate, role }) => ({
      sha256: certificate.sha256,
      subject: certificate.subject.text,
      notAfter: certificate.notAfter.iso,
      role,
      sent: hashes.has(certificate.sha256),
    }));
  return {
    outcome: asSent.outcome,
    path: shown(asSent.path),
    revocation: asSent.revocation,
    findings: [...asSent.findings, ...differences],
    completedPath: completed === null ? null : shown(completed.path),
  };
}

function observedPath({ asSent, completed, differences }: ChainJudgement, policy: string): ObservedPath {
  const findings = [...asSent.findings, ...differences];
  const errors = findings.filter(({ severity }) => severity === 'error');
  const root = asSent.anchor?.certificate ?? null;
  const missing = completed === null ? null : differences.find(({ code }) => code === 'missing-intermediate');
  return {
    outcome: asSent.outcome,
    root: root === null ? null : { sha256: root.sha256, subject: root.subject.text },
    policy,
    reasons: [...(missing ? [missing.message] : []), ...errors.map(({ message }) => message)],
    rule: (missing ?? errors[0])?.rule ?? 'RFC 5280 section 6',
    remedy: missing ? pathRemedy([{ ...missing, severity: 'error' }]) : pathRemedy(errors),
    revocation: asSent.revocation,
  };
}

/** A pin of the past explains a failure, and warns before one. */
function staleChecks(
  partner: Partner,
  entry: CatalogueEntry | null,
  catalogue: readonly CatalogueEntry[],
): readonly Check[] {
  if (entry === null) return [];
  return staleness(pinsOf(partner.connector), entry, catalogue).map(({ message }) => ({
    id: 'stale-pin',
    status: 'warning',
    rule: 'Pins are those of the provider that answers now.',
    source: sourceOf(entry),
    frame: null,
    evidence: message,
    remedy: `Judge ${entry.provider} by what it presents now: see the catalogue's entry ${entry.id}.`,
  }));
}

const SEVERITY: Readonly<Record<Outcome, number>> = {
  reject: 4,
  defer: 3,
  unknown: 2,
  'deliver-in-plaintext': 1,
  deliver: 0,
};

function worst(verdicts: readonly Verdict[]): JudgedSession['verdict'] {
  let found: Verdict | null = null;
  for (const verdict of verdicts) {
    if (found === null || SEVERITY[verdict.outcome] > SEVERITY[found.outcome]) found = verdict;
  }
  if (found === null) return null;
  const { checks: _, ...summary } = found;
  return summary;
}
