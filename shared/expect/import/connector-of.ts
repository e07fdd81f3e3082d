/** What a pasted connector means as an expectation: one reader for each of the four kinds. */
import type { ConnectorOf, Partner } from '../expectations.ts';
import { readHostPattern } from '../host-patterns.ts';
import type { ConnectorCmdlet } from './pasted-object.ts';
import type { SettingReader } from './setting-reader.ts';

export interface Imported {
  readonly partner: Partner;
  /** What contradicts itself, or is left out: sentences. */
  readonly warnings: readonly string[];
}

const LEVELS = ['EncryptionOnly', 'CertificateValidation', 'DomainValidation'] as const;
/** Every connection. */
const EVERYWHERE: readonly string[] = ['0.0.0.0/0', '::/0'];

type Scope = Pick<Partner, 'servers' | 'clients' | 'domains'>;

/** Reads the settings that matter; what is wrong with one ends up in the reader's problems. */
export function connectorOf(kind: ConnectorCmdlet, settings: SettingReader): Imported {
  switch (kind) {
    case 'OutboundConnector':
      return outbound(settings);
    case 'InboundConnector':
      return inbound(settings);
    case 'SendConnector':
      return send(settings);
    case 'ReceiveConnector':
      return receive(settings);
  }
}

function outbound(settings: SettingReader): Imported {
  const warnings: string[] = [];
  const name = nameOf(settings);
  const tlsSettings = settings.word('TlsSettings', LEVELS);
  const tlsDomain = settings.text('TlsDomain');
  const recipientDomains = settings.list('RecipientDomains')?.map(domainOf);
  const smartHosts = settings.list('SmartHosts')?.map(withoutBrackets);
  if (!settings.has('TlsSettings')) {
    warnings.push('TlsSettings is not in the pasted text: opportunistic TLS is assumed.');
  }
  if (tlsSettings === 'DomainValidation' && tlsDomain === undefined) {
    warnings.push(
      smartHosts === undefined
        ? 'TlsSettings is DomainValidation, and TlsDomain is empty: there is no name to compare.'
        : 'TlsSettings is DomainValidation with smart hosts, and TlsDomain is empty: set TlsDomain to the name of the smart host.',
    );
  }
  if (tlsDomain !== undefined && tlsSettings !== 'DomainValidation') {
    warnings.push('TlsDomain is set, but counts only where TlsSettings is DomainValidation.');
  }
  if (settings.flag('TestMode')) warnings.push('The connector is in test mode: mail does not use it.');
  if (settings.flag('IsTransportRuleScoped')) {
    warnings.push('Only mail flow rules choose this connector; the domains do not.');
  }
  const connector: ConnectorOf<'exchange-online-outbound'> = {
    kind: 'exchange-online-outbound',
    ...shared(settings, name),
    ...optional({ connectorType: settings.word('ConnectorType', ['Partner', 'OnPremises']) }),
    tlsSettings: tlsSettings ?? null,
    ...optional({
      tlsDomain,
      recipientDomains,
      smartHosts,
      smtpDaneMode: settings.text('SmtpDaneMode'),
      mtaStsMode: settings.text('MtaStsMode'),
    }),
  };
  return { partner: { name, ...towards(smartHosts, recipientDomains, warnings), connector }, warnings };
}

function inbound(settings: SettingReader): Imported {
  const warnings: string[] = [];
  const name = nameOf(settings);
  const given = settings.flag('RequireTls');
  const restrictDomainsToCertificate = settings.flag('RestrictDomainsToCertificate');
  const restrictDomainsToIPAddresses = settings.flag('RestrictDomainsToIPAddresses');
  const tlsSenderCertificateName = certificateName(settings, 'TlsSenderCertificateName', warnings);
  const senderIPAddresses = addresses(settings, 'SenderIPAddresses');
  const senderDomains = settings.list('SenderDomains')?.map(domainOf);
  // A certificate cannot be asked for without TLS.
  const requireTls = given ?? restrictDomainsToCertificate ?? false;
  if (given === undefined) {
    warnings.push(
      `RequireTls is not in the pasted text, and its default is documented both ways: ${requireTls} is written; set it right.`,
    );
  }
  if (restrictDomainsToCertificate && given === false) {
    warnings.push('RestrictDomainsToCertificate is True and RequireTls is False: a certificate needs TLS.');
  }
  if (restrictDomainsToCertificate && tlsSenderCertificateName === undefined) {
    warnings.push(
      'RestrictDomainsToCertificate is True, and TlsSenderCertificateName is empty: there is no name to compare.',
    );
  }
  if (tlsSenderCertificateName !== undefined && restrictDomainsToCertificate === false) {
    warnings.push(
      'TlsSenderCertificateName is set, and RestrictDomainsToCertificate is False: the name does not restrict partners.',
    );
  }
  if (restrictDomainsToIPAddresses && senderIPAddresses === undefined) {
    warnings.push('RestrictDomainsToIPAddresses is True, and SenderIPAddresses is empty: no address is allowed.');
  }
  const connector: ConnectorOf<'exchange-online-inbound'> = {
    kind: 'exchange-online-inbound',
    ...shared(settings, name),
    ...optional({ connectorType: settings.word('ConnectorType', ['Partner', 'OnPremises']) }),
    requireTls,
    ...optional({
      restrictDomainsToCertificate,
      tlsSenderCertificateName,
      restrictDomainsToIPAddresses,
      senderIPAddresses,
      senderDomains,
    }),
  };
  // Addresses alone do not find the sessions that such a connector rejects.
  const domains = concrete(senderDomains);
  const scope: Scope =
    domains !== undefined
      ? { domains }
      : { clients: [...(restrictDomainsToIPAddresses ? EVERYWHERE : (senderIPAddresses ?? EVERYWHERE))] };
  return { partner: { name, ...scope, connector }, warnings };
}

