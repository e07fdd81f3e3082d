/** What was sent beside the path that was verified: how each certificate of one belongs to the other. */
import type { PresentedCertificate } from '../../../shared/contract/analysis.ts';
import type { JudgedCertificate, JudgedPath } from '../../../shared/contract/verdict.ts';

export interface ComparedSent {
  readonly certificate: PresentedCertificate;
  /** Index in the path; null when it has no part in it. */
  readonly inPath: number | null;
  /** In words; null when it stands where it should. */
  readonly remark: string | null;
}

export interface ComparedPathItem {
  readonly certificate: JudgedCertificate;
  readonly remark: string | null;
  readonly missing: boolean;
}

export interface ChainComparison {
  readonly sent: readonly ComparedSent[];
  readonly path: readonly ComparedPathItem[];
  /** The path is one that needs certificates that were not sent. */
  readonly completed: boolean;
}

/** `path` null: nothing was judged yet. The path shown is the one that works, where one does. */
export function compareChain(chain: readonly PresentedCertificate[], path: JudgedPath | null): ChainComparison {
  const completed = path?.completedPath ?? null;
  const items = completed ?? path?.path ?? [];
  const place = new Map(items.map(({ sha256 }, index) => [sha256, index]));
  const seen = new Set<string>();
  let furthest = -1;
  const sent = chain.map((certificate): ComparedSent => {
    const inPath = place.get(certificate.sha256) ?? null;
    if (seen.has(certificate.sha256)) return { certificate, inPath, remark: 'surplus: sent again' };
    seen.add(certificate.sha256);
    if (inPath === null) return { certificate, inPath, remark: path === null ? null : 'surplus: not in the path' };
    const late = inPath < furthest;
    furthest = Math.max(furthest, inPath);
    const role = items[inPath].role;
    if (late) return { certificate, inPath, remark: 'wrong order: belongs further up' };
    return { certificate, inPath, remark: role === 'anchor' ? 'the root: need not be sent' : null };
  });
  return { sent, path: items.map((item) => comparedItem(item, completed !== null)), completed: completed !== null };
}

function comparedItem(certificate: JudgedCertificate, completed: boolean): ComparedPathItem {
  const missing = !certificate.sent && certificate.role !== 'anchor';
  if (certificate.role === 'anchor') {
    const remark = certificate.sent ? 'trusted root, also sent' : 'trusted root, from the trust policy';
    return { certificate, missing, remark };
  }
  return { certificate, missing, remark: missing ? (completed ? 'missing: should have been sent' : 'not sent') : null };
}

/** The common name of a subject (RFC 4514), or all of it where it has none. */
export function shortName(subject: string | null): string {
  if (subject === null) return 'unreadable certificate';
  const name = /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/i.exec(subject)?.[1];
  return name === undefined || name === '' ? subject || 'no subject' : name.replace(/\\(.)/g, '$1');
}
