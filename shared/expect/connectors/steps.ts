/** The steps that connectors have in common: each looks at one thing and says what it means for the mail. */
import type { Side } from '../../contract/analysis.ts';
import type { Check } from '../../contract/verdict.ts';
import { matchAnyHost } from '../host-patterns.ts';
import type { Observation, ObservedIdentity, ObservedPath } from '../observation.ts';

export interface Step {
  readonly check: Check;
  /** `breaks`: the connector's rule does not hold. `hides`: it cannot be told whether it holds. */
  readonly effect: 'none' | 'breaks' | 'hides';
}

/** Who says so. */
export interface Demand {
  readonly rule: string;
  readonly source: string;
}

export const SOURCES = {
  starttls: 'RFC 3207 section 4.1',
  path: 'RFC 5280 section 6',
  outbound: 'Microsoft, Set-OutboundConnector',
  inbound: 'Microsoft, Set-InboundConnector',
  send: 'Microsoft, Set-SendConnector',
  receive: 'Microsoft, Set-ReceiveConnector',
  expectation: 'the expectation file',
} as const;

type CheckParts = Omit<Check, 'frame' | 'remedy'> & Partial<Pick<Check, 'frame' | 'remedy'>>;

export function step(effect: Step['effect'], parts: CheckParts): Step {
  return { effect, check: { frame: null, remedy: null, ...parts } };
}

const otherSide = (side: Side): Side => (side === 'server' ? 'client' : 'server');

export type Transport =
  /** TLS began. */
  | { readonly kind: 'tls'; readonly step: Step }
  /** There is no TLS, and the capture says why. */
  | { readonly kind: 'plaintext'; readonly step: Step }
  | { readonly kind: 'unknown'; readonly step: Step };

/** Whether TLS began. `side` is the one that the connector belongs to: outbound, it is the client. */
export function transportStep(observation: Observation, side: Side, required: boolean, demand: Demand): Transport {
  const { starttls } = observation;
  const { rule, source } = demand;
  const parts = (evidence: string, remedy: string | null = null) => ({
    id: 'tls-begins',
    rule,
    source,
    frame: starttls.frame,
    evidence,
    remedy,
  });
  const missing = (evidence: string, remedy: string): Transport => ({
    kind: 'plaintext',
    step: required
      ? step('breaks', { status: 'failed', ...parts(evidence, remedy) })
      : step('none', { status: 'warning', ...parts(evidence, remedy) }),
  });
  const unseen = (evidence: string, remedy: string): Transport => ({
    kind: 'unknown',
    step: step('hides', { status: 'unknown', ...parts(evidence, remedy) }),
  });
  if (observation.implicitTls) {
    return { kind: 'tls', step: step('none', { status: 'passed', ...parts('TLS from the first byte.') }) };
  }
  switch (starttls.state) {
    case 'accepted':
      return { kind: 'tls', step: step('none', { status: 'passed', ...parts('The server accepted STARTTLS.') }) };
    case 'refused': {
      const code = starttls.replyCode === null ? '' : ` with ${starttls.replyCode}`;
      return missing(
        `The server refused STARTTLS${code}.`,
        "Find the reason in the server's log: most often its certificate or key cannot be loaded.",
      );
    }
    case 'not-offered':
      return missing('The server did not offer STARTTLS.', 'Enable STARTTLS on the server.');
    case 'masked':
      return missing(
        'Something between client and server overwrote the offer of STARTTLS.',
        'Stop the firewall from rewriting SMTP (Cisco: no inspect esmtp); RFC 3207 section 6 describes the attack.',
      );
    case 'not-requested':
      // What this client did says what its own connector is; of a server it says what its client is like.
      return side === 'server'
        ? missing('The client did not ask for STARTTLS, which was offered.', 'Enable TLS on the sending server.')
        : required
          ? unseen(
              'STARTTLS was offered, and this client did not ask for it: it is not set up as expected.',
              "Check that the capture shows the partner's own server, and that its connector requires TLS.",
            )
          : missing(
              'STARTTLS was offered, and the client did not ask for it.',
              'Enable TLS on the sending connector (IgnoreSTARTTLS must be false).',
            );
    case 'unanswered':
      return unseen('No answer to STARTTLS was captured.', 'Capture the whole session, or probe the server.');
    case 'not-seen':
      return unseen(
        'The capture does not show the start of the session.',
        'Capture from before the connection is opened, in both directions.',
      );
  }
}

/** Whether the handshake came to its end. */
export function handshakeStep(observation: Observation, demand: Demand): Step {
  const { handshake } = observation;
  const parts = (evidence: string, remedy: string | null = null) => ({
    id: 'tls-established',
    ...demand,
    frame: handshake?.alert?.frame ?? handshake?.frame ?? null,
    evidence,
    remedy,
  });
  if (handshake === null) {
    const remedy = 'Capture the whole session, or probe the server.';
    return step('hides', { status: 'unknown', ...parts('No TLS handshake was captured.', remedy) });
  }
  switch (handshake.outcome) {
    case 'established':
      return step('none', { status: 'passed', ...parts('The TLS handshake was completed.') });
    case 'failed': {
      const { alert } = handshake;
      const evidence =
        alert === null
          ? 'The TLS handshake failed.'
          : `The ${alert.from} ended the TLS handshake with the alert ${alert.description}.`;
      const remedy =
        alert === null
          ? 'See the logs of both servers.'
          : `See the ${alert.from}'s log for what it objects to in what the ${otherSide(alert.from)} sent.`;
      return step('breaks', { status: 'failed', ...parts(evidence, remedy) });
    }
    case 'incomplete': {
      const evidence = 'The capture, or the connection, ends before the TLS handshake does.';
      return step('hides', {
        status: 'unknown',
        ...parts(evidence, 'Capture the whole session, or probe the server.'),
      });
    }
  }
}

