/** The application behind the expectations view: its own functions for files, and a made-up run for sessions. */

import { trustDocument } from '../../../electron/service/describe-trust.ts';
import { askWhatIf, checkExpectations, importedConnectors } from '../../../electron/service/expectation-documents.ts';
import type { JudgedRun, OperationInput, OperationName, SessionRow } from '../../../shared/contract/operations.ts';
import type { Outcome } from '../../../shared/contract/verdict.ts';
import { CATALOGUE } from '../../../shared/expect/catalogue.ts';

import type { Answered } from '../expectations-page.ts';

/** What was asked, in order. */
export interface Asked {
  readonly name: string;
  readonly input: unknown;
}

const SEEN: readonly (readonly [partner: string | null, outcome: Outcome | null, sessions: number])[] = [
  [null, null, 2],
  ['Fabrikam', 'deliver', 1],
  ['Fabrikam', 'defer', 3],
  ['Fabrikam, as the sender', 'reject', 1],
  ['Northwind Traders', 'deliver', 2],
  ['Woodgrove Bank', 'deliver', 1],
  ['Adventure Works', 'defer', 1],
  ['Tailspin Toys', 'deliver-in-plaintext', 1],
];

const SESSIONS = SEEN.flatMap(([partner, outcome, sessions]) =>
  Array.from({ length: sessions }, () => ({ partner, outcome })),
);

export const ROWS: readonly SessionRow[] = SESSIONS.map((_, at) => ({
  id: `s${at + 1}`,
  startedAt: `2014-09-03T10:0${at % 10}:11.482Z`,
  client: `10.99.0.1:${40_000 + at}`,
  server: '10.99.0.10:25',
  name: null,
  service: 'smtp',
  starttls: 'accepted',
  tls: 'TLS 1.2',
  tlsOutcome: 'established',
  certificate: 'mail.protection.outlook.com',
  visibility: 'visible',
  clientCertificate: null,
  notAfter: null,
}));

/** After the move Fabrikam's connector asks for the provider's name: the one thing that the made-up run looks at. */
function judged(expectations: OperationInput<'judge'>['question']['expectations']): JudgedRun {
  if (expectations?.text.includes('there-is-none.yaml')) {
    throw new Error('there-is-none.yaml: there is no such trust policy');
  }
  const mended = expectations?.text.includes('tlsDomain: mail.protection.outlook.com') ?? false;
  return {
    judgedBy: {
      trust: { name: 'mozilla', title: 'Mozilla', issued: null, source: 'made up' },
      expectations: expectations?.name ?? null,
      profile: 'path',
      at: 'capture',
      now: '2026-05-04T12:00:00Z',
    },
    rows: SESSIONS.map(({ partner, outcome }) => ({
      path: null,
      root: null,
      outcome: expectations === null ? null : mended && partner === 'Fabrikam' ? 'deliver' : outcome,
      partner: expectations === null ? null : partner,
    })),
    pools: [],
    headline: '',
    remedies: [],
  };
}

type Answers = { readonly [N in OperationName]?: (input: OperationInput<N>) => unknown };

/** Answers in JSON, as the page wants it. `asked` takes down every question. */
export function answering(asked: Asked[]): (name: OperationName, input: string) => Promise<string> {
  const answers: Answers = {
    checkExpectations: ({ text }) => checkExpectations(text),
    importConnectors: ({ text }) => importedConnectors(text),
    whatIf: (input) => askWhatIf(input),
    catalogue: () => CATALOGUE.map(({ id, title, from }) => ({ id, title, from })),
    trustPolicies: () => trustDocument(Date.UTC(2026, 4, 4) / 1000),
    recentFiles: () => [],
    judge: ({ question }) => judged(question.expectations),
    openExpectations: () => ({ file: '/home/alice/opened.yaml', text: 'version: 1\npartners: []\n' }),
    saveExpectations: ({ file }) => ({ file: file ?? '/home/alice/expectations.yaml' }),
  };
  return async (name, input) => {
    const question: never = JSON.parse(input) as never;
    asked.push({ name, input: question });
    return JSON.stringify(await answered(() => answers[name]?.(question)));
  };
}

async function answered(work: () => unknown): Promise<Answered<unknown>> {
  try {
    return { kind: 'value', value: (await work()) ?? null };
  } catch (error) {
    return {
      kind: 'error',
      error: { code: 'failed', message: error instanceof Error ? error.message : String(error) },
    };
  }
}
