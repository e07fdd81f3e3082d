/** What a connector demands, in sentences. */
import type { Connector, ConnectorOf } from './expectations.ts';

/** Each sentence begins with the connector's kind, except for one that says that it is disabled. */
export function demands(connector: Connector): readonly string[] {
  const disabled =
    'enabled' in connector && connector.enabled === false ? ['The connector is disabled: nothing is judged.'] : [];
  switch (connector.kind) {
    case 'exchange-online-outbound':
      return [...disabled, ...levelOf(connector.kind, connector.tlsSettings ?? null, connector.tlsDomain ?? null)];
    case 'exchange-server-send':
      return [...disabled, ...sendDemands(connector)];
    case 'exchange-online-inbound':
      return [...disabled, ...inboundDemands(connector)];
    case 'exchange-server-receive':
      return [...disabled, ...receiveDemands(connector)];
    case 'pinned':
      return pinnedDemands(connector);
    case 'opportunistic':
      return ['opportunistic: TLS where it is offered, with any certificate; else plaintext.'];
  }
}

function levelOf(
  kind: string,
  level: string | null,
  name: string | null,
  without = 'a name that is not set',
): readonly string[] {
  switch (level) {
    case null:
      return [`${kind}: TLS where it is offered, with any certificate; else plaintext.`];
    case 'EncryptionOnly':
      return [`${kind}, EncryptionOnly: TLS with any certificate; else the mail waits.`];
    case 'CertificateValidation':
      return [`${kind}, CertificateValidation: TLS with a certificate of a trusted authority; else the mail waits.`];
    default:
      return [
        `${kind}, ${level}: TLS with a certificate of a trusted authority for ${name ?? without}; else the mail waits.`,
      ];
  }
}

function sendDemands(connector: ConnectorOf<'exchange-server-send'>): readonly string[] {
  const { kind, ignoreSTARTTLS, domainSecureEnabled, requireTLS, tlsAuthLevel, tlsDomain } = connector;
  if (ignoreSTARTTLS) return [`${kind}: IgnoreSTARTTLS, so always plaintext.`];
  if (domainSecureEnabled)
    return [`${kind}, Domain Security: TLS with a valid certificate for the recipient's domain; else the mail waits.`];
  return levelOf(
    kind,
    tlsAuthLevel ?? (requireTLS ? 'EncryptionOnly' : null),
    tlsDomain ?? null,
    "the recipient's domain",
  );
}

function inboundDemands(connector: ConnectorOf<'exchange-online-inbound'>): readonly string[] {
  const {
    kind,
    requireTls,
    restrictDomainsToCertificate,
    tlsSenderCertificateName,
    restrictDomainsToIPAddresses,
    senderIPAddresses,
  } = connector;
  const name = tlsSenderCertificateName ?? 'a name that is not set';
  const parts = [
    ...(requireTls ? ['TLS'] : []),
    ...(restrictDomainsToCertificate ? [`a valid client certificate for ${name}`] : []),
    ...(restrictDomainsToIPAddresses ? [`a client address in ${either(senderIPAddresses ?? ['an empty list'])}`] : []),
  ];
  return parts.length === 0
    ? [`${kind}: any client, with or without TLS.`]
    : [`${kind}: ${parts.join(', and ')}; else the mail is rejected.`];
}

function receiveDemands(connector: ConnectorOf<'exchange-server-receive'>): readonly string[] {
  const { kind, requireTLS, tlsDomainCapabilities, domainSecureEnabled, assumptions } = connector;
  const parts = [requireTLS ? 'TLS; else the mail is rejected' : 'any client, with or without TLS'];
  if (tlsDomainCapabilities !== undefined) {
    const failure = assumptions?.onCapabilityFailure ?? 'reject';
    const what = `a valid client certificate for ${either(tlsDomainCapabilities.map(({ domain }) => domain))}`;
    parts.push(
      `${what}, else ${failure} (${assumptions?.onCapabilityFailure === undefined ? 'assumed' : 'as the file says'})`,
    );
  }
  if (domainSecureEnabled) parts.push('Domain Security: a valid client certificate');
  return [`${kind}: ${parts.join('; ')}.`];
}

function pinnedDemands(connector: ConnectorOf<'pinned'>): readonly string[] {
  const { commonName, names, root, fingerprints, publicKeys, addresses, hosts, validation, onFailure } = connector;
  const side = connector.side ?? 'server';
  const named = commonName !== undefined || names !== undefined || root !== undefined;
  const parts = [
    ...((validation ?? named) ? ['a valid path to a trusted root'] : []),
    ...(commonName === undefined ? [] : [`the common name ${commonName}`]),
    ...(names === undefined
      ? []
      : 'exactly' in names
        ? [`exactly the names ${names.exactly.join(', ')}`]
        : [`the names ${names.includes.join(', ')} among others`]),
    ...(root === undefined ? [] : [`the root ${root}`]),
    ...(fingerprints === undefined ? [] : [`the certificate ${either(fingerprints)}`]),
    ...(publicKeys === undefined ? [] : [`the key ${either(publicKeys)}`]),
    ...(addresses === undefined ? [] : [`an address in ${either(addresses)}`]),
    ...(hosts === undefined ? [] : [`the host name ${either(hosts)}`]),
  ];
  if (parts.length === 0) return [`pinned: nothing is pinned on the ${side}, so everything is right.`];
  return [`pinned: the ${side} has ${parts.join(', and ')}; else ${onFailure ?? 'defer'}.`];
}

const LISTED = 6;

/** Words as a choice; many are cut. */
export function either(words: readonly string[]): string {
  const more = words.length - LISTED;
  return more > 0 ? `${words.slice(0, LISTED).join(', ')} or ${more} more` : words.join(' or ');
}
