/**
 * The JSON of `starttrace expect what-if`, schema `starttrace/what-if@1`: what each partner's connector does when a
 * domain moves to a mail provider. Field names are API, as in analysis.ts.
 */
import type { Check, Outcome } from './verdict.ts';

export const WHAT_IF_SCHEMA = 'starttrace/what-if@1';

export interface WhatIf {
  readonly schema: typeof WHAT_IF_SCHEMA;
  /** The moment that paths are supposed at: ISO 8601 in UTC. */
  readonly asOf: string;
  /** The domain that moves; null: each partner's own. */
  readonly only: string | null;
  readonly direction: 'inbound' | 'outbound' | 'both';
  readonly movesTo: WhatIfProvider;
  /** Every expectation that the move concerns, in the order of the file. */
  readonly partners: readonly WhatIfPartner[];
}

export interface WhatIfProvider {
  readonly id: string;
  readonly title: string;
  readonly from: string | null;
  readonly until: string | null;
  /** Null: not documented. */
  readonly commonNames: readonly string[] | null;
  readonly names: readonly string[] | null;
  readonly root: { readonly title: string; readonly sha256: string } | null;
  /** The trust policy that was asked for the root. */
  readonly trust: string;
  readonly path: 'valid' | 'invalid' | 'undetermined';
  /** Why the path is not valid; null when it is. */
  readonly pathReason: string | null;
  readonly source: string;
}

export interface WhatIfPartner {
  readonly partner: string;
  /** The connector's kind. */
  readonly connector: string;
  readonly identity: string | null;
  /** As seen from the moved domain: `inbound`, the partner sends to it; `outbound`, the partner receives from it. */
  readonly direction: 'inbound' | 'outbound';
  /** The domain that this partner exchanges mail with; null when the file does not tell. */
  readonly domain: string | null;
  readonly before: WhatIfVerdict;
  readonly after: WhatIfVerdict;
  /** `breaks`: mail that flowed before is deferred, rejected or sent in plaintext. `uncertain`: it cannot be told. */
  readonly effect: 'none' | 'breaks' | 'uncertain';
  readonly changes: readonly WhatIfChange[];
  /** Lines for PowerShell, in order; empty where the partner does not run Exchange, or nothing is to change. */
  readonly commands: readonly string[];
  /** What to write to the partner: plain text. */
  readonly notice: string;
}

export interface WhatIfVerdict {
  readonly outcome: Outcome;
  readonly summary: string;
  readonly checks: readonly Check[];
}

export interface WhatIfChange {
  /** As the file or the cmdlet names it. */
  readonly setting: string;
  readonly from: string | null;
  /** Null: remove it, or it cannot be told what to set. */
  readonly to: string | null;
  readonly reason: string;
}
