/**
 * `starttrace/trust@1`: what `starttrace trust list --json` and `starttrace trust show … --json` print.
 *
 * Field names are API, and follow the conventions of `starttrace/analysis@1`. Later versions of the schema only add
 * fields.
 */
import type { Problem } from '../bytes/problem.ts';

export const TRUST_SCHEMA = 'starttrace/trust@1';

export interface TrustDocument {
  readonly schema: typeof TRUST_SCHEMA;
  /** The point in time by which roots are over or not. */
  readonly asOf: string;
  readonly policies: readonly DescribedPolicy[];
  /** Policies that cannot be read. */
  readonly problems: readonly Problem[];
}

export interface DescribedPolicy {
  readonly name: string;
  readonly title: string;
  /** A day; null for certificates without a policy document. */
  readonly issued: string | null;
  readonly source: string;
  readonly description: string | null;
  readonly origin: 'built-in' | 'user' | 'given';
  /** Where the policy stands; null for what comes with the application. */
  readonly file: string | null;
  readonly replacesBuiltIn: boolean;
  readonly rules: DescribedRules;
  readonly anchors: readonly DescribedAnchor[];
  readonly intermediates: readonly DescribedAuthority[];
  readonly problems: readonly Problem[];
}

export interface DescribedRules {
  readonly profile: 'path' | 'rfc5280' | 'webpki';
  readonly sha1: boolean;
  readonly minimumRsaBits: number;
  readonly commonNameFallback: boolean;
  readonly requireRevocation: boolean;
  readonly time: 'capture' | 'now' | null;
}

export interface DescribedAuthority {
  readonly sha256: string;
  readonly sha1: string;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly publicKey: { readonly algorithm: string; readonly bits: number | null; readonly curve: string | null };
}

export interface DescribedAnchor extends DescribedAuthority {
  /** The first and the last second in which the policy trusts the root; null where it sets none. */
  readonly trustedFrom: string | null;
  readonly trustedUntil: string | null;
  /** Certificates that are issued later are not trusted under the root. */
  readonly distrustAfter: string | null;
  /** Where the policy has the root from. */
  readonly source: string;
  /** `not-yet`, `current` or `over` at `asOf`, by the root's own dates and the policy's. */
  readonly state: 'not-yet' | 'current' | 'over';
}
