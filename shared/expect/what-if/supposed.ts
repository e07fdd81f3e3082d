/** Connections that nobody captured: as they are now, with every demand met, and as they will be behind a provider. */
import type { CatalogueEntry } from '../catalogue/schema.ts';
import { mxHost } from '../catalogue.ts';
import type { ConnectorOf, Partner } from '../expectations.ts';
import { readHostPattern } from '../host-patterns.ts';
import { judgedSide } from '../match-partner.ts';
import type { Observation, ObservedChain, ObservedHost, ObservedIdentity, ObservedPath } from '../observation.ts';

/** A host name that no real certificate has (RFC 2606). */
const ANY_HOST = 'mail.example.invalid';

/** What a trust policy says of a root. */
export interface TrustView {
  /** The policy's name, for sentences. */
  readonly name: string;
  /** Its anchor with this fingerprint, and how it stands at the moment in question; null: it has none. */
  anchor(sha256: string): { readonly subject: string; readonly problem: string | null } | null;
}

/** The present situation: whoever answers has what the connector asks for. */
export function presentObservation(partner: Partner, domain: string | null): Observation {
  const { connector } = partner;
  const side = judgedSide(connector);
  const names = wantedNames(partner, domain);
  const [first = ANY_HOST] = names;
  const pinned = connector.kind === 'pinned' ? connector : null;
  const identity: ObservedIdentity = {
    commonNames: [pinned?.commonName ?? first],
    dnsNames: names.length > 0 ? names : [first],
    subject: `CN=${pinned?.commonName ?? first}`,
    sha256: hashOf(pinned?.fingerprints?.[0]),
    publicKeySha256: hashOf(pinned?.publicKeys?.[0]),
    frame: null,
  };
  const path: ObservedPath = {
    outcome: 'valid',
    root: { sha256: hashOf(pinned?.root) ?? '', subject: 'the root in use' },
    policy: 'as it is now',
    reasons: [],
    rule: 'RFC 5280 section 6',
    remedy: null,
    revocation: 'good',
  };
  const host: ObservedHost = { address: wantedAddress(partner, side), names: [hostName(pinned) ?? first] };
  return observation(side, host, { visibility: 'visible', explanation: '', identity, path }, domain);
}

/** A name that the pinned ones allow; null where no name is pinned. */
function hostName(pinned: ConnectorOf<'pinned'> | null): string | null {
  return pinned?.hosts?.find((name) => readHostPattern(name)?.kind !== 'range')?.replace(/^\*\./, 'mail.') ?? null;
}

/** The situation behind the provider: its names, its root, its addresses, as far as they are documented. */
export function movedObservation(
  partner: Partner,
  domain: string | null,
  entry: CatalogueEntry,
  path: ObservedPath,
): Observation {
  const side = judgedSide(partner.connector);
  const commonNames = entry.commonNames ?? [];
  const identity: ObservedIdentity = {
    commonNames,
    dnsNames: entry.names ?? commonNames,
    subject:
      entry.subject ??
      (commonNames.length > 0 ? `CN=${commonNames[0]}` : 'a certificate whose names are not documented'),
    sha256: null,
    publicKeySha256: null,
    frame: null,
    provider: entry.provider,
  };
  const own = side === 'server' ? (domain === null ? null : mxHost(entry, domain)) : null;
  const host: ObservedHost = {
    // Which addresses answer is a matter of DNS; which ones send, of the provider's list.
    address: side === 'client' ? firstAddress(entry.addresses ?? []) : null,
    names: own === null ? (entry.commonNames ?? []) : [own],
  };
  return observation(side, host, { visibility: 'visible', explanation: '', identity, path }, domain);
}

