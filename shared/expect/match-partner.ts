/** Which partners a connection belongs to. */
import type { Connector, Partner } from './expectations.ts';
import { isInDomain, matchAnyHost } from './host-patterns.ts';
import type { Observation } from './observation.ts';

/** Whose certificate a connector judges: outbound kinds the server's, inbound kinds the client's. */
export function judgedSide(connector: Connector): 'server' | 'client' {
  switch (connector.kind) {
    case 'exchange-online-inbound':
    case 'exchange-server-receive':
      return 'client';
    case 'pinned':
      return connector.side ?? 'server';
    case 'exchange-online-outbound':
    case 'exchange-server-send':
    case 'opportunistic':
      return 'server';
  }
}

/**
 * How the connection is found to be the partner's, in a few words, or null when it is not. `clients` and `servers` name
 * the two ends; with both, both have to fit. `domains` finds what these do not: by recipients, or by senders where the
 * client is judged, and by names of the judged host, also as Exchange Online names the hosts of its customers.
 */
export function matchPartner(partner: Partner, observation: Observation): string | null {
  const { servers, clients, domains } = partner;
  const server = servers === undefined ? null : matchAnyHost(servers, observation.server);
  const client = clients === undefined ? null : matchAnyHost(clients, observation.client);
  const serverFits = servers === undefined || server !== null;
  const clientFits = clients === undefined || client !== null;
  if (serverFits && clientFits && (server !== null || client !== null)) {
    const parts = [
      server === null ? null : `the server ${described(server)}`,
      client === null ? null : `the client ${described(client)}`,
    ];
    return parts.filter((part) => part !== null).join(' and ');
  }
  // A client that is not the partner's makes another partner's connection of it, whatever the domains.
  const side = judgedSide(partner.connector);
  if (side === 'server' && !clientFits) return null;
  if (side === 'client' && !serverFits) return null;
  return domains === undefined ? null : matchDomain(domains, side, observation);
}

function described({ pattern, by }: { readonly pattern: string; readonly by: string }): string {
  return pattern === by ? by : `${by} (${pattern})`;
}

function matchDomain(domains: readonly string[], side: 'server' | 'client', observation: Observation): string | null {
  const host = observation[side];
  for (const domain of domains) {
    for (const { mailFrom, rcptTo } of observation.envelopes) {
      const mailboxes = side === 'server' ? rcptTo : [mailFrom];
      const mailbox = mailboxes.find((address) => isInDomain(address.slice(address.lastIndexOf('@') + 1), domain));
      if (mailbox !== undefined) return `${side === 'server' ? 'the recipient' : 'the sender'} in ${domain}`;
    }
    const name = host.names.find((candidate) => isInDomain(candidate, domain) || isHostedName(candidate, domain));
    if (name !== undefined) return `the ${side}'s name ${name}`;
  }
  return null;
}

/** Exchange Online names the hosts for a domain after it: `fabrikam-com.mail.protection.outlook.com`. */
function isHostedName(name: string, domain: string): boolean {
  return name.toLowerCase().startsWith(`${domain.toLowerCase().replaceAll('.', '-')}.`);
}
