/** The names of a certificate against those that its provider documents. What differs comes first. */
import type { Certificate } from '../../../shared/contract/analysis.ts';
import type { Recognition } from '../../../shared/contract/verdict.ts';

export interface ComparedName {
  readonly name: string;
  /** `presented`: nothing is known to compare it with. */
  readonly status: 'equal' | 'missing' | 'surplus' | 'presented';
}

export function compareNames(certificate: Certificate, recognition: Recognition | null): ComparedName[] {
  const presented = [...new Set([...certificate.commonNames, ...certificate.dnsNames, ...certificate.ipAddresses])];
  if (recognition === null) return presented.map((name) => ({ name, status: 'presented' }));
  const surplus = new Set(recognition.surplus.map((name) => name.toLowerCase()));
  const ranks = { surplus: 0, equal: 1 } as const;
  const compared = presented.map(
    (name) => ({ name, status: surplus.has(name.toLowerCase()) ? 'surplus' : 'equal' }) as const,
  );
  return [
    ...recognition.missing.map((name) => ({ name, status: 'missing' }) as const),
    ...compared.sort((a, b) => ranks[a.status] - ranks[b.status]),
  ];
}

/** `4 equal · 1 missing` */
export function countNames(names: readonly ComparedName[]): string {
  const statuses = ['equal', 'missing', 'surplus', 'presented'] as const;
  return statuses
    .map((status) => ({ status, count: names.filter((name) => name.status === status).length }))
    .filter(({ status, count }) => count > 0 || (status !== 'presented' && names[0]?.status !== 'presented'))
    .map(({ status, count }) => `${count} ${status}`)
    .join(' · ');
}
