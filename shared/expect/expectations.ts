/**
 * What partners expect of certificates and connections: the format of expectation files, version 1. The published JSON
 * Schema (docs/schemas/expectations.schema.json) is made from these definitions.
 */
import * as z from 'zod/mini';
import { readHostPattern } from './host-patterns.ts';

const text = (description: string) => z.string().check(z.minLength(1), z.maxLength(1000), z.meta({ description }));

const flag = (description: string) => z.optional(z.boolean().check(z.meta({ description })));

const list = <T extends z.ZodMiniType>(item: T, description: string) =>
  z.array(item).check(z.minLength(1), z.maxLength(10_000), z.meta({ description }));

const HASH = /^sha256:[0-9a-fA-F]{64}$/;
const hash = (description: string) =>
  z
    .string()
    .check(z.regex(HASH, 'Write sha256: and the 64 hexadecimal digits of the fingerprint.'), z.meta({ description }));

const DOMAIN = /^(?:\*\.)?[^\s*.]+(?:\.[^\s*.]+)*\.?$/;

const tlsDomain = z.string().check(
  z.maxLength(253),
  z.regex(DOMAIN, 'Only a name, or *.name for its subdomains, can stand here; there are no other wildcards.'),
  z.meta({
    description:
      'The name that the certificate must have. *.contoso.com stands for the subdomains of contoso.com; no other wildcards.',
  }),
);

const host = (description: string, addressOnly: boolean) =>
  z.string().check(
    z.maxLength(253),
    z.refine(
      (value: string) => {
        const kind = readHostPattern(value)?.kind;
        return kind === 'range' || (!addressOnly && kind !== undefined);
      },
      {
        error: ({ input }) =>
          addressOnly
            ? `${String(input)} is no address or range: write 10.0.0.1, 10.0.0.0/24 or 10.0.0.1-10.0.0.9.`
            : `${String(input)} is no address, range, host name or *.name.`,
      },
    ),
    z.meta({ description }),
  );

const hostPattern = host(
  'An address (10.0.0.1), a range (10.0.0.0/24, 10.0.0.1-10.0.0.9), a host name, or *.name for all names below.',
  false,
);
const addressRange = host('An address (10.0.0.1) or a range (10.0.0.0/24, 10.0.0.1-10.0.0.9).', true);

/** Choices where Microsoft's documentation leaves open what happens. Each default is named in the check that used it. */
const assumptions = z.optional(
  z
    .strictObject({
      wildcardMatchesApex: flag('*.contoso.com in the setting matches contoso.com itself. Default: false.'),
      wildcardMatchesDeeperLabels: flag('*.contoso.com in the setting matches a.b.contoso.com. Default: true.'),
      wildcardMatchesWildcard: flag(
        '*.contoso.com in the setting matches a certificate for *.contoso.com. Default: true.',
      ),
      commonName: z.optional(
        z.enum(['also', 'never', 'without-names']).check(
          z.meta({
            description:
              'Whether the common name counts: also (beside the subject alternative names), never, or only without-names (when there are no such names). Default: also.',
          }),
        ),
      ),
      onCapabilityFailure: z.optional(
        z.enum(['reject', 'deliver']).check(
          z.meta({
            description:
              'exchange-server-receive: what becomes of mail whose client fails TlsDomainCapabilities. Default: reject.',
          }),
        ),
      ),
    })
    .check(z.meta({ description: 'Where documentation leaves open what happens, this file decides.' })),
);

const exchangeOnlineOutbound = z.strictObject({
  kind: z.literal('exchange-online-outbound'),
  identity: z.optional(text("The connector's name.")),
  connectorType: z.optional(z.enum(['Partner', 'OnPremises'])),
  enabled: flag('Default: true.'),
  tlsSettings: z.optional(z.nullable(z.enum(['EncryptionOnly', 'CertificateValidation', 'DomainValidation']))),
  tlsDomain: z.optional(z.nullable(tlsDomain)),
  recipientDomains: z.optional(list(text('A recipient domain.'), 'RecipientDomains.')),
  smartHosts: z.optional(list(text('A host name or an address.'), 'SmartHosts.')),
  smtpDaneMode: z.optional(z.nullable(text('SmtpDaneMode.'))),
  mtaStsMode: z.optional(z.nullable(text('MtaStsMode.'))),
  assumptions,
});

const exchangeOnlineInbound = z.strictObject({
  kind: z.literal('exchange-online-inbound'),
  identity: z.optional(text("The connector's name.")),
  connectorType: z.optional(z.enum(['Partner', 'OnPremises'])),
  enabled: flag('Default: true.'),
  requireTls: z
    .boolean()
    .check(z.meta({ description: 'RequireTls. Its default is documented both ways, so it has to be given.' })),
  restrictDomainsToCertificate: flag('RestrictDomainsToCertificate. Default: false.'),
  tlsSenderCertificateName: z.optional(z.nullable(tlsDomain)),
  restrictDomainsToIPAddresses: flag('RestrictDomainsToIPAddresses. Default: false.'),
  senderIPAddresses: z.optional(list(addressRange, 'SenderIPAddresses.')),
  senderDomains: z.optional(list(text('A sender domain.'), 'SenderDomains.')),
  assumptions,
});

