/** A partner that pins: names, a root, a certificate or a key, and addresses. */
import type { Side } from '../../contract/analysis.ts';
import type { ConnectorOf } from '../expectations.ts';
import { matchAnyHost } from '../host-patterns.ts';
import type { Observation, ObservedIdentity, ObservedPath } from '../observation.ts';
import type { Assessment } from './assessment.ts';
import {
  addressStep,
  allNames,
  handshakeStep,
  listed,
  pathStep,
  presentedStep,
  SOURCES,
  type Step,
  step,
  transportStep,
} from './steps.ts';

const source = SOURCES.expectation;

/** Every pin that is given has to hold. */
export function assessPinned(connector: ConnectorOf<'pinned'>, observation: Observation): Assessment {
  const side: Side = connector.side ?? 'server';
  const steps: Step[] = [];
  if (connector.addresses) {
    steps.push(
      addressStep(observation, side, connector.addresses, {
        rule: `The ${side} has one of the expected addresses.`,
        source,
        remedy: 'Add the address to the expected ones, or find out whose it is.',
      }),
    );
  }
  if (connector.hosts) steps.push(hostStep(observation, side, connector.hosts));
  const demands = demandsOnCertificate(connector);
  const own = side === 'server' ? 'client' : 'server';
  const rule = demands.certificate
    ? 'TLS is required: the certificate is checked.'
    : 'TLS is used where it is offered.';
  const transport = transportStep(observation, own, demands.certificate, { rule, source });
  steps.push(transport.step);
  if (transport.kind === 'tls') {
    steps.push(handshakeStep(observation, { rule: 'The TLS handshake succeeds.', source: SOURCES.starttls }));
    if (demands.certificate) steps.push(...certificateSteps(connector, side, demands.validation, observation));
  }
  const plaintext = transport.kind === 'plaintext' && !demands.certificate;
  return { steps, onBreak: connector.onFailure ?? 'defer', plaintext, serverResponse: null };
}

/** The name that the peer goes by: what most partners check instead of a certificate, beside the address. */
function hostStep(observation: Observation, side: Side, hosts: readonly string[]): Step {
  const { names } = observation[side];
  const rule = `The ${side} goes by the name ${listed(hosts)}.`;
  const parts = { id: 'connecting-host', rule, source };
  if (names.length === 0) {
    const evidence = `The ${side} gave no name.`;
    const remedy = 'Capture the whole session: the name stands in greeting and EHLO.';
    return step('hides', { status: 'unknown', ...parts, evidence, remedy });
  }
  const match = matchAnyHost(hosts, { address: null, names });
  if (match !== null) return step('none', { status: 'passed', ...parts, evidence: `It goes by ${match.by}.` });
  const remedy = 'Add the name to the expected ones, or find out whose host it is.';
  return step('breaks', { status: 'failed', ...parts, evidence: `It goes by ${listed(names)}.`, remedy });
}

interface Demands {
  readonly certificate: boolean;
  readonly validation: boolean;
}

/** A name means little without a path to a root; a fingerprint or a key speaks for itself. */
function demandsOnCertificate(connector: ConnectorOf<'pinned'>): Demands {
  const { commonName, names, root, fingerprints, publicKeys } = connector;
  const named = commonName !== undefined || names !== undefined || root !== undefined;
  const validation = connector.validation ?? named;
  return { certificate: validation || named || fingerprints !== undefined || publicKeys !== undefined, validation };
}

function certificateSteps(
  connector: ConnectorOf<'pinned'>,
  side: Side,
  validation: boolean,
  observation: Observation,
): readonly Step[] {
  const presented = presentedStep(observation, side, { rule: `The ${side} presents a certificate.`, source });
  if (presented.identity === null) return [presented.step];
  const { identity, path } = presented;
  const steps = [presented.step];
  if (validation) {
    const demand = { rule: 'The certificate leads to a trusted root and has not expired.', source };
    steps.push(pathStep(path, demand));
  }
  if (connector.commonName !== undefined) steps.push(commonNameStep(identity, connector.commonName));
  if (connector.names !== undefined) steps.push(namesStep(identity, connector.names));
  if (connector.root !== undefined) steps.push(rootStep(path, connector.root));
  if (connector.fingerprints !== undefined) {
    steps.push(hashStep('certificate-fingerprint', 'fingerprint', identity.sha256, connector.fingerprints, identity));
  }
  if (connector.publicKeys !== undefined) {
    steps.push(hashStep('public-key', 'public key', identity.publicKeySha256, connector.publicKeys, identity));
  }
  return steps;
}

