/** What a connector's administrator has to change when the other side moves to a provider. */
import type { Check } from '../../contract/verdict.ts';
import type { WhatIfChange } from '../../contract/what-if.ts';
import type { CatalogueEntry } from '../catalogue/schema.ts';
import { isNameOf, mxHost } from '../catalogue.ts';
import type { Connector, ConnectorOf, Partner } from '../expectations.ts';
import type { ObservedPath } from '../observation.ts';
import { quoted, quotedList } from './powershell.ts';

export interface Changes {
  readonly changes: readonly WhatIfChange[];
  readonly commands: readonly string[];
}

export interface Move {
  readonly entry: CatalogueEntry;
  readonly domain: string | null;
  readonly path: ObservedPath;
  /** Of the judgement after the move. */
  readonly checks: readonly Check[];
}

interface Drafts {
  readonly changes: WhatIfChange[];
  /** Parameters of the one Set- cmdlet. */
  readonly parameters: string[];
}

const NAMELESS = 'NAME OF THE CONNECTOR';

/** Setting by setting; nothing for settings that go on working. */
export function changesFor(partner: Partner, move: Move): Changes {
  const { connector } = partner;
  const drafts: Drafts = { changes: [], parameters: [] };
  switch (connector.kind) {
    case 'exchange-online-outbound':
      smartHosts(connector.smartHosts, move, drafts);
      nameSetting('TlsDomain', connector.tlsDomain, move, drafts);
      break;
    case 'exchange-server-send':
      smartHosts(connector.smartHosts, move, drafts);
      domainSecure(connector, move, drafts);
      nameSetting('TlsDomain', connector.tlsDomain, move, drafts);
      break;
    case 'exchange-online-inbound':
      nameSetting('TlsSenderCertificateName', connector.tlsSenderCertificateName, move, drafts);
      if (connector.restrictDomainsToIPAddresses) {
        addresses('SenderIPAddresses', connector.senderIPAddresses, move, drafts);
      }
      break;
    case 'exchange-server-receive':
      capabilities(connector, move, drafts);
      addresses('RemoteIPRanges', connector.remoteIPRanges, move, drafts);
      break;
    case 'pinned':
      pins(connector, move, drafts);
      break;
    case 'opportunistic':
      break;
  }
  trust(move, drafts);
  return { changes: drafts.changes, commands: command(connector, drafts.parameters) };
}

const SETTERS: Readonly<Partial<Record<Connector['kind'], string>>> = {
  'exchange-online-outbound': 'Set-OutboundConnector',
  'exchange-online-inbound': 'Set-InboundConnector',
  'exchange-server-send': 'Set-SendConnector',
  'exchange-server-receive': 'Set-ReceiveConnector',
};

function command(connector: Connector, parameters: readonly string[]): readonly string[] {
  const setter = SETTERS[connector.kind];
  if (setter === undefined || parameters.length === 0) return [];
  const identity = 'identity' in connector ? (connector.identity ?? NAMELESS) : NAMELESS;
  return [`${setter} -Identity ${quoted(identity)} ${parameters.join(' ')}`];
}

function isTroubled({ checks }: Move, which: string): boolean {
  return checks.some(({ id, status }) => id === which && (status === 'failed' || status === 'unknown'));
}

function nameSetting(
  setting: string,
  value: string | null | undefined,
  move: Move,
  { changes, parameters }: Drafts,
): void {
  const { entry } = move;
  if (!isTroubled(move, 'certificate-name')) return;
  const to = entry.commonNames?.[0] ?? null;
  const from = value ?? null;
  if (to === null) {
    const reason = `Which names ${entry.id} has in its certificate is not documented: capture or probe one session first.`;
    changes.push({ setting, from, to, reason });
    return;
  }
  if (from !== null && from.toLowerCase() === to.toLowerCase()) return;
  const isShared = setting === 'TlsSenderCertificateName' || setting === 'TlsDomainCapabilities';
  changes.push({ setting, from, to, reason: isShared ? sharedName(entry) : cannotPresent(entry) });
  parameters.push(`-${setting} ${quoted(to)}`);
}

function cannotPresent({ provider }: CatalogueEntry): string {
  return `${provider} presents its own certificate, and cannot present that of a customer.`;
}

/** A name that says who the provider is, and nothing of the customer. */
function sharedName({ provider }: CatalogueEntry): string {
  return `${provider} presents its own certificate, the same one for all customers: it does not prove whose mail it is.`;
}

/** A smart host is where the mail goes; DNS is not asked for the domain. */
function smartHosts(
  hosts: readonly string[] | undefined,
  { entry, domain }: Move,
  { changes, parameters }: Drafts,
): void {
  if (hosts === undefined || hosts.every((host) => isNameOf(host, entry))) return;
  const to = domain === null ? null : mxHost(entry, domain);
  const reason =
    to === null
      ? `Mail goes to the smart host, not to the MX host of ${domain ?? 'the domain'}: set it to the name that the provider gives, or use the MX record.`
      : 'Mail goes to the smart host, whatever the MX record says.';
  changes.push({ setting: 'SmartHosts', from: hosts.join(', '), to, reason });
  if (to !== null) parameters.push(`-SmartHosts ${quoted(to)}`);
}

