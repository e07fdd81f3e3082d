/** Exchange as the sender: Exchange Online's outbound connectors and Exchange Server's send connectors. */
import type { ConnectorOf, Partner } from '../expectations.ts';
import type { Observation } from '../observation.ts';
import type { Assessment } from './assessment.ts';
import { nameStep } from './name-step.ts';
import { assessOpportunistic } from './opportunistic.ts';
import {
  configurationStep,
  handshakeStep,
  pathStep,
  presentedStep,
  revocationStep,
  SOURCES,
  type Step,
  transportStep,
} from './steps.ts';

type Level = 'EncryptionOnly' | 'CertificateValidation' | 'DomainValidation';

interface OutboundDemand {
  readonly level: Level;
  /** The setting that asks for the level, for the rules' sentences. */
  readonly setting: string;
  readonly source: string;
  /** The name to compare at DomainValidation. */
  readonly name: { readonly setting: string; readonly wanted: readonly string[]; readonly source: string } | null;
  readonly assumptions: Partner['connector']['assumptions'];
  readonly response: string | null;
}

/** TlsSettings: null is opportunistic; the levels build on one another. */
export function assessExchangeOnlineOutbound(
  connector: ConnectorOf<'exchange-online-outbound'>,
  observation: Observation,
): Assessment {
  const level = connector.tlsSettings ?? null;
  if (level === null) {
    return assessOpportunistic(observation, {
      rule: 'TlsSettings is $null: TLS is used where the server offers it, and no certificate is required.',
      source: SOURCES.outbound,
    });
  }
  const { tlsDomain } = connector;
  if (level === 'DomainValidation' && !tlsDomain) {
    const evidence = 'TlsSettings is DomainValidation, and TlsDomain is not set.';
    const remedy = 'Set TlsDomain to the name that the certificate must have.';
    return contradiction(configurationStep(evidence, SOURCES.outbound, remedy));
  }
  return assessDemand(observation, {
    level,
    setting: `TlsSettings is ${level}`,
    source: SOURCES.outbound,
    name: tlsDomain ? { setting: 'TlsDomain', wanted: [tlsDomain], source: SOURCES.outbound } : null,
    assumptions: connector.assumptions,
    response: '450 4.7.320 Certificate validation failed',
  });
}

/** RequireTLS and TlsAuthLevel, with DomainSecureEnabled and IgnoreSTARTTLS. */
export function assessExchangeServerSend(
  connector: ConnectorOf<'exchange-server-send'>,
  partner: Partner,
  observation: Observation,
): Assessment {
  const { requireTLS = false, ignoreSTARTTLS = false, domainSecureEnabled = false } = connector;
  const conflict = sendConflict(connector);
  if (conflict !== null) return contradiction(conflict);
  if (ignoreSTARTTLS) {
    const rule = 'IgnoreSTARTTLS is true: the connector never uses TLS.';
    const demand = { id: 'tls-begins', rule, source: SOURCES.send, frame: observation.starttls.frame, remedy: null };
    const ignored: Step = {
      effect: 'none',
      check: { ...demand, status: 'warning', evidence: 'The mail is sent in plaintext, whatever the server offers.' },
    };
    return { steps: [ignored], onBreak: 'defer', plaintext: true, serverResponse: null };
  }
  const level = domainSecureEnabled
    ? 'DomainValidation'
    : (connector.tlsAuthLevel ?? (requireTLS ? 'EncryptionOnly' : null));
  if (level === null) {
    return assessOpportunistic(observation, {
      rule: 'RequireTLS is false: TLS is used where the server offers it, and no certificate is required.',
      source: SOURCES.send,
    });
  }
  const setting = domainSecureEnabled
    ? 'DomainSecureEnabled is true'
    : connector.tlsAuthLevel
      ? `TlsAuthLevel is ${level}`
      : 'RequireTLS is true';
  return assessDemand(observation, {
    level,
    setting,
    source: SOURCES.send,
    name: sendName(connector, partner, observation),
    assumptions: connector.assumptions,
    response: null,
  });
}