export type Presented =
  | { readonly step: Step; readonly identity: ObservedIdentity; readonly path: ObservedPath | null }
  | { readonly step: Step; readonly identity: null; readonly path: null };

/** Whether the side presented a certificate that can be judged. */
export function presentedStep(observation: Observation, side: Side, demand: Demand): Presented {
  const { visibility, explanation, identity, path } = observation.presented[side];
  const parts = { id: 'certificate-presented', ...demand };
  if (identity !== null) {
    const evidence = `The ${side} presented ${identity.subject === '' ? 'a certificate without a subject' : identity.subject}.`;
    return { step: step('none', { status: 'passed', ...parts, frame: identity.frame, evidence }), identity, path };
  }
  const none = (effect: 'breaks' | 'hides', evidence: string, remedy: string): Presented => {
    const status = effect === 'breaks' ? 'failed' : 'unknown';
    return { step: step(effect, { status, ...parts, evidence, remedy }), identity: null, path: null };
  };
  switch (visibility) {
    case 'visible':
    case 'decrypted':
    case 'malformed':
      return none(
        'breaks',
        `The ${side}'s certificate cannot be read.`,
        'Install a certificate that is correctly encoded.',
      );
    case 'anonymous':
      return none(
        'breaks',
        `The cipher suite is anonymous: the ${side} has no certificate.`,
        'Disable anonymous cipher suites on one of the two servers.',
      );
    case 'empty':
      return none(
        'breaks',
        `The ${side} was asked for a certificate and sent none.`,
        `Configure a certificate on the ${side}.`,
      );
    case 'not-requested':
      return none('breaks', `The ${otherSide(side)} did not ask the ${side} for a certificate.`, explanation);
    case 'encrypted':
    case 'resumed':
    case 'lost':
    case 'cut':
    case 'none':
      return none('hides', `The ${side}'s certificate is not to be seen in this session (${visibility}).`, explanation);
  }
}

/** Whether the certificate leads to a root that the policy trusts. */
export function pathStep(path: ObservedPath | null, demand: Demand): Step {
  if (path === null) {
    const evidence = 'The path was not checked: the session has no time to check it at.';
    return step('hides', {
      id: 'certificate-path',
      status: 'unknown',
      ...demand,
      evidence,
      remedy: 'Choose a time with --at.',
    });
  }
  const parts = { id: 'certificate-path', rule: demand.rule, source: `${demand.source}; ${path.rule}` };
  switch (path.outcome) {
    case 'valid': {
      const evidence = `The path leads to ${path.root?.subject ?? 'a trusted certificate'} (${path.policy}).`;
      return step('none', { status: 'passed', ...parts, evidence });
    }
    case 'invalid': {
      const evidence = path.reasons[0] ?? 'There is no valid path to a trusted root.';
      return step('breaks', { status: 'failed', ...parts, evidence, remedy: path.remedy });
    }
    case 'undetermined': {
      const evidence = path.reasons[0] ?? 'This platform cannot check the path.';
      return step('hides', { status: 'unknown', ...parts, evidence, remedy: path.remedy });
    }
  }
}

/** Whether the certificate was revoked. Not knowing does not stop the mail, but is never called good. */
export function revocationStep(path: ObservedPath | null, demand: Demand): Step | null {
  if (path === null || path.outcome !== 'valid') return null;
  const parts = { id: 'revocation', ...demand };
  switch (path.revocation) {
    case 'good':
      return step('none', { status: 'passed', ...parts, evidence: 'Not revoked.' });
    case 'revoked':
      return step('breaks', {
        status: 'failed',
        ...parts,
        evidence: 'A certificate of the path is revoked.',
        remedy: 'Replace the revoked certificate.',
      });
    case 'unknown':
      return step('none', {
        status: 'unknown',
        ...parts,
        evidence: 'Whether a certificate of the path was revoked is not known.',
        remedy: "Get the authorities' revocation lists, and judge with them: starttrace analyze --crl FILE.",
      });
  }
}

/** Whether the peer has one of the addresses. */
export function addressStep(
  observation: Observation,
  side: Side,
  ranges: readonly string[],
  demand: Demand & { readonly remedy: string },
): Step {
  const host = observation[side];
  const { remedy, ...about } = demand;
  const parts = { id: 'connecting-address', ...about };
  if (host.address === null) {
    return step('hides', { status: 'unknown', ...parts, evidence: `The ${side}'s address is not known.` });
  }
  const match = matchAnyHost(ranges, { address: host.address, names: [] });
  return match === null
    ? step('breaks', {
        status: 'failed',
        ...parts,
        evidence: `The ${side}'s address ${host.address} is not among ${listed(ranges)}.`,
        remedy,
      })
    : step('none', {
        status: 'passed',
        ...parts,
        evidence: `The ${side}'s address ${host.address} is in ${match.pattern}.`,
      });
}

/** The settings contradict one another: what such a connector does cannot be told. */
export function configurationStep(evidence: string, source: string, remedy: string): Step {
  const rule = 'The settings of the connector fit together.';
  return step('hides', { id: 'configuration', status: 'failed', rule, source, evidence, remedy });
}

/** At most this many names stand in a sentence. */
const NAMES_IN_SENTENCE = 5;

export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, NAMES_IN_SENTENCE).join(', ');
  const rest = names.length - NAMES_IN_SENTENCE;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** All names that a certificate has, the common name first. */
export function allNames({ commonNames, dnsNames }: ObservedIdentity): readonly string[] {
  return [...new Set([...commonNames, ...dnsNames])];
}
