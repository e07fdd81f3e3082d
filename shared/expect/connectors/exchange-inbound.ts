/** Exchange as the receiver: Exchange Online's inbound connectors and Exchange Server's receive connectors. */
import type { ConnectorOf } from '../expectations.ts';
import type { Observation } from '../observation.ts';
import type { Assessment } from './assessment.ts';
import { nameStep } from './name-step.ts';
import {
  addressStep,
  configurationStep,
  handshakeStep,
  pathStep,
  presentedStep,
  revocationStep,
  SOURCES,
  type Step,
  transportStep,
} from './steps.ts';

/** RFC 3207 section 4: what a server says that requires TLS. */
const MUST_STARTTLS = '530 5.7.0 Must issue a STARTTLS command first';
const TENANT_ATTRIBUTION = '550 5.7.64 TenantAttribution; Relay Access Denied';
const TENANT_ATTRIBUTION_SOURCE =
  'Microsoft, https://learn.microsoft.com/en-us/exchange/troubleshoot/email-delivery/ndr/relay-access-denied-smtp';

/** RequireTls, RestrictDomainsToCertificate and RestrictDomainsToIPAddresses bind partner connectors only. */
export function assessExchangeOnlineInbound(
  connector: ConnectorOf<'exchange-online-inbound'>,
  observation: Observation,
): Assessment {
  const partner = (connector.connectorType ?? 'Partner') === 'Partner';
  const source = SOURCES.inbound;
  const steps: Step[] = [];
  let serverResponse: string | null = null;
  const { senderIPAddresses = [], tlsSenderCertificateName } = connector;
  if (partner && connector.restrictDomainsToIPAddresses) {
    if (senderIPAddresses.length === 0) {
      const evidence = 'RestrictDomainsToIPAddresses is true, and SenderIPAddresses is not set.';
      steps.push(configurationStep(evidence, source, "Set SenderIPAddresses to the partner's addresses."));
    } else {
      const rule = 'The mail comes from one of SenderIPAddresses (RestrictDomainsToIPAddresses is true).';
      steps.push(
        addressStep(observation, 'client', senderIPAddresses, {
          rule,
          source,
          remedy: 'Add the address to SenderIPAddresses.',
        }),
      );
    }
  }
  const named = partner ? (connector.restrictDomainsToCertificate ?? false) : Boolean(tlsSenderCertificateName);
  const required = named || (partner && connector.requireTls);
  const rule = required
    ? `The client uses TLS (${named ? 'its certificate is checked' : 'RequireTls is true'}).`
    : 'TLS is not required (RequireTls is false).';
  const transport = transportStep(observation, 'server', required, { rule, source });
  steps.push(transport.step);
  const plaintext = transport.kind === 'plaintext';
  if (transport.step.effect === 'breaks') serverResponse = partner ? MUST_STARTTLS : TENANT_ATTRIBUTION;
  if (transport.kind === 'tls') {
    steps.push(handshakeStep(observation, { rule: 'The TLS handshake succeeds.', source: SOURCES.starttls }));
    if (named) {
      if (tlsSenderCertificateName) {
        steps.push(...certificateSteps(connector, tlsSenderCertificateName, partner, observation));
        serverResponse = partner ? null : TENANT_ATTRIBUTION;
      } else {
        const evidence = 'RestrictDomainsToCertificate is true, and TlsSenderCertificateName is not set.';
        steps.push(
          configurationStep(evidence, source, "Set TlsSenderCertificateName to the name in the sender's certificate."),
        );
      }
    }
  }
  return { steps, onBreak: 'reject', plaintext, serverResponse };
}

function certificateSteps(
  connector: ConnectorOf<'exchange-online-inbound'>,
  name: string,
  partner: boolean,
  observation: Observation,
): readonly Step[] {
  const setting = partner ? 'RestrictDomainsToCertificate is true' : 'TlsSenderCertificateName is set';
  const source = partner ? SOURCES.inbound : TENANT_ATTRIBUTION_SOURCE;
  const rule = `The client presents a certificate (${setting}).`;
  const presented = presentedStep(observation, 'client', { rule, source });
  if (presented.identity === null) return [presented.step];
  const trusted = {
    rule: `The client's certificate leads to a trusted root (${setting}).`,
    source: `assumed: an untrusted certificate counts as none. ${source}`,
  };
  const revocation = revocationStep(presented.path, { rule: "The client's certificate has not been revoked.", source });
  return [
    presented.step,
    pathStep(presented.path, trusted),
    ...(revocation === null ? [] : [revocation]),
    nameStep(presented.identity, {
      setting: 'TlsSenderCertificateName',
      wanted: [name],
      source,
      assumptions: connector.assumptions,
    }),
  ];
}

