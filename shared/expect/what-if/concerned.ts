/** Which expectations a domain's move concerns, and whose domain it is. */
import type { Partner } from '../expectations.ts';
import { isInDomain } from '../host-patterns.ts';

/** Whether the partner's entry says anything of the domain: of its mail, of its hosts, or of names in it. */
export function concerns(partner: Partner, domain: string): boolean {
  const domains = mailDomains(partner);
  if (domains.some((one) => isInDomain(domain, one) || isInDomain(one, domain))) return true;
  return [...hostNames(partner), ...pinnedNames(partner)].some((name) => isInDomain(name, domain));
}

/** The domain that the partner exchanges mail with; null when the entry has addresses only, or several domains. */
export function ownDomain(partner: Partner): string | null {
  const domains = new Set(mailDomains(partner).map((one) => one.toLowerCase().replace(/^\*\./, '')));
  const [only] = domains;
  return domains.size === 1 ? only : null;
}

/** Every domain that the file names, for an answer to one that it does not. */
export function allDomains(partners: readonly Partner[]): readonly string[] {
  return [...new Set(partners.flatMap(mailDomains))];
}

function mailDomains({ domains, connector }: Partner): readonly string[] {
  const own = domains ?? [];
  const more = (): readonly string[] => {
    switch (connector.kind) {
      case 'exchange-online-outbound':
        return connector.recipientDomains ?? [];
      case 'exchange-online-inbound':
        return connector.senderDomains ?? [];
      case 'exchange-server-send':
        return connector.addressSpaces ?? [];
      case 'exchange-server-receive':
      case 'pinned':
      case 'opportunistic':
        return [];
    }
  };
  return [...own, ...more()].filter((one) => one !== '*' && one !== '--');
}

function hostNames({ servers, clients, connector }: Partner): readonly string[] {
  const smartHosts = 'smartHosts' in connector ? (connector.smartHosts ?? []) : [];
  return [...(servers ?? []), ...(clients ?? []), ...smartHosts];
}

function pinnedNames({ connector }: Partner): readonly string[] {
  switch (connector.kind) {
    case 'exchange-online-outbound':
    case 'exchange-server-send':
      return connector.tlsDomain ? [connector.tlsDomain] : [];
    case 'exchange-online-inbound':
      return connector.tlsSenderCertificateName ? [connector.tlsSenderCertificateName] : [];
    case 'exchange-server-receive':
      return (connector.tlsDomainCapabilities ?? []).map(({ domain }) => domain);
    case 'pinned': {
      const { commonName, names } = connector;
      const set = names === undefined ? [] : 'exactly' in names ? names.exactly : names.includes;
      return [...(commonName === undefined ? [] : [commonName]), ...set];
    }
    case 'opportunistic':
      return [];
  }
}