/** The path that the provider's certificate will have under a policy, at the moment that `trust` was made for. */
export function supposedPath(entry: CatalogueEntry, trust: TrustView): ObservedPath {
  const common = { policy: trust.name, rule: 'RFC 5280 section 6.1', revocation: 'unknown' as const };
  if (entry.root === null) {
    const reasons = [`Which root ${entry.id} leads to is not documented.`];
    const remedy = 'Capture or probe one session, and see which root its path leads to.';
    return { ...common, outcome: 'undetermined', root: null, reasons, remedy };
  }
  const { title, sha256 } = entry.root;
  const anchor = trust.anchor(sha256);
  if (anchor === null) {
    const reasons = [`The path leads to ${title}, which ${trust.name} does not trust.`];
    const remedy = `Add ${title} (sha256:${sha256}) to the trusted roots.`;
    return { ...common, outcome: 'invalid', root: { sha256, subject: title }, reasons, remedy };
  }
  const root = { sha256, subject: anchor.subject };
  if (anchor.problem === null) return { ...common, outcome: 'valid', root, reasons: [], remedy: null };
  const remedy = 'No setting mends that: ask which root is in use today, and trust that one.';
  return { ...common, outcome: 'invalid', root, reasons: [anchor.problem], remedy };
}

function observation(
  side: 'server' | 'client',
  host: ObservedHost,
  chain: ObservedChain,
  domain: string | null,
): Observation {
  const other: ObservedHost = { address: null, names: [] };
  const noChain: ObservedChain = { visibility: 'not-requested', explanation: '', identity: null, path: null };
  const mailbox = domain === null ? null : `postmaster@${domain}`;
  return {
    client: side === 'client' ? host : other,
    server: side === 'server' ? host : other,
    implicitTls: false,
    starttls: { state: 'accepted', frame: null, replyCode: 220 },
    handshake: { outcome: 'established', frame: null, alert: null },
    presented: { server: side === 'server' ? chain : noChain, client: side === 'client' ? chain : noChain },
    envelopes:
      mailbox === null
        ? []
        : [
            {
              mailFrom: side === 'client' ? mailbox : '',
              rcptTo: side === 'server' ? [mailbox] : [],
              protection: 'tls',
            },
          ],
    refusal: null,
  };
}

/** Names that meet the demand; wildcards stand for one host below. */
function wantedNames({ connector, domains }: Partner, domain: string | null): readonly string[] {
  const host = (name: string): string => name.replace(/^\*\./, 'mail.');
  switch (connector.kind) {
    case 'exchange-online-outbound':
      return connector.tlsDomain ? [host(connector.tlsDomain)] : [];
    case 'exchange-online-inbound':
      return connector.tlsSenderCertificateName ? [host(connector.tlsSenderCertificateName)] : [];
    case 'exchange-server-send':
      if (connector.tlsDomain) return [host(connector.tlsDomain)];
      // Without TlsDomain the recipient's domain counts.
      return [...new Set([...(domain === null ? [] : [domain]), ...(domains ?? []).map(host)])];
    case 'exchange-server-receive':
      return (connector.tlsDomainCapabilities ?? []).map((one) => host(one.domain));
    case 'pinned':
      return pinnedNames(connector);
    case 'opportunistic':
      return [];
  }
}

function pinnedNames({ names, commonName }: ConnectorOf<'pinned'>): readonly string[] {
  if (names !== undefined) return 'exactly' in names ? names.exactly : names.includes;
  return commonName === undefined ? [] : [commonName];
}

function wantedAddress({ connector, servers, clients }: Partner, side: 'server' | 'client'): string | null {
  const own = side === 'server' ? servers : clients;
  switch (connector.kind) {
    case 'exchange-online-inbound':
      return firstAddress(connector.senderIPAddresses ?? own ?? []);
    case 'exchange-server-receive':
      return firstAddress(connector.remoteIPRanges ?? own ?? []);
    case 'pinned':
      return firstAddress(connector.addresses ?? own ?? []);
    case 'exchange-online-outbound':
    case 'exchange-server-send':
    case 'opportunistic':
      return firstAddress(own ?? []);
  }
}

/** One address of the first range. */
function firstAddress(ranges: readonly string[]): string | null {
  const range = ranges.find((text) => readHostPattern(text)?.kind === 'range');
  return range === undefined ? null : range.replace(/[/-].*$/, '');
}

function hashOf(pin: string | undefined): string | null {
  return pin === undefined ? null : pin.slice('sha256:'.length).toLowerCase();
}
