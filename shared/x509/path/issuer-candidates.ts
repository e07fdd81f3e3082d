/** Which certificates may have issued another, by their names, and in which order to try them (RFC 4158 section 3.5). */
import type { X509Certificate } from '../certificate.ts';
import { extensionValue } from './certificate-rules.ts';
import { nameKey } from './compare-names.ts';
import type { TrustAnchor } from './model.ts';

/** A certificate in the place of an issuer: as an anchor it ends the path. */
export interface Candidate {
  readonly certificate: X509Certificate;
  readonly anchor: TrustAnchor | null;
}

/** Issuers by subject. */
export class CandidateIndex {
  readonly #bySubject = new Map<string, Candidate[]>();
  readonly #anchors = new Map<string, TrustAnchor[]>();

  constructor(intermediates: readonly X509Certificate[], anchors: readonly TrustAnchor[]) {
    for (const anchor of anchors) {
      append(this.#bySubject, nameKey(anchor.certificate.subject), { certificate: anchor.certificate, anchor });
      append(this.#anchors, anchor.certificate.sha256, anchor);
    }
    const seen = new Set<string>();
    for (const certificate of intermediates) {
      if (seen.has(certificate.sha256)) continue;
      seen.add(certificate.sha256);
      append(this.#bySubject, nameKey(certificate.subject), { certificate, anchor: null });
    }
  }

  /** The anchors that are this very certificate. */
  anchorsOf(certificate: X509Certificate): readonly TrustAnchor[] {
    return this.#anchors.get(certificate.sha256) ?? [];
  }

  /** The anchors that may stand above the target, going by names alone. */
  anchorsAbove(target: X509Certificate): readonly X509Certificate[] {
    const candidates = [...this.#namesAbove(target)].flatMap((name) => this.#bySubject.get(name) ?? []);
    return candidates.filter(({ anchor }) => anchor !== null).map(({ certificate }) => certificate);
  }

  /** Everything with the name of the certificate's issuer (RFC 5280 section 6.1.3 (a)(4)). */
  issuersOf(certificate: X509Certificate): readonly Candidate[] {
    return this.#bySubject.get(nameKey(certificate.issuer)) ?? [];
  }

  /**
   * How many steps lie between each name and an anchor, going by names and by the candidates that `usable` lets pass;
   * names from which no anchor is to be reached are absent. Linear: each certificate is visited once.
   */
  distances(target: X509Certificate, usable: (candidate: Candidate) => boolean): ReadonlyMap<string, number> {
    const subjectsByIssuer = new Map<string, string[]>();
    const distances = new Map<string, number>();
    let frontier: string[] = [];
    for (const name of this.#namesAbove(target)) {
      for (const candidate of this.#bySubject.get(name) ?? []) {
        if (!usable(candidate)) continue;
        if (candidate.anchor === null) append(subjectsByIssuer, nameKey(candidate.certificate.issuer), name);
        else if (!distances.has(name)) {
          distances.set(name, 0);
          frontier.push(name);
        }
      }
    }
    for (let distance = 1; frontier.length > 0; distance++) {
      const next: string[] = [];
      for (const issuer of frontier) {
        for (const subject of subjectsByIssuer.get(issuer) ?? []) {
          if (distances.has(subject)) continue;
          distances.set(subject, distance);
          next.push(subject);
        }
      }
      frontier = next;
    }
    return distances;
  }

  /** The names of all that may stand above the target, going by names alone. */
  #namesAbove(target: X509Certificate): ReadonlySet<string> {
    const names = new Set([nameKey(target.issuer)]);
    for (const name of names) {
      for (const { certificate, anchor } of this.#bySubject.get(name) ?? []) {
        if (anchor === null) names.add(nameKey(certificate.issuer));
      }
    }
    return names;
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/**
 * The candidates in the order in which they promise a path: key identifiers that match, then anchors, then those near to
 * an anchor, then the newest. A key identifier that does not match rules nothing out: RFC 5280 section 6 does not look at it.
 */
export function inOrder(
  child: X509Certificate,
  candidates: readonly Candidate[],
  distances: ReadonlyMap<string, number>,
): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const ranked = candidates.map((candidate) => ({
    candidate,
    keys: keyIdentifierRank(child, candidate.certificate),
    distance: candidate.anchor === null ? 1 + (distances.get(nameKey(candidate.certificate.issuer)) ?? 1e6) : 0,
    notBefore: candidate.certificate.notBefore.epochSeconds,
  }));
  ranked.sort((a, b) => a.keys - b.keys || a.distance - b.distance || b.notBefore - a.notBefore);
  return ranked.map(({ candidate }) => candidate);
}

/** 0 where the identifiers match, 1 where one is missing, 2 where they differ. */
function keyIdentifierRank(child: X509Certificate, issuer: X509Certificate): number {
  const wanted = extensionValue(child.known.authorityKeyIdentifier)?.keyIdentifier ?? null;
  const has = extensionValue(issuer.known.subjectKeyIdentifier);
  if (wanted === null || has === null) return 1;
  return wanted.length === has.length && wanted.every((octet, i) => octet === has[i]) ? 0 : 2;
}