function send(settings: SettingReader): Imported {
  const warnings: string[] = [];
  const name = nameOf(settings);
  const requireTLS = settings.flag('RequireTLS');
  const ignoreSTARTTLS = settings.flag('IgnoreSTARTTLS');
  const tlsAuthLevel = settings.word('TlsAuthLevel', LEVELS);
  const tlsDomain = settings.text('TlsDomain');
  const domainSecureEnabled = settings.flag('DomainSecureEnabled');
  const dnsRoutingEnabled = settings.flag('DNSRoutingEnabled');
  const addressSpaces = settings.list('AddressSpaces')?.map(domainOf);
  const smartHosts = settings.list('SmartHosts')?.map(withoutBrackets);
  if (tlsAuthLevel !== undefined && !requireTLS) {
    warnings.push('TlsAuthLevel is set, and RequireTLS is not True: the level needs RequireTLS.');
  }
  if (ignoreSTARTTLS && (requireTLS || tlsAuthLevel !== undefined)) {
    warnings.push('IgnoreSTARTTLS is True, which contradicts RequireTLS and TlsAuthLevel.');
  }
  if (tlsAuthLevel === 'DomainValidation' && tlsDomain === undefined && smartHosts !== undefined) {
    warnings.push(
      'TlsAuthLevel is DomainValidation with smart hosts, and TlsDomain is empty: there is no name to compare.',
    );
  }
  if (tlsDomain !== undefined && tlsAuthLevel !== 'DomainValidation') {
    warnings.push('TlsDomain is set, but counts only where TlsAuthLevel is DomainValidation.');
  }
  if (domainSecureEnabled && dnsRoutingEnabled === false) {
    warnings.push('DomainSecureEnabled is True, and DNSRoutingEnabled is False: Domain Security needs DNS routing.');
  }
  if (domainSecureEnabled && addressSpaces?.some((space) => space.includes('*'))) {
    warnings.push(
      'DomainSecureEnabled is True, and an address space has a wildcard: Domain Security needs domains without.',
    );
  }
  const connector: ConnectorOf<'exchange-server-send'> = {
    kind: 'exchange-server-send',
    ...shared(settings, name),
    ...optional({
      requireTLS,
      ignoreSTARTTLS,
      tlsAuthLevel,
      tlsDomain,
      tlsCertificateName: settings.text('TlsCertificateName'),
      domainSecureEnabled,
      dnsRoutingEnabled,
      addressSpaces,
      smartHosts,
    }),
  };
  return { partner: { name, ...towards(smartHosts, addressSpaces, warnings), connector }, warnings };
}

function receive(settings: SettingReader): Imported {
  const warnings: string[] = [];
  const name = nameOf(settings);
  const requireTLS = settings.flag('RequireTLS');
  const authMechanism = settings.list('AuthMechanism')?.flatMap((item) => item.split(',').map((word) => word.trim()));
  const domainSecureEnabled = settings.flag('DomainSecureEnabled');
  const remoteIPRanges = addresses(settings, 'RemoteIPRanges');
  const tlsDomainCapabilities = capabilities(settings);
  const lacksTls = authMechanism !== undefined && !authMechanism.some((word) => word.toLowerCase() === 'tls');
  if (lacksTls && requireTLS) warnings.push('RequireTLS is True, and AuthMechanism lacks Tls, which it needs.');
  if (lacksTls && (tlsDomainCapabilities !== undefined || domainSecureEnabled)) {
    warnings.push('TlsDomainCapabilities and DomainSecureEnabled need Tls in AuthMechanism.');
  }
  const connector: ConnectorOf<'exchange-server-receive'> = {
    kind: 'exchange-server-receive',
    ...shared(settings, name),
    ...optional({
      requireTLS,
      authMechanism,
      tlsDomainCapabilities,
      domainSecureEnabled,
      remoteIPRanges,
    }),
  };
  return { partner: { name, clients: [...(remoteIPRanges ?? EVERYWHERE)], connector }, warnings };
}

