/** What becomes of the mail when a domain moves to a mail provider: each partner's connector, before and after. */
import type { Outcome } from '../contract/verdict.ts';
import { WHAT_IF_SCHEMA, type WhatIf, type WhatIfPartner, type WhatIfVerdict } from '../contract/what-if.ts';
import type { CatalogueEntry } from './catalogue/schema.ts';
import { sourceOf } from './catalogue.ts';
import type { Expectations, Partner } from './expectations.ts';
import type { JudgePartner, PartnerVerdict } from './judge-partner.ts';
import { judgedSide } from './match-partner.ts';
import type { ObservedPath } from './observation.ts';
import { changesFor } from './what-if/changes.ts';
import { concerns, ownDomain } from './what-if/concerned.ts';
import { notice } from './what-if/notice.ts';
import { settled } from './what-if/settled.ts';
import { movedObservation, presentObservation, supposedPath, type TrustView } from './what-if/supposed.ts';

export type { TrustView } from './what-if/supposed.ts';

export interface WhatIfQuestion {
  readonly expectations: Expectations;
  readonly entry: CatalogueEntry;
  /** Only entries that concern this domain. */
  readonly only: string | null;
  readonly direction: 'inbound' | 'outbound' | 'both';
  readonly trust: TrustView;
  /** For partners with a trust policy of their own, by its name in the file. */
  readonly partnerTrust: ReadonlyMap<string, TrustView>;
  /** ISO 8601 in UTC: the moment that the trust views were made for. */
  readonly asOf: string;
  readonly judge: JudgePartner;
}

/**
 * Supposes two connections for each expectation that the move concerns: one that meets all its demands, so that only
 * contradictions of its settings count, and one with what the catalogue says of the provider. Partners that judge the
 * server send to the domain (inbound), those that judge the client receive from it (outbound).
 */
export function whatIf(question: WhatIfQuestion): WhatIf {
  const { expectations, entry, only, direction, trust, asOf } = question;
  const partners: WhatIfPartner[] = [];
  for (const partner of expectations.partners) {
    const its = directionOf(partner);
    if (direction !== 'both' && direction !== its) continue;
    if (only !== null && !concerns(partner, only)) continue;
    partners.push(whatIfPartner(partner, its, question));
  }
  const path = supposedPath(entry, trust);
  return {
    schema: WHAT_IF_SCHEMA,
    asOf,
    only,
    direction,
    movesTo: {
      id: entry.id,
      title: entry.title,
      from: entry.from,
      until: entry.until,
      commonNames: entry.commonNames,
      names: entry.names,
      root: entry.root,
      trust: trust.name,
      path: path.outcome,
      pathReason: path.reasons[0] ?? null,
      source: sourceOf(entry),
    },
    partners,
  };
}

function directionOf({ connector }: Partner): 'inbound' | 'outbound' {
  return judgedSide(connector) === 'server' ? 'inbound' : 'outbound';
}

function whatIfPartner(
  partner: Partner,
  direction: 'inbound' | 'outbound',
  { entry, only, trust, partnerTrust, judge }: WhatIfQuestion,
): WhatIfPartner {
  const { connector } = partner;
  const domain = only ?? ownDomain(partner);
  const path: ObservedPath = supposedPath(entry, partnerTrust.get(partner.trust ?? '') ?? trust);
  const before = judge(partner, presentObservation(partner, domain));
  const judged = judge(unrestricted(partner), movedObservation(partner, domain, entry, path));
  const after = settled(judged, partner, entry);
  const isEnabled = !('enabled' in connector && connector.enabled === false);
  const effect = isEnabled ? effectOf(before.outcome, after.outcome) : 'none';
  const { changes, commands } = isEnabled
    ? changesFor(partner, { entry, domain, path, checks: after.checks })
    : { changes: [], commands: [] };
  const identity = 'identity' in connector ? (connector.identity ?? null) : null;
  // The sentence stands alone in the notice.
  const consequence = effect === 'none' ? null : after.summary;
  return {
    partner: partner.name,
    connector: connector.kind,
    identity,
    direction,
    domain,
    before: short(before),
    after: short(after),
    effect,
    changes,
    commands,
    notice: notice({ partner: partner.name, identity, direction, domain, entry, consequence, changes, commands }),
  };
}

const EVERY_ADDRESS = new Set(['0.0.0.0/0', '0.0.0.0-255.255.255.255']);

/** Lists that hold every address ask for none: they are left out, so that an unknown address does not matter. */
function unrestricted(partner: Partner): Partner {
  const { connector } = partner;
  if (connector.kind !== 'exchange-server-receive') return partner;
  if (!connector.remoteIPRanges?.some((range) => EVERY_ADDRESS.has(range.replaceAll(' ', '')))) return partner;
  const { remoteIPRanges: _, ...rest } = connector;
  return { ...partner, connector: rest };
}

const SEVERITY: Readonly<Record<Outcome, number>> = {
  deliver: 0,
  unknown: 1,
  'deliver-in-plaintext': 2,
  defer: 3,
  reject: 4,
};

function effectOf(before: Outcome, after: Outcome): WhatIfPartner['effect'] {
  if (after === 'unknown') return 'uncertain';
  return SEVERITY[after] > SEVERITY[before] ? 'breaks' : 'none';
}

function short({ outcome, summary, checks }: PartnerVerdict): WhatIfVerdict {
  return { outcome, summary, checks };
}
