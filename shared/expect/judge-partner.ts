/** What one partner's connector does with the mail of one connection. */
import type { Check, Outcome } from '../contract/verdict.ts';
import type { Assessment } from './connectors/assessment.ts';
import { assessExchangeOnlineInbound, assessExchangeServerReceive } from './connectors/exchange-inbound.ts';
import { assessExchangeOnlineOutbound, assessExchangeServerSend } from './connectors/exchange-outbound.ts';
import { assessOpportunistic } from './connectors/opportunistic.ts';
import { assessPinned } from './connectors/pinned.ts';
import { type Step, step } from './connectors/steps.ts';
import type { Partner } from './expectations.ts';
import type { Observation } from './observation.ts';

export interface PartnerVerdict {
  readonly outcome: Outcome;
  readonly summary: string;
  readonly serverResponse: string | null;
  readonly checks: readonly Check[];
}

export type JudgePartner = (partner: Partner, observation: Observation) => PartnerVerdict;

/**
 * Applies the connector's rules to what was observed. One rule that does not hold decides, whatever else is unknown;
 * without one, a rule that cannot be checked leaves the outcome unknown.
 */
export const judgePartner: JudgePartner = (partner, observation) => {
  const { connector } = partner;
  if ('enabled' in connector && connector.enabled === false) {
    const evidence = 'The connector is disabled.';
    const rule = 'The connector is in use.';
    const disabled = step('hides', {
      id: 'configuration',
      status: 'unknown',
      rule,
      source: 'the expectation file',
      evidence,
    });
    return verdict({ steps: [disabled], onBreak: 'defer', plaintext: false, serverResponse: null });
  }
  const assessment = assess(partner, observation);
  const refusal = refusalStep(observation);
  return verdict(refusal === null ? assessment : refused(assessment, refusal, observation));
};

function assess(partner: Partner, observation: Observation): Assessment {
  const { connector } = partner;
  switch (connector.kind) {
    case 'exchange-online-outbound':
      return assessExchangeOnlineOutbound(connector, observation);
    case 'exchange-online-inbound':
      return assessExchangeOnlineInbound(connector, observation);
    case 'exchange-server-send':
      return assessExchangeServerSend(connector, partner, observation);
    case 'exchange-server-receive':
      return assessExchangeServerReceive(connector, observation);
    case 'pinned':
      return assessPinned(connector, observation);
    case 'opportunistic':
      return assessOpportunistic(observation);
  }
}

/** The server refused before any connector could have its say. */
function refusalStep({ refusal }: Observation): Step | null {
  if (refusal === null) return null;
  return step('breaks', {
    id: 'server-accepts',
    status: 'failed',
    rule: 'The server accepts the connection.',
    source: 'RFC 5321 section 3.1',
    frame: refusal.frame,
    evidence: `The server answered ${refusal.code} ${refusal.text}`.trimEnd(),
    remedy: "See the server's log for why it refuses this client.",
  });
}

function refused(assessment: Assessment, refusal: Step, observation: Observation): Assessment {
  const permanent = (observation.refusal?.code ?? 0) >= 500;
  return {
    ...assessment,
    steps: [refusal, ...assessment.steps],
    onBreak: permanent ? 'reject' : 'defer',
    plaintext: false,
  };
}

function verdict({ steps, onBreak, plaintext, serverResponse }: Assessment): PartnerVerdict {
  const checks = steps.map(({ check }) => check);
  const broken = steps.find(({ effect }) => effect === 'breaks');
  if (broken) {
    const response = onBreak === 'deliver-in-plaintext' ? null : serverResponse;
    return { outcome: onBreak, summary: sentence(onBreak, broken.check.evidence), serverResponse: response, checks };
  }
  const hidden = steps.find(({ effect }) => effect === 'hides');
  if (hidden)
    return { outcome: 'unknown', summary: sentence('unknown', hidden.check.evidence), serverResponse: null, checks };
  const outcome = plaintext ? 'deliver-in-plaintext' : 'deliver';
  const telling = plaintext ? checks.find(({ status }) => status === 'warning') : tellingCheck(checks);
  return { outcome, summary: sentence(outcome, telling?.evidence ?? ''), serverResponse: null, checks };
}

/** Of what passed, the strictest demand, which is the last but for revocation. */
function tellingCheck(checks: readonly Check[]): Check | undefined {
  return checks.findLast(({ status }) => status === 'passed');
}

const PHRASES: Readonly<Record<Outcome, string>> = {
  deliver: 'Delivers',
  'deliver-in-plaintext': 'Delivers in plaintext',
  defer: 'Defers the mail, tries again and then returns it (NDR)',
  reject: 'Rejects the mail',
  unknown: 'Cannot be told',
};

function sentence(outcome: Outcome, evidence: string): string {
  const phrase = PHRASES[outcome];
  if (evidence === '') return `${phrase}.`;
  // A word that opens a sentence loses its capital behind the colon; a name keeps its own.
  const isWord = /^(?:The|An?|It|No|Not|There|This|Whether|Something) /.test(evidence);
  return `${phrase}: ${isWord ? evidence.charAt(0).toLowerCase() + evidence.slice(1) : evidence}`;
}