function nameOf(settings: SettingReader): string {
  return settings.text('Name') ?? settings.text('Identity') ?? 'Unnamed connector';
}

function shared(settings: SettingReader, name: string): { identity: string; enabled?: boolean } {
  // The identity is what Set- cmdlets want; on a server it has the server's name in front.
  const identity = settings.text('Identity') ?? name;
  const enabled = settings.flag('Enabled');
  return { identity, ...(enabled === undefined ? {} : { enabled }) };
}

/** Where a connector that sends leads to. */
function towards(
  smartHosts: readonly string[] | undefined,
  domains: readonly string[] | undefined,
  warnings: string[],
): Scope {
  const named = concrete(domains);
  const hosts = smartHosts?.filter((host) => readHostPattern(host) !== null);
  if (smartHosts !== undefined && hosts !== undefined && hosts.length < smartHosts.length) {
    warnings.push('A smart host is neither a name nor an address, and finds no sessions.');
  }
  if (hosts !== undefined && hosts.length > 0) return { servers: [...hosts], ...optional({ domains: named }) };
  return named === undefined ? { servers: [...EVERYWHERE] } : { domains: named };
}

/** Domains other than `*`. */
function concrete(domains: readonly string[] | undefined): string[] | undefined {
  const named = (domains ?? []).filter((domain) => domain !== '*' && domain !== '--');
  return named.length > 0 ? named : undefined;
}

/** `SMTP:*.contoso.com;1` is an address space: type, domain, cost. */
function domainOf(space: string): string {
  return space
    .replace(/^smtp:/i, '')
    .replace(/;\d+$/, '')
    .trim();
}

function withoutBrackets(host: string): string {
  return host.trim().replace(/^\[(.*)\]$/, '$1');
}

function addresses(settings: SettingReader, name: string): string[] | undefined {
  const found: string[] = [];
  for (const item of settings.list(name) ?? []) {
    const range = withPrefixLength(withoutBrackets(item));
    if (readHostPattern(range)?.kind === 'range') found.push(range);
    else settings.refuse(name, `"${item}" is no address and no range of addresses`);
  }
  return found.length > 0 ? found : undefined;
}

/** `10.0.0.0(255.255.255.0)`, as older servers print it. */
function withPrefixLength(range: string): string {
  const [, base, mask] = /^([\d.]+)\s*\(((?:\d{1,3}\.){3}\d{1,3})\)$/.exec(range) ?? [];
  if (base === undefined) return range;
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? `${base}/${bits.lastIndexOf('1') + 1}` : range;
}

/** `<I>issuer<S>CN=name,…` pins the issuer as well, which expectation files cannot say. */
function certificateName(settings: SettingReader, property: string, warnings: string[]): string | undefined {
  const text = settings.text(property);
  if (text === undefined) return undefined;
  const [, subjectName] = /(?:<S>|^)[^<]*?\bCN=([^,<]+)/i.exec(text) ?? [];
  if (subjectName === undefined) return text;
  warnings.push(
    `${property} is ${text}: only the name ${subjectName.trim()} is judged, not the issuer and not the rest.`,
  );
  return subjectName.trim();
}

/** `domain:Capability,Capability`; the commas inside of one have no space behind them. */
function capabilities(settings: SettingReader): { domain: string; capabilities?: string[] }[] | undefined {
  const found: { domain: string; capabilities?: string[] }[] = [];
  for (const item of settings.list('TlsDomainCapabilities') ?? []) {
    const colon = item.indexOf(':');
    const last = found.at(-1);
    if (colon < 0 && last !== undefined) {
      last.capabilities = [...(last.capabilities ?? []), item];
      continue;
    }
    const words =
      colon < 0
        ? []
        : item
            .slice(colon + 1)
            .split(',')
            .map((word) => word.trim())
            .filter((word) => word !== '');
    const domain = (colon < 0 ? item : item.slice(0, colon)).trim();
    if (domain === '') settings.refuse('TlsDomainCapabilities', `"${item}" has no domain in front of its colon`);
    else found.push({ domain, ...(words.length > 0 ? { capabilities: words } : {}) });
  }
  return found.length > 0 ? found : undefined;
}

type Given<T> = {
  [K in keyof T]?: Exclude<T[K], undefined> extends readonly (infer U)[] ? U[] : Exclude<T[K], undefined>;
};

/** The fields that are there; lists as the format's type has them. */
function optional<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
