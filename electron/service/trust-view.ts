import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import type { TrustPolicy } from '../../shared/expect/trust-policy.ts';
import type { TrustView } from '../../shared/expect/what-if.ts';

/** How a policy's roots stand at `at` (seconds since 1970). */
export function trustViewOf(policy: TrustPolicy, at: number): TrustView {
  const anchors = new Map(policy.anchors.map((anchor) => [anchor.certificate.sha256, anchor]));
  return {
    name: policy.name,
    anchor: (sha256) => {
      const anchor = anchors.get(sha256);
      if (anchor === undefined) return null;
      const { certificate, trustedFrom, trustedUntil } = anchor;
      const subject = certificate.subject.text;
      const notBefore = certificate.notBefore.epochSeconds;
      const notAfter = certificate.notAfter.epochSeconds;
      const problem = (): string | null => {
        if (at > notAfter) return `The root ${subject} expired on ${day(notAfter)}.`;
        if (at < notBefore) return `The root ${subject} is valid only from ${day(notBefore)} on.`;
        if (trustedUntil !== null && at > trustedUntil)
          return `${policy.name} trusts ${subject} only until ${day(trustedUntil)}.`;
        if (trustedFrom !== null && at < trustedFrom)
          return `${policy.name} trusts ${subject} only from ${day(trustedFrom)} on.`;
        return null;
      };
      return { subject, problem: problem() };
    },
  };
}

function day(seconds: number): string {
  return formatCalendarTime(calendarTime(Math.floor(seconds))).slice(0, 10);
}
