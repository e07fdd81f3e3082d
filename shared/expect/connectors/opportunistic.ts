/** A sender that uses TLS where it can and asks nothing of the certificate (RFC 7435). */
import type { Observation } from '../observation.ts';
import type { Assessment } from './assessment.ts';
import { type Demand, handshakeStep, SOURCES, transportStep } from './steps.ts';

const DEMAND: Demand = {
  rule: 'TLS is used where the server offers it; no certificate is required.',
  source: 'RFC 7435 section 3',
};

export function assessOpportunistic(observation: Observation, demand: Demand = DEMAND): Assessment {
  const transport = transportStep(observation, 'client', false, demand);
  const base = { onBreak: 'deliver-in-plaintext', serverResponse: null } as const;
  if (transport.kind !== 'tls') {
    return { ...base, steps: [transport.step], plaintext: transport.kind === 'plaintext' };
  }
  const retry: Demand = {
    rule: 'Where TLS fails, the mail is sent without it.',
    source: `assumed: a new connection without STARTTLS follows. ${SOURCES.starttls}`,
  };
  return { ...base, steps: [transport.step, handshakeStep(observation, retry)], plaintext: false };
}