const exchangeServerSend = z.strictObject({
  kind: z.literal('exchange-server-send'),
  identity: z.optional(text("The connector's name.")),
  enabled: flag('Default: true.'),
  requireTLS: flag('RequireTLS. Default: false.'),
  ignoreSTARTTLS: flag('IgnoreSTARTTLS. Default: false.'),
  tlsAuthLevel: z.optional(z.nullable(z.enum(['EncryptionOnly', 'CertificateValidation', 'DomainValidation']))),
  tlsDomain: z.optional(z.nullable(tlsDomain)),
  tlsCertificateName: z.optional(
    z.nullable(text('TlsCertificateName: <I>issuer<S>subject of the certificate that this server presents.')),
  ),
  domainSecureEnabled: flag('DomainSecureEnabled. Default: false.'),
  dnsRoutingEnabled: flag('DNSRoutingEnabled. Default: true without smart hosts.'),
  addressSpaces: z.optional(list(text('An address space.'), 'AddressSpaces.')),
  smartHosts: z.optional(list(text('A host name or an address.'), 'SmartHosts.')),
  assumptions,
});

const exchangeServerReceive = z.strictObject({
  kind: z.literal('exchange-server-receive'),
  identity: z.optional(text("The connector's name.")),
  enabled: flag('Default: true.'),
  requireTLS: flag('RequireTLS. Default: false.'),
  authMechanism: z.optional(list(text('Tls, Integrated, BasicAuth, …'), 'AuthMechanism. Default: Tls.')),
  tlsDomainCapabilities: z.optional(
    list(
      z.strictObject({
        domain: tlsDomain,
        capabilities: z.optional(list(text('AcceptOorgProtocol, …'), 'Capabilities.')),
      }),
      'TlsDomainCapabilities.',
    ),
  ),
  domainSecureEnabled: flag('DomainSecureEnabled. Default: false.'),
  remoteIPRanges: z.optional(list(addressRange, 'RemoteIPRanges.')),
  assumptions,
});

const pinned = z.strictObject({
  kind: z.literal('pinned'),
  side: z.optional(
    z.enum(['server', 'client']).check(z.meta({ description: 'Whose certificate is pinned. Default: server.' })),
  ),
  commonName: z.optional(text('The common name, exactly.')),
  names: z.optional(
    z.union([
      z.strictObject({ exactly: list(text('A name.'), 'The set of DNS names, no more and no less.') }),
      z.strictObject({ includes: list(text('A name.'), 'DNS names that must be there; others may be.') }),
    ]),
  ),
  root: z.optional(hash('The fingerprint of the root that the path must lead to.')),
  fingerprints: z.optional(list(hash('A fingerprint.'), 'The presented certificate must be one of these.')),
  publicKeys: z.optional(
    list(hash('SHA-256 of a SubjectPublicKeyInfo.'), "The presented certificate's key must be one of these."),
  ),
  validation: flag(
    'Whether a valid path to a root is required as well. Default: true with commonName, names or root; false with fingerprints or public keys alone.',
  ),
  addresses: z.optional(list(addressRange, 'The peer must connect from, or listen on, one of these.')),
  hosts: z.optional(
    list(
      hostPattern,
      'The peer must go by one of these names in its greeting, EHLO or server name. Nothing vouches for such a name.',
    ),
  ),
  onFailure: z.optional(
    z
      .enum(['defer', 'reject'])
      .check(z.meta({ description: 'What the partner does with the mail when a pin does not hold. Default: defer.' })),
  ),
  assumptions,
});

const opportunistic = z.strictObject({ kind: z.literal('opportunistic'), assumptions });

const connector = z.discriminatedUnion('kind', [
  exchangeOnlineOutbound,
  exchangeOnlineInbound,
  exchangeServerSend,
  exchangeServerReceive,
  pinned,
  opportunistic,
]);

const partner = z
  .strictObject({
    name: text("The partner's name, as reports show it."),
    servers: z.optional(list(hostPattern, 'Servers whose sessions belong to this partner.')),
    clients: z.optional(list(hostPattern, 'Clients whose sessions belong to this partner.')),
    domains: z.optional(
      list(
        text('A mail domain.'),
        "Mail domains: of recipients, for inbound kinds of senders; also the domain of a host's name.",
      ),
    ),
    trust: z.optional(text('A trust policy for this partner alone: a name, or a file beside this one.')),
    connector,
  })
  .check(
    z.refine(
      (value: { servers?: unknown; clients?: unknown; domains?: unknown }) =>
        value.servers !== undefined || value.clients !== undefined || value.domains !== undefined,
      { error: "Which sessions are this partner's? Give servers, clients or domains.", path: ['name'] },
    ),
  );

export const EXPECTATIONS = z
  .strictObject({
    version: z.literal(1).check(z.meta({ description: "The format's version." })),
    trust: z.optional(text('The trust policy unless the command line names one: a name, or a file beside this one.')),
    partners: list(partner, 'Who expects what.'),
  })
  .check(
    z.meta({
      title: 'StartTrace expectations',
      description: 'What mail partners expect of certificates and connections.',
    }),
  );

export type Expectations = z.infer<typeof EXPECTATIONS>;
export type Partner = Expectations['partners'][number];
export type Connector = Partner['connector'];
export type ConnectorKind = Connector['kind'];
export type ConnectorOf<K extends ConnectorKind> = Extract<Connector, { kind: K }>;
export type Assumptions = NonNullable<Connector['assumptions']>;
