/** What a supposed connection leaves open, and the move itself decides. */
import type { Check } from '../../contract/verdict.ts';
import type { CatalogueEntry } from '../catalogue/schema.ts';
import { CATALOGUE, isNameOf, pinsOf } from '../catalogue.ts';
import type { Partner } from '../expectations.ts';
import type { PartnerVerdict } from '../judge-partner.ts';

/**
 * The verdict after a move, with what follows from it: a certificate or key that was pinned is not the provider's; a
 * list of addresses has those of the present host. A name of the provider may well be in a certificate whose names
 * nobody documents.
 */
export function settled(verdict: PartnerVerdict, partner: Partner, entry: CatalogueEntry): PartnerVerdict {
  const checks = verdict.checks.map((check) => settledCheck(check, partner, entry));
  if (checks.every((check, index) => check === verdict.checks[index])) return verdict;
  const failed = checks.find(({ status, id }) => status === 'failed' && id !== 'configuration');
  if (failed) {
    const outcome = onFailure(partner);
    const doing = outcome === 'reject' ? 'Rejects the mail' : 'Defers the mail, tries again and then returns it (NDR)';
    return { ...verdict, outcome, summary: `${doing}: ${lowerFirst(failed.evidence)}`, checks };
  }
  const hidden = checks.find(({ status, id }) => status === 'unknown' && id !== 'revocation');
  const evidence = hidden?.evidence ?? 'something is not documented.';
  return {
    ...verdict,
    outcome: 'unknown',
    serverResponse: null,
    summary: `Cannot be told: ${lowerFirst(evidence)}`,
    checks,
  };
}

function settledCheck(check: Check, partner: Partner, entry: CatalogueEntry): Check {
  switch (check.id) {
    case 'certificate-fingerprint':
    case 'public-key': {
      if (check.status !== 'unknown') return check;
      const what = check.id === 'public-key' ? 'key' : 'certificate';
      const evidence = `The ${what} that is pinned is the present host's; ${entry.provider} has another one.`;
      const remedy = `Remove the pin: ${entry.provider} changes its certificates without notice.`;
      return { ...check, status: 'failed', evidence, remedy };
    }
    case 'connecting-address': {
      if (check.status !== 'unknown' || partner.connector.kind === 'exchange-server-receive') return check;
      const evidence = `The addresses listed are the present host's; the mail will come from those of ${entry.provider}.`;
      return { ...check, status: 'failed', evidence };
    }
    case 'certificate-name':
    case 'certificate-names': {
      if (check.status !== 'failed' || entry.names !== null) return check;
      const { names, exactly } = pinsOf(partner.connector);
      const wanted = [...names, ...(exactly ?? [])];
      if (!wanted.some((name) => isOfProvider(name, entry))) {
        if (entry.commonNames !== null) return check;
        const evidence = `It is the own certificate of ${entry.provider}, not one for ${wanted.join(', ') || 'the domain'}.`;
        return { ...check, evidence };
      }
      const evidence = `Which names ${entry.id} has${entry.commonNames === null ? '' : ` beside ${entry.commonNames.join(', ')}`} is not documented.`;
      const remedy = 'Capture or probe one session, and compare the names that it shows.';
      return { ...check, status: 'unknown', evidence, remedy };
    }
    default:
      return check;
  }
}

/** Names of other eras may go on being in the certificate. */
function isOfProvider(name: string, entry: CatalogueEntry): boolean {
  const eras = CATALOGUE.filter(({ provider }) => provider === entry.provider);
  return [entry, ...eras].some((era) => isNameOf(name, era));
}

function onFailure({ connector }: Partner): 'defer' | 'reject' {
  switch (connector.kind) {
    case 'exchange-online-inbound':
    case 'exchange-server-receive':
      return 'reject';
    case 'pinned':
      return connector.onFailure ?? 'defer';
    case 'exchange-online-outbound':
    case 'exchange-server-send':
    case 'opportunistic':
      return 'defer';
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
