import type { Side } from '../../shared/contract/analysis.ts';
import type { ChainJudge } from '../../shared/expect/judge-session.ts';
import type { TrustPolicy } from '../../shared/expect/trust-policy.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { judgeChain } from '../../shared/x509/path/judge-chain.ts';
import type { ChainJudgement, Profile, RevocationCheck, VerifySignature } from '../../shared/x509/path/model.ts';
import { timestampFindings } from '../../shared/x509/revocation/timestamps.ts';

export interface PolicyChainJudgeOptions {
  readonly policy: TrustPolicy;
  readonly profile: Profile;
  /** Certificates that may complete a chain, beside the policy's intermediates. */
  readonly known: readonly X509Certificate[];
  readonly verifySignature: VerifySignature;
  /** The check for a chain of which this certificate is the first; null: revocation is not looked at. */
  readonly revocation: (target: X509Certificate) => RevocationCheck | null;
}

/**
 * Judges chains under one policy, and remembers: between two instants at which some certificate begins or ends, the
 * same chain has the same judgement, however many sessions presented it.
 */
export class PolicyChainJudge implements ChainJudge {
  readonly policy: string;
  readonly #options: PolicyChainJudgeOptions;
  readonly #instants: readonly number[];
  readonly #judged = new Map<string, Promise<ChainJudgement>>();

  constructor(options: PolicyChainJudgeOptions) {
    const { policy, known } = options;
    this.policy = policy.name;
    this.#options = options;
    const certificates = [...known, ...policy.intermediates, ...policy.anchors.map(({ certificate }) => certificate)];
    const dates = policy.anchors.flatMap(({ trustedFrom, trustedUntil }) => [trustedFrom, trustedUntil]);
    this.#instants = sorted([
      ...certificates.flatMap(validity),
      ...dates.filter((date) => date !== null).flatMap(both),
    ]);
  }

  judge(chain: readonly X509Certificate[], side: Side, at: number): Promise<ChainJudgement> {
    const revocation = this.#options.revocation(chain[0]);
    const key = `${side} ${this.#interval(chain, at, revocation !== null)} ${chain.map(({ sha256 }) => sha256).join(' ')}`;
    const known = this.#judged.get(key);
    if (known) return known;
    const judged = this.#judge(chain, side, at, revocation);
    this.#judged.set(key, judged);
    return judged;
  }

  /** Names the time between two instants; what tells of revocation has instants of its own, so the time itself. */
  #interval(chain: readonly X509Certificate[], at: number, exactly: boolean): string {
    if (exactly) return `at ${at}`;
    const own = sorted(chain.flatMap(validity));
    return `${countUpTo(this.#instants, at)}/${countUpTo(own, at)}`;
  }

  async #judge(
    chain: readonly X509Certificate[],
    side: Side,
    at: number,
    revocation: RevocationCheck | null,
  ): Promise<ChainJudgement> {
    const { policy, profile, known, verifySignature } = this.#options;
    const sent = new Set(chain.map(({ sha256 }) => sha256));
    const others = [...policy.intermediates, ...known].filter(({ sha256 }) => !sent.has(sha256));
    const judgement = await judgeChain(chain, others, {
      anchors: policy.anchors,
      at,
      profile,
      purpose: side,
      algorithms: policy.rules.algorithms,
      maximumIntermediates: null,
      verifySignature,
      revocation,
    });
    return { ...judgement, differences: [...judgement.differences, ...timestampFindings(chain[0], at)] };
  }
}

/** Valid from the first second of notBefore to the last of notAfter. */
function validity({ notBefore, notAfter }: X509Certificate): readonly number[] {
  return [notBefore.epochSeconds, notAfter.epochSeconds + 1];
}

/** A policy's date may count from it or behind it. */
function both(date: number): readonly number[] {
  return [date, date + 1];
}

function sorted(instants: readonly number[]): readonly number[] {
  return [...new Set(instants)].sort((left, right) => left - right);
}

/** How many of the sorted instants are not later than `at`. */
function countUpTo(instants: readonly number[], at: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instants[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
