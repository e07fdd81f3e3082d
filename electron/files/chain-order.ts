import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { isSelfIssued, nameKey } from '../../shared/x509/path/compare-names.ts';

/**
 * Certificates that stand in a set, in the order in which a peer would send them: each that issued no other one first,
 * with its issuers behind it by name; whatever is left keeps its order.
 */
export function inChainOrder(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const bySubject = new Map<string, X509Certificate[]>();
  const issuers = new Set<string>();
  for (const certificate of certificates) {
    const subject = nameKey(certificate.subject);
    const same = bySubject.get(subject);
    if (same === undefined) bySubject.set(subject, [certificate]);
    else same.push(certificate);
    if (!isSelfIssued(certificate)) issuers.add(nameKey(certificate.issuer));
  }
  // Each is taken once, from the front of those with its name: linear, whatever the names are.
  for (const same of bySubject.values()) same.reverse();
  const ordered = new Set<X509Certificate>();
  for (const leaf of certificates.filter(({ subject }) => !issuers.has(nameKey(subject)))) {
    let next: X509Certificate | undefined = leaf;
    while (next !== undefined && !ordered.has(next)) {
      ordered.add(next);
      const candidates: X509Certificate[] = bySubject.get(nameKey(next.issuer)) ?? [];
      do next = candidates.pop();
      while (next !== undefined && ordered.has(next));
    }
  }
  return [...ordered, ...certificates.filter((certificate) => !ordered.has(certificate))];
}
