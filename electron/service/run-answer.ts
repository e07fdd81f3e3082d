/** The answer about a whole run in words: how many sessions fail, why, and what to change. */
import type { Session } from '../../shared/contract/analysis.ts';
import type { JudgedPath, JudgedSession, Moment, Outcome } from '../../shared/contract/verdict.ts';
import type { Connector } from '../../shared/expect/expectations.ts';
import { type Advice, AdviceCollector } from '../../shared/expect/headline.ts';
import { judgedSide } from '../../shared/expect/match-partner.ts';
import { pathRemedy } from '../../shared/expect/path-remedies.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';
import type { JudgeRequest } from './judge-captures.ts';

/** Remedies that are worth a line; what helps one session of a hundred thousand is told with that session. */
const REMEDIES = 50;

interface PathFault {
  readonly message: string;
  readonly remedy: string | null;
  sessions: number;
}

export class RunAnswer {
  readonly #request: JudgeRequest;
  readonly #moment: Moment;
  readonly #advice = new AdviceCollector();
  readonly #outcomes = new Map<Outcome, number>();
  /** Faults of servers' paths by their message. */
  readonly #faults = new Map<string, PathFault>();
  readonly #sessionOf: (id: string) => Session;
  #sessions = 0;
  #paths = 0;
  #validPaths = 0;

  /** `sessionOf` gives a session that was added. */
  constructor(request: JudgeRequest, moment: Moment, sessionOf: (id: string) => Session) {
    this.#request = request;
    this.#moment = moment;
    this.#sessionOf = sessionOf;
  }

  add(session: Session, judged: JudgedSession): void {
    this.#sessions += 1;
    this.#advice.add(session.id, judged);
    const outcome = judged.verdict?.outcome;
    if (outcome !== undefined) this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    const path = judged.paths.find(({ side, moment }) => side === 'server' && moment === this.#moment);
    if (path) this.#addPath(path);
  }

  headline(): string {
    if (this.#sessions === 0) return 'There is no mail session in it.';
    return this.#request.expectations === null ? this.#pathHeadline() : this.#verdictHeadline();
  }

  remedies(): readonly string[] {
    const advised =
      this.#request.expectations === null
        ? this.#sortedFaults().flatMap(({ remedy, sessions }) =>
            remedy === null ? [] : [`${counted(sessions)}: ${remedy}`],
          )
        : this.#advice
            .advice()
            .map(({ partner, sessions, remedy }) => `${partner}, ${counted(sessions.length)}: ${remedy}`);
    return [...new Set(advised)].slice(0, REMEDIES);
  }

  #addPath({ outcome, findings }: JudgedPath): void {
    this.#paths += 1;
    if (outcome === 'valid') {
      this.#validPaths += 1;
      return;
    }
    const errors = findings.filter(({ severity }) => severity === 'error');
    const message = errors[0]?.message ?? 'This platform lacks an algorithm that the path needs.';
    const known = this.#faults.get(message);
    if (known) known.sessions += 1;
    else this.#faults.set(message, { message, remedy: pathRemedy(errors), sessions: 1 });
  }

  #sortedFaults(): readonly PathFault[] {
    return [...this.#faults.values()].sort((left, right) => right.sessions - left.sessions);
  }

  #pathHeadline(): string {
    const policy = this.#request.trust.name;
    const hidden = this.#sessions - this.#paths;
    const without = hidden === 0 ? '' : ` ${counted(hidden)} ${hidden === 1 ? 'shows' : 'show'} no certificate.`;
    if (this.#paths === 0) {
      return this.#sessions === 1
        ? "The one session shows no server's certificate."
        : `None of the ${counted(this.#sessions)} shows a server's certificate.`;
    }
    const [fault] = this.#sortedFaults();
    if (fault === undefined) {
      const which =
        this.#paths === 1 ? 'The one certificate of a server' : `All ${this.#paths} certificates of servers`;
      return `${which} ${this.#paths === 1 ? 'has' : 'have'} a path to a root that ${policy} trusts.${without}`;
    }
    const failing = this.#paths - this.#validPaths;
    return `${failing} of ${counted(this.#paths)} with a server's certificate ${failing === 1 ? 'has' : 'have'} no path to a root that ${policy} trusts: ${fault.message}${without}`;
  }

  #verdictHeadline(): string {
    const judged = [...this.#outcomes.values()].reduce((sum, count) => sum + count, 0);
    const name = this.#request.expectations?.file.split(/[/\\]/).at(-1) ?? '';
    if (judged === 0) return `No session belongs to a partner of ${name}.`;
    const [first] = this.#advice.advice();
    if (first === undefined) {
      const delivered = this.#outcomes.get('deliver') ?? 0;
      if (delivered === judged) return `Mail of ${all(judged)} with the partners of ${name} would be delivered.`;
      return `${delivered} of ${counted(judged)} with the partners of ${name} would be delivered; of the rest it cannot be told.`;
    }
    const many = first.sessions.length;
    const head = `${many} of ${counted(this.#sessions)} would ${FATES[first.outcome]}: ${this.#because(first)}`;
    const failed = (this.#outcomes.get('defer') ?? 0) + (this.#outcomes.get('reject') ?? 0);
    const more = first.outcome === 'defer' || first.outcome === 'reject' ? failed - many : 0;
    return more > 0 ? `${head} ${more} more would be deferred or rejected.` : head;
  }

  /** Names against names where a name is what fails; else what was seen. */
  #because({ partner: name, sessions: [id], evidence }: Advice): string {
    const partner = this.#request.expectations?.value.partners.find((one) => one.name === name);
    const expected = partner === undefined ? null : expectedName(partner.connector);
    if (partner === undefined || expected === null || !evidence.includes(expected)) return `${name}: ${evidence}`;
    const [leaf] = this.#sessionOf(id).certificates[judgedSide(partner.connector)].chain;
    if (leaf === undefined) return `${name}: ${evidence}`;
    return `${name} presents ${shortName(leaf.subject)}, where ${expected} is expected.`;
  }
}

const FATES: Readonly<Record<Outcome, string>> = {
  reject: 'be rejected',
  defer: 'be deferred',
  'deliver-in-plaintext': 'be delivered in plaintext',
  unknown: 'have an outcome that cannot be told',
  deliver: 'be delivered',
};

function expectedName(connector: Connector): string | null {
  switch (connector.kind) {
    case 'exchange-online-outbound':
    case 'exchange-server-send':
      return connector.tlsDomain ?? null;
    case 'exchange-online-inbound':
      return connector.tlsSenderCertificateName ?? null;
    case 'exchange-server-receive':
      return connector.tlsDomainCapabilities?.[0]?.domain ?? null;
    case 'pinned':
      return connector.commonName ?? null;
    case 'opportunistic':
      return null;
  }
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'session' : 'sessions'}`;
}

function all(count: number): string {
  return count === 1 ? 'the one session' : `all ${count} sessions`;
}
