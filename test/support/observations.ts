/** Connections as connectors see them, made up for tests: everything is in order but what a test changes. */
import type { Observation, ObservedChain, ObservedIdentity, ObservedPath } from '../../shared/expect/observation.ts';

export const EOP_NAMES = [
  '*.mail.eo.outlook.com',
  '*.mail.protection.outlook.com',
  'mail.protection.outlook.com',
  'outlook.com',
  'mail.messaging.microsoft.com',
];

export function identity(change: Partial<ObservedIdentity> = {}): ObservedIdentity {
  return {
    commonNames: ['mail.protection.outlook.com'],
    dnsNames: EOP_NAMES,
    subject: 'CN=mail.protection.outlook.com',
    sha256: 'aa'.repeat(32),
    publicKeySha256: 'bb'.repeat(32),
    frame: 13,
    ...change,
  };
}

export function validPath(change: Partial<ObservedPath> = {}): ObservedPath {
  return {
    outcome: 'valid',
    root: { sha256: 'cc'.repeat(32), subject: 'CN=Baltimore CyberTrust Root' },
    policy: 'eop-2014',
    reasons: [],
    rule: 'RFC 5280 section 6',
    remedy: null,
    revocation: 'unknown',
    ...change,
  };
}

export function chain(change: Partial<ObservedChain> = {}): ObservedChain {
  return { visibility: 'visible', explanation: 'It is there.', identity: identity(), path: validPath(), ...change };
}

/** Contoso connects to EOP, STARTTLS is accepted, both present what they should. */
export function observation(change: Partial<Observation> = {}): Observation {
  return {
    client: { address: '10.99.0.1', names: ['mail.contoso.com'] },
    server: { address: '10.99.0.10', names: ['CO1FFO11FD042.mail.protection.outlook.com'] },
    implicitTls: false,
    starttls: { state: 'accepted', frame: 9, replyCode: 220 },
    handshake: { outcome: 'established', frame: 19, alert: null },
    presented: {
      server: chain(),
      client: chain({
        identity: identity({ commonNames: ['mail.contoso.com'], dnsNames: ['mail.contoso.com'], frame: 17 }),
      }),
    },
    envelopes: [],
    refusal: null,
    ...change,
  };
}

/** The same with another state of STARTTLS, and so without TLS. */
export function withoutTls(state: Observation['starttls']['state'], replyCode: number | null = null): Observation {
  const none = chain({ visibility: 'none', explanation: 'There was no TLS.', identity: null, path: null });
  return observation({
    starttls: { state, frame: 8, replyCode },
    handshake: null,
    presented: { server: none, client: none },
  });
}
