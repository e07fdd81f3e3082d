/** Trust policies as the contract prints them. */
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import {
  type DescribedAnchor,
  type DescribedAuthority,
  type DescribedPolicy,
  TRUST_SCHEMA,
  type TrustDocument,
} from '../../shared/contract/trust.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import type { TrustAnchor } from '../../shared/x509/path/model.ts';
import { type LocatedPolicy, listTrustPolicies } from '../files/trust-stores.ts';

/** Every policy that has a name. `now` in seconds since 1970: by it roots are over or not. */
export async function trustDocument(now: number): Promise<TrustDocument> {
  const { policies, problems } = await listTrustPolicies();
  const asOf = `${formatCalendarTime(calendarTime(Math.floor(now)))}Z`;
  return { schema: TRUST_SCHEMA, asOf, policies: policies.map((policy) => describePolicy(policy, now)), problems };
}

/** `now` in seconds since 1970: by it roots are over or not. */
export function describePolicy(located: LocatedPolicy, now: number): DescribedPolicy {
  const { policy, origin, file, replacesBuiltIn, problems } = located;
  const { profile, algorithms, commonNameFallback, requireRevocation, time } = policy.rules;
  return {
    name: policy.name,
    title: policy.title,
    issued: policy.issued,
    source: policy.source,
    description: policy.description,
    origin,
    file,
    replacesBuiltIn,
    rules: { profile, ...algorithms, commonNameFallback, requireRevocation, time },
    anchors: policy.anchors.map((anchor) => describeAnchor(anchor, now)),
    intermediates: policy.intermediates.map(describeAuthority),
    problems,
  };
}

function describeAnchor(anchor: TrustAnchor, now: number): DescribedAnchor {
  const { certificate, trustedFrom, trustedUntil, distrustAfter, source } = anchor;
  const begins = Math.max(certificate.notBefore.epochSeconds, trustedFrom ?? Number.NEGATIVE_INFINITY);
  const ends = Math.min(certificate.notAfter.epochSeconds, trustedUntil ?? Number.POSITIVE_INFINITY);
  return {
    ...describeAuthority(certificate),
    trustedFrom: isoOf(trustedFrom),
    trustedUntil: isoOf(trustedUntil),
    distrustAfter: isoOf(distrustAfter),
    source,
    state: now > ends ? 'over' : now < begins ? 'not-yet' : 'current',
  };
}

function describeAuthority(certificate: X509Certificate): DescribedAuthority {
  const { sha256, sha1, subject, notBefore, notAfter, publicKey } = certificate;
  const { algorithm, bits, curve } = publicKey;
  return {
    sha256,
    sha1,
    subject: subject.text,
    notBefore: notBefore.iso,
    notAfter: notAfter.iso,
    publicKey: { algorithm, bits, curve },
  };
}

function isoOf(seconds: number | null): string | null {
  return seconds === null ? null : `${formatCalendarTime(calendarTime(seconds))}Z`;
}