function commonNameStep(identity: ObservedIdentity, wanted: string): Step {
  const { commonNames, frame } = identity;
  const parts = { id: 'certificate-name', rule: `The common name is ${wanted}.`, source, frame };
  if (commonNames.some((name) => same(name, wanted))) {
    return step('none', { status: 'passed', ...parts, evidence: `The common name is ${listed(commonNames)}.` });
  }
  const evidence =
    commonNames.length === 0
      ? `The certificate has no common name, where ${wanted} is pinned.`
      : `The common name is ${listed(commonNames)}, where ${wanted} is pinned.`;
  const remedy =
    commonNames.length === 0
      ? 'Pin a name that the certificate has.'
      : identity.provider
        ? `Change the pinned name to ${commonNames[0]}: ${identity.provider} cannot present your certificate.`
        : `Change the pinned name to ${commonNames[0]}, once it is certain that this is the partner's certificate.`;
  return step('breaks', { status: 'failed', ...parts, evidence, remedy });
}

function namesStep(identity: ObservedIdentity, names: NonNullable<ConnectorOf<'pinned'>['names']>): Step {
  const exact = 'exactly' in names;
  const wanted = exact ? names.exactly : names.includes;
  const presented = identity.dnsNames;
  const missing = wanted.filter((name) => !presented.some((other) => same(name, other)));
  const surplus = exact ? presented.filter((name) => !wanted.some((other) => same(name, other))) : [];
  const rule = exact ? `The names are exactly ${listed(wanted)}.` : `The names include ${listed(wanted)}.`;
  const parts = { id: 'certificate-names', rule, source, frame: identity.frame };
  if (missing.length === 0 && surplus.length === 0) {
    return step('none', { status: 'passed', ...parts, evidence: `The names are ${listed(allNames(identity))}.` });
  }
  const differences = [
    ...(missing.length > 0 ? [`missing: ${listed(missing)}`] : []),
    ...(surplus.length > 0 ? [`surplus: ${listed(surplus)}`] : []),
  ];
  const evidence = `The set of names differs; ${differences.join('; ')}.`;
  const remedy = 'Change the pinned names to those presented, or install a certificate with the pinned ones.';
  return step('breaks', { status: 'failed', ...parts, evidence, remedy });
}

function rootStep(path: ObservedPath | null, pin: string): Step {
  const wanted = pin.slice('sha256:'.length).toLowerCase();
  const parts = {
    id: 'certificate-root',
    rule: `The path leads to the root with SHA-256 ${wanted.slice(0, 16)}….`,
    source,
  };
  const root = path?.root ?? null;
  if (root === null) {
    const evidence = 'There is no verified path to a root.';
    return step('hides', {
      status: 'unknown',
      ...parts,
      evidence,
      remedy: 'Judge by a trust policy that holds the root (--trust).',
    });
  }
  if (root.sha256 === wanted) {
    return step('none', { status: 'passed', ...parts, evidence: `The root is ${root.subject}.` });
  }
  return step('breaks', {
    status: 'failed',
    ...parts,
    evidence: `The root is ${root.subject} with SHA-256 ${root.sha256.slice(0, 16)}….`,
    remedy: 'Do not pin a root: trust a policy that is kept up to date, or pin the new one.',
  });
}

function hashStep(
  id: string,
  what: string,
  presented: string | null,
  pins: readonly string[],
  { frame }: ObservedIdentity,
): Step {
  const parts = { id, rule: `The certificate's ${what} is a pinned one.`, source, frame };
  if (presented === null) {
    return step('hides', {
      status: 'unknown',
      ...parts,
      evidence: `The ${what} is not known beforehand.`,
      remedy: `Ask the partner for the ${what}.`,
    });
  }
  if (pins.some((pin) => pin.slice('sha256:'.length).toLowerCase() === presented)) {
    return step('none', { status: 'passed', ...parts, evidence: `The ${what} is sha256:${presented.slice(0, 16)}….` });
  }
  return step('breaks', {
    status: 'failed',
    ...parts,
    evidence: `The ${what} is sha256:${presented}, which is not pinned.`,
    remedy: `Pin the new ${what} beside the old one, once it is certain that it is the partner's.`,
  });
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
