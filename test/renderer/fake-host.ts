/**
 * The application as the window sees it, with made-up answers: for its tests, and for work on the window without the
 * service. Nothing is read; sessions come from rows.ts.
 */

import { type Host, HostError } from '../../renderer/host/host.ts';
import type { Capture } from '../../shared/contract/analysis.ts';
import type {
  ApplicationEvent,
  JudgedRun,
  JudgeQuestionInput,
  OperationInput,
  OperationName,
  OperationResults,
  SessionRow,
} from '../../shared/contract/operations.ts';
import type { DescribedPolicy } from '../../shared/contract/trust.ts';
import { fakeCertificate, fakeCertificateDetail, fakeJudgedSession, fakeSession } from './fake-session.ts';
import { judgedRow, sessionRows } from './rows.ts';

export interface FakeHostOptions {
  readonly sessions: number;
  /** Reading ends by itself; otherwise it stays where `share` is until it is cancelled. */
  readonly finishes: boolean;
  readonly problems: readonly string[];
}

/** How many rows an event brings. */
const ROWS_AT_ONCE = 5000;

type Handlers = { readonly [N in OperationName]?: (input: OperationInput<N>) => OperationResults[N] };

export class FakeHost implements Host {
  readonly kind = 'browser';
  /** What was asked, in order. */
  readonly calls: { readonly name: OperationName; readonly input: unknown }[] = [];
  /** Names of files that were dropped or picked. */
  readonly opened: string[] = [];
  readonly #listeners = new Set<(event: ApplicationEvent) => void>();
  readonly #rows = new Map<string, readonly SessionRow[]>();
  readonly #options: FakeHostOptions;
  #runs = 0;

  constructor(options: FakeHostOptions) {
    this.#options = options;
  }

  call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResults[N]> {
    this.calls.push({ name, input });
    const handler: ((input: OperationInput<N>) => OperationResults[N]) | undefined = this.#handlers[name];
    if (handler === undefined) {
      return Promise.reject(new HostError({ code: 'not-faked', message: `The made-up application has no ${name}.` }));
    }
    return new Promise((resolve) => setTimeout(() => resolve(handler(input)), 5));
  }