/** Without TlsDomain the certificate has to have the name of the recipient's domain. */
function sendName(
  { tlsDomain }: ConnectorOf<'exchange-server-send'>,
  partner: Partner,
  observation: Observation,
): OutboundDemand['name'] {
  if (tlsDomain) return { setting: 'TlsDomain', wanted: [tlsDomain], source: SOURCES.send };
  const recipients = observation.envelopes.flatMap(({ rcptTo }) =>
    rcptTo.map((one) => one.slice(one.lastIndexOf('@') + 1)),
  );
  const wanted = [...new Set(recipients.length > 0 ? recipients : (partner.domains ?? []))];
  if (wanted.length === 0) return null;
  const source = `${SOURCES.send}: DomainValidation without TlsDomain compares the recipient's domain`;
  return { setting: "TlsDomain, which is not set, so the recipient's domain", wanted, source };
}

function sendConflict(connector: ConnectorOf<'exchange-server-send'>): Step | null {
  const { requireTLS = false, ignoreSTARTTLS = false, tlsAuthLevel, tlsDomain, smartHosts = [] } = connector;
  const source = SOURCES.send;
  if (tlsAuthLevel && !requireTLS) {
    return configurationStep('TlsAuthLevel is set, and RequireTLS is not true.', source, 'Set RequireTLS to $true.');
  }
  if ((tlsAuthLevel || requireTLS) && ignoreSTARTTLS) {
    const evidence = 'TLS is required, and IgnoreSTARTTLS is true.';
    return configurationStep(evidence, source, 'Set IgnoreSTARTTLS to $false.');
  }
  if (tlsAuthLevel === 'DomainValidation' && smartHosts.length > 0 && !tlsDomain) {
    const evidence = 'TlsAuthLevel is DomainValidation with smart hosts, and TlsDomain is not set.';
    return configurationStep(evidence, source, 'Set TlsDomain to the name that the certificate must have.');
  }
  if (connector.domainSecureEnabled && (connector.dnsRoutingEnabled === false || smartHosts.length > 0)) {
    const evidence = 'DomainSecureEnabled needs DNS routing, and the connector routes to smart hosts.';
    return configurationStep(evidence, source, 'Set DNSRoutingEnabled to $true, or DomainSecureEnabled to $false.');
  }
  return null;
}

function contradiction(conflict: Step): Assessment {
  return { steps: [conflict], onBreak: 'defer', plaintext: false, serverResponse: null };
}

/** TLS is required, and more with each level. What fails is queued, tried again and then returned (NDR). */
function assessDemand(observation: Observation, demand: OutboundDemand): Assessment {
  const { level, setting, source } = demand;
  const steps: Step[] = [];
  const result = (serverResponse: string | null = null): Assessment => {
    return { steps, onBreak: 'defer', plaintext: false, serverResponse };
  };
  const transport = transportStep(observation, 'client', true, { rule: `TLS is required (${setting}).`, source });
  steps.push(transport.step);
  if (transport.kind !== 'tls') return result();
  steps.push(handshakeStep(observation, { rule: `The TLS handshake succeeds (${setting}).`, source }));
  if (level === 'EncryptionOnly') return result();

  const presented = presentedStep(observation, 'server', {
    rule: `The server presents a certificate (${setting}).`,
    source,
  });
  steps.push(presented.step);
  if (presented.identity === null) return result(demand.response);
  const { identity, path } = presented;
  steps.push(
    pathStep(path, { rule: `The certificate leads to a trusted root and has not expired (${setting}).`, source }),
  );
  const revocation = revocationStep(path, { rule: `The certificate has not been revoked (${setting}).`, source });
  if (revocation) steps.push(revocation);
  if (level === 'DomainValidation') {
    if (demand.name === null) {
      const evidence = "TlsDomain is not set, and the recipient's domain is not to be seen.";
      steps.push(configurationStep(evidence, source, 'Name the domain under domains in the expectation file.'));
    } else {
      steps.push(nameStep(identity, { ...demand.name, assumptions: demand.assumptions }));
    }
  }
  return result(demand.response);
}
