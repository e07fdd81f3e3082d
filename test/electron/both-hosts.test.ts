/** The same operations over both hosts, to the same application: what the page gets must not tell one from the other. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerOperations } from '../../electron/main/operations.ts';
import { PAGE_ADDRESS } from '../../electron/main/security.ts';
import { tell } from '../../electron/main/window.ts';
import { bridge } from '../../electron/preload/bridge.ts';
import { OPERATIONS, type OperationName } from '../../shared/contract/operations.ts';
import { EventRecord, EXPECTATIONS, TestApplication } from '../support/application.ts';
import { STORY } from '../support/command.ts';
import { BrowserWindow, becomeReady, resetElectron } from '../support/electron-stand-in.ts';
import { type EventReader, TestLoopback } from '../support/loopback.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

/** A host as a page sees it. */
interface Reached {
  readonly ask: (name: OperationName, input: unknown) => Promise<unknown>;
  readonly events: EventRecord;
  run: string;
}

let reached: { readonly electron: Reached; readonly browser: Reached };
let stop: () => Promise<void>;

beforeAll(async () => {
  resetElectron();
  becomeReady();
  const { application } = new TestApplication('here');
  answerOperations(application);
  const window = new BrowserWindow({ webPreferences: {} });
  window.webContents.mainFrame.url = PAGE_ADDRESS;
  application.subscribe((event) => tell(window as never, event));
  const electron: Reached = {
    ask: (name, input) => (bridge[name] as (input: unknown) => Promise<unknown>)(input),
    events: new EventRecord((listener) => bridge.onEvent(listener)),
    run: '',
  };

  const loopback = await TestLoopback.start();
  const token = await loopback.token();
  const reader: EventReader = await loopback.events(token);
  const browser: Reached = {
    ask: async (name, input) => {
      const { status, text } = await loopback.call(token, name, input as never);
      const { result, error } = JSON.parse(text);
      return status === 200 ? { kind: 'result', result } : { kind: 'error', error };
    },
    events: reader.record,
    run: '',
  };
  reached = { electron, browser };
  stop = async () => {
    reader.close();
    await Promise.all([loopback.host.close(), application.close()]);
  };
  for (const host of [electron, browser]) {
    const answer = (await host.ask('openSample', {})) as { result: { run: string } };
    host.run = answer.result.run;
    await host.events.of('run-finished', host.run);
  }
});
afterAll(() => stop());

/** Names of runs are random. */
function withoutRun(value: unknown, { run }: Reached): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(run, 'RUN'));
}

async function compare(name: OperationName, input: (host: Reached) => unknown): Promise<unknown> {
  const [first, second] = await Promise.all(
    [reached.electron, reached.browser].map(async (host) => withoutRun(await host.ask(name, input(host)), host)),
  );
  expect(first).toEqual(second);
  return first;
}

const text = readFileSync(EXPECTATIONS, 'utf8');
const expectations = { name: EXPECTATIONS, text };
const firstRow = (host: Reached) => host.events.rows(host.run)[0];

async function firstCertificate(host: Reached): Promise<string> {
  const answer = (await host.ask('session', { run: host.run, id: firstRow(host).id })) as {
    result: { certificates: Record<string, unknown> };
  };
  return Object.keys(answer.result.certificates)[0];
}

describe('over both hosts alike', () => {
  it('the events of a run', () => {
    const said = [reached.electron, reached.browser].map((host) => {
      const mine = host.events.all.filter(({ run }) => run === host.run);
      return { rows: host.events.rows(host.run), last: withoutRun(mine.at(-1), host) };
    });
    expect(said[0].rows.length).toBe(12);
    expect(said[0]).toEqual(said[1]);
  });

  it('session, certificate, exportCertificates', async () => {
    const sha256 = await firstCertificate(reached.electron);
    expect(await firstCertificate(reached.browser)).toBe(sha256);
    const { id } = firstRow(reached.electron);
    expect(await compare('session', ({ run }) => ({ run, id }))).toMatchObject({ kind: 'result' });
    expect(await compare('certificate', ({ run }) => ({ run, sha256 }))).toMatchObject({ kind: 'result' });
    for (const format of ['pem', 'der', 'p7b']) {
      const answer = await compare('exportCertificates', ({ run }) => ({ run, certificates: [sha256], format }));
      expect(answer).toMatchObject({ kind: 'result' });
    }
  });

  it('judge, judgedSession', async () => {
    const question = { trust: null, expectations, at: 'capture' };
    expect(await compare('judge', ({ run }) => ({ run, question }))).toMatchObject({ kind: 'result' });
    const { id } = firstRow(reached.electron);
    expect(await compare('judgedSession', ({ run }) => ({ run, id }))).toMatchObject({ kind: 'result' });
  });

  it.each([
    ['checkExpectations', expectations],
    ['checkExpectations', { name: 'broken.yaml', text: 'partners: 7' }],
    ['openExpectations', { file: EXPECTATIONS }],
    ['catalogue', {}],
    ['whatIf', { expectations, movesTo: 'eop', only: null, direction: 'both', trust: null }],
    ['recentFiles', {}],
    ['forgetRecentFiles', {}],
  ] as const)('%s', async (name, input) => {
    expect(await compare(name, () => input)).toMatchObject({ kind: expect.stringMatching(/result|error/) });
  });

  it('what cannot be done', async () => {
    const failures: readonly (readonly [OperationName, unknown])[] = [
      ['session', { run: 'no-such-run', id: 's1' }],
      ['cancelRun', { run: 'no-such-run' }],
      ['openUploads', { tickets: ['no-such-ticket'] }],
      ['openExpectations', { file: '/no/such/file.yaml' }],
      ['importConnectors', { text: 'nothing of the kind' }],
      ['saveExpectations', { file: '/no/such/folder/expectations.yaml', text }],
      ['saveExpectations', { file: '/no/such/folder/expectations.sh', text }],
      ['openInWireshark', { run: 'no-such-run', capture: 0, frame: 1 }],
    ];
    for (const [name, input] of failures) {
      expect(await compare(name, () => input), name).toMatchObject({
        kind: 'error',
        error: { code: expect.any(String), message: expect.any(String) },
      });
    }
  });

  it('what has another form', async () => {
    for (const name of Object.keys(OPERATIONS) as OperationName[]) {
      expect(await compare(name, () => ({ unknown: 1 })), name).toMatchObject({ error: { code: 'input-invalid' } });
    }
  });

  it('openCaptures, closeRun', async () => {
    for (const host of [reached.electron, reached.browser]) {
      const answer = (await host.ask('openCaptures', { names: [STORY] })) as { result: { run: string } };
      await host.events.of('run-finished', answer.result.run);
    }
    expect(await compare('closeRun', ({ run }) => ({ run }))).toEqual({ kind: 'result', result: null });
    const gone = await compare('session', ({ run }) => ({ run, id: 's1' }));
    expect(gone).toMatchObject({ kind: 'error', error: { code: 'run-unknown' } });
  });
});