  subscribe(listener: (event: ApplicationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async openFiles(files: readonly File[]): Promise<string> {
    this.opened.push(...files.map(({ name }) => name));
    return this.#begin();
  }

  readonly #handlers: Handlers = {
    openCaptures: () => ({ run: this.#begin() }),
    openSample: () => ({ run: this.#begin(), question: QUESTION }),
    cancelRun: ({ run }) => {
      setTimeout(() => this.#say({ kind: 'run-cancelled', run }));
      return null;
    },
    closeRun: () => null,
    judge: ({ run, question }) => this.#judge(run, question),
    session: ({ run, id }) => {
      const row = this.#row(run, id);
      return {
        session: fakeSession(row),
        certificates: Object.fromEntries(fakeCertificate(row).map((one) => [one.sha256, one])),
      };
    },
    judgedSession: ({ run, id }) => fakeJudgedSession(this.#row(run, id)),
    certificate: ({ sha256 }) => fakeCertificateDetail(sha256),
    trustPolicies: () => ({ schema: 'starttrace/trust@1', asOf: NOW, policies: POLICIES, problems: [] }),
    recentFiles: () => [
      { file: '/home/alice/captures/contoso-to-fabrikam-via-eop.pcapng', openedAt: NOW, sessions: 12 },
      { file: '/home/alice/captures/relay-2014-09-03.pcap.gz', openedAt: '2026-04-30T07:10:00Z', sessions: 48_211 },
    ],
    openExpectations: () => null,
    catalogue: () => [],
    about: () => ({ version: '0.0.0', host: 'browser', wireshark: false }),
  };

  #begin(): string {
    const run = `r${++this.#runs}`;
    const rows = sessionRows(this.#options.sessions);
    this.#rows.set(run, rows);
    setTimeout(() => this.#read(run, rows, 0), 20);
    return run;
  }

  #read(run: string, rows: readonly SessionRow[], from: number): void {
    const { finishes } = this.#options;
    const until = Math.min(rows.length, from + (finishes ? ROWS_AT_ONCE : Math.ceil(rows.length / 2)));
    const bytesTotal = rows.length * 12_345;
    this.#say({ kind: 'run-rows', run, from, rows: rows.slice(from, until) });
    this.#say({
      kind: 'run-progress',
      run,
      bytesRead: until * 12_345,
      bytesTotal,
      packets: until * 31,
      sessions: until,
    });
    if (!finishes) return;
    if (until < rows.length) {
      setTimeout(() => this.#read(run, rows, until), 10);
      return;
    }
    const capture: Capture = {
      ...CAPTURE,
      problems: this.#options.problems.map((message) => ({ code: 'made-up', message })),
    };
    this.#say({ kind: 'run-finished', run, captures: [capture], sessions: rows.length, errors: [], skipped: [] });
  }

  #judge(run: string, question: JudgeQuestionInput): JudgedRun {
    const rows = (this.#rows.get(run) ?? []).map(judgedRow);
    const failing = rows.filter(({ outcome }) => outcome === 'defer' || outcome === 'reject').length;
    const { at, trust } = question;
    return {
      judgedBy: {
        trust: {
          name: trust ?? 'mozilla',
          title: 'Roots that Mozilla trusts',
          issued: '2026-03-01',
          source: 'made up',
        },
        expectations: question.expectations?.name ?? null,
        profile: 'rfc5280',
        at: at === null ? 'capture' : typeof at === 'object' ? new Date(at.date * 1000).toISOString() : at,
        now: NOW,
      },
      rows,
      pools: [],
      headline:
        failing === 0
          ? `All ${rows.length} sessions deliver.`
          : `${failing} of ${rows.length} sessions would be deferred or rejected: Fabrikam presents mail.protection.outlook.com, Contoso expects mail.fabrikam.com.`,
      remedies:
        failing === 0
          ? []
          : [
              'Fabrikam: expect mail.protection.outlook.com in the connector to Fabrikam, since Fabrikam receives through Exchange Online Protection.',
              'Fabrikam: offer STARTTLS on every node behind the MX.',
            ],
    };
  }

  #row(run: string, id: string): SessionRow {
    const row = this.#rows.get(run)?.find((one) => one.id === id);
    if (row === undefined) throw new HostError({ code: 'no-session', message: `There is no session ${id}.` });
    return row;
  }

  #say(event: ApplicationEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const NOW = '2026-05-04T12:00:00Z';

const QUESTION: JudgeQuestionInput = {
  trust: 'sample',
  expectations: { name: 'sample.yaml', text: 'partners: []\n' },
  at: 'capture',
};

const CAPTURE: Capture = {
  file: '/home/alice/captures/contoso-to-fabrikam-via-eop.pcapng',
  format: 'pcapng',
  compression: null,
  byteLength: 148_140,
  packetCount: 372,
  linkTypes: ['ETHERNET'],
  firstPacketAt: '2014-09-03T10:00:00Z',
  lastPacketAt: '2014-09-03T10:15:00Z',
  problems: [],
};

const POLICIES: readonly DescribedPolicy[] = [
  policy('mozilla', 'Roots that Mozilla trusts', '2026-03-01'),
  policy('eop-2014', 'What Exchange Online Protection trusted in 2014', '2014-09-01'),
  policy('sample', 'The roots of the sample story', null),
];

function policy(name: string, title: string, issued: string | null): DescribedPolicy {
  return {
    name,
    title,
    issued,
    source: 'made up',
    description: null,
    origin: 'built-in',
    file: null,
    replacesBuiltIn: false,
    rules: {
      profile: 'rfc5280',
      sha1: false,
      minimumRsaBits: 2048,
      commonNameFallback: false,
      requireRevocation: false,
      time: null,
    },
    anchors: [],
    intermediates: [],
    problems: [],
  };
}