/** Domain Security compares the certificate with the recipient's domain, which a provider never has. */
function domainSecure({ domainSecureEnabled }: ConnectorOf<'exchange-server-send'>, move: Move, drafts: Drafts): void {
  if (!domainSecureEnabled || !isTroubled(move, 'certificate-name')) return;
  const reason =
    "Domain Security wants the recipient's domain in the certificate; TlsAuthLevel with TlsDomain takes its place.";
  drafts.changes.push({ setting: 'DomainSecureEnabled', from: 'true', to: 'false', reason });
  drafts.parameters.push('-DomainSecureEnabled $false', '-RequireTLS $true', '-TlsAuthLevel DomainValidation');
}

function addresses(
  setting: string,
  ranges: readonly string[] | undefined,
  move: Move,
  { changes, parameters }: Drafts,
): void {
  if (ranges === undefined || !isTroubled(move, 'connecting-address')) return;
  const { provider, addresses: listed } = move.entry;
  const from = ranges.join(', ');
  if (listed === null) {
    const reason = `Mail comes from the addresses of ${provider}: take them from its published list, which changes.`;
    changes.push({ setting, from, to: null, reason });
    return;
  }
  changes.push({ setting, from, to: listed.join(', '), reason: `Mail comes from the addresses of ${provider}.` });
  if (setting !== 'addresses') parameters.push(`-${setting} @{Add=${quotedList(listed)}}`);
}

function capabilities(
  connector: ConnectorOf<'exchange-server-receive'>,
  move: Move,
  { changes, parameters }: Drafts,
): void {
  const { tlsDomainCapabilities = [] } = connector;
  if (tlsDomainCapabilities.length === 0 || !isTroubled(move, 'certificate-name')) return;
  const to = move.entry.commonNames?.[0] ?? null;
  const from = tlsDomainCapabilities.map(({ domain }) => domain).join(', ');
  if (to === null) {
    const reason = `Which names ${move.entry.id} has in its certificate is not documented: capture or probe one session first.`;
    changes.push({ setting: 'TlsDomainCapabilities', from, to, reason });
    return;
  }
  const words = [...new Set(tlsDomainCapabilities.flatMap((one) => one.capabilities ?? []))];
  const value = words.length === 0 ? to : `${to}:${words.join(',')}`;
  changes.push({ setting: 'TlsDomainCapabilities', from, to: value, reason: sharedName(move.entry) });
  parameters.push(`-TlsDomainCapabilities @{Add=${quoted(value)}}`);
}

function pins(connector: ConnectorOf<'pinned'>, move: Move, drafts: Drafts): void {
  const { entry } = move;
  const { changes } = drafts;
  const { commonName, names, root, fingerprints, publicKeys } = connector;
  const undocumented = `Which names ${entry.id} has is not documented: capture or probe one session, and pin what it shows.`;
  if (commonName !== undefined && isTroubled(move, 'certificate-name')) {
    const to = entry.commonNames?.[0] ?? null;
    changes.push({
      setting: 'commonName',
      from: commonName,
      to,
      reason: to === null ? undocumented : cannotPresent(entry),
    });
  }
  if (names !== undefined && isTroubled(move, 'certificate-names')) {
    const isExact = 'exactly' in names;
    const to = (isExact ? entry.names : (entry.names ?? entry.commonNames)) ?? null;
    changes.push({
      setting: isExact ? 'names.exactly' : 'names.includes',
      from: (isExact ? names.exactly : names.includes).join(', '),
      to: to?.join(', ') ?? null,
      reason: to === null ? undocumented : cannotPresent(entry),
    });
  }
  if (root !== undefined && root.slice('sha256:'.length).toLowerCase() !== entry.root?.sha256) {
    const to = entry.root === null ? null : `sha256:${entry.root.sha256}`;
    const reason = `The path leads to ${entry.root?.title ?? 'a root that is not documented'}. Better than one root: a trust policy that can be updated.`;
    changes.push({ setting: 'root', from: root, to, reason });
  }
  const renewed = `${entry.provider} has another one, and changes it without notice: do without this pin.`;
  if (fingerprints !== undefined) {
    changes.push({ setting: 'fingerprints', from: fingerprints.join(', '), to: null, reason: renewed });
  }
  if (publicKeys !== undefined) {
    changes.push({ setting: 'publicKeys', from: publicKeys.join(', '), to: null, reason: renewed });
  }
  addresses('addresses', connector.addresses, move, drafts);
}

/** The connector's settings may all fit, and its machine still not trust the root. */
function trust({ path, entry, checks }: Move, { changes }: Drafts): void {
  if (path.outcome !== 'invalid' || !checks.some(({ id, status }) => id === 'certificate-path' && status === 'failed'))
    return;
  const isTrusted = path.root !== null && !path.reasons[0]?.includes('does not trust');
  const to = isTrusted || entry.root === null ? null : `with ${entry.root.title} (sha256:${entry.root.sha256})`;
  const reason = to === null ? `${path.reasons[0]} ${path.remedy ?? ''}`.trim() : (path.reasons[0] ?? '');
  changes.push({ setting: 'trusted roots', from: path.policy, to, reason });
}