/** RequireTLS rejects; TlsDomainCapabilities apply to clients with a valid certificate for the domain. */
export function assessExchangeServerReceive(
  connector: ConnectorOf<'exchange-server-receive'>,
  observation: Observation,
): Assessment {
  const { requireTLS = false, authMechanism, tlsDomainCapabilities = [], remoteIPRanges = [], assumptions } = connector;
  const source = SOURCES.receive;
  const steps: Step[] = [];
  const offersTls = authMechanism === undefined || authMechanism.some((mechanism) => mechanism.toLowerCase() === 'tls');
  const judges = tlsDomainCapabilities.length > 0 || (connector.domainSecureEnabled ?? false);
  if (!offersTls && (requireTLS || judges)) {
    const evidence = 'AuthMechanism lacks Tls, which the other settings need.';
    steps.push(configurationStep(evidence, source, 'Add Tls to AuthMechanism.'));
  }
  if (remoteIPRanges.length > 0) steps.push(scopeStep(observation, remoteIPRanges));
  const rule = requireTLS ? 'The client uses TLS (RequireTLS is true).' : 'TLS is not required (RequireTLS is false).';
  const transport = transportStep(observation, 'server', requireTLS, { rule, source });
  steps.push(transport.step);
  if (transport.kind === 'tls') {
    steps.push(handshakeStep(observation, { rule: 'The TLS handshake succeeds.', source: SOURCES.starttls }));
    if (judges) {
      const failure = assumptions?.onCapabilityFailure ?? 'reject';
      steps.push(...capabilitySteps(connector, observation).map((one) => softened(one, failure)));
    }
  }
  const serverResponse = transport.step.effect === 'breaks' ? MUST_STARTTLS : null;
  return { steps, onBreak: 'reject', plaintext: transport.kind === 'plaintext', serverResponse };
}

/** Where missing capabilities do not stop the mail, their failure is a warning. */
function softened(one: Step, failure: 'reject' | 'deliver'): Step {
  if (failure === 'reject' || one.effect === 'none') return one;
  return { effect: 'none', check: { ...one.check, status: one.effect === 'breaks' ? 'warning' : 'unknown' } };
}

/** A connection from elsewhere meets another connector, of which the file says nothing. */
function scopeStep(observation: Observation, ranges: readonly string[]): Step {
  const remedy = 'Judge this client by the connector whose RemoteIPRanges holds it.';
  const rule = 'The connection comes from RemoteIPRanges.';
  const scope = addressStep(observation, 'client', ranges, { rule, source: SOURCES.receive, remedy });
  return scope.effect === 'breaks' ? { ...scope, effect: 'hides' } : scope;
}

function capabilitySteps(connector: ConnectorOf<'exchange-server-receive'>, observation: Observation): readonly Step[] {
  const setting = connector.tlsDomainCapabilities ? 'TlsDomainCapabilities' : 'DomainSecureEnabled';
  const choice = connector.assumptions?.onCapabilityFailure ?? 'reject';
  const source = `assumed: without them the mail is ${choice === 'reject' ? 'rejected' : 'delivered'} (assumptions.onCapabilityFailure). ${SOURCES.receive}`;
  const presented = presentedStep(observation, 'client', {
    rule: `The client presents a certificate (${setting}).`,
    source,
  });
  if (presented.identity === null) return [presented.step];
  const path = pathStep(presented.path, {
    rule: `The client's certificate leads to a trusted root (${setting}).`,
    source,
  });
  const domains = (connector.tlsDomainCapabilities ?? []).map(({ domain }) => domain);
  if (domains.length === 0) return [presented.step, path];
  const { assumptions } = connector;
  return [presented.step, path, nameStep(presented.identity, { setting, wanted: domains, source, assumptions })];
}
