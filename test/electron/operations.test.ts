import { beforeEach, describe, expect, it, vi } from 'vitest';
import { answerOperations, type OperationCaller } from '../../electron/main/operations.ts';
import { PAGE_ADDRESS } from '../../electron/main/security.ts';
import { bridge } from '../../electron/preload/bridge.ts';
import { ApplicationFailure } from '../../electron/service/application-failure.ts';
import type { StartTraceBridge } from '../../shared/contract/bridge.ts';
import { EVENT_CHANNEL, operationChannel } from '../../shared/contract/channels.ts';
import type { ApplicationEvent, OperationInput, OperationName } from '../../shared/contract/operations.ts';
import { OPERATIONS } from '../../shared/contract/operations.ts';
import { BrowserWindow, becomeReady, electron, invokeAs, resetElectron } from '../support/electron-stand-in.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

const SHA256 = 'ab'.repeat(32);
const EXPECTATIONS = { name: 'expectations.yaml', text: 'partners: []' };

/** A good input for each operation. */
const INPUTS: { readonly [N in OperationName]: OperationInput<N> } = {
  openCaptures: { names: ['/captures/east.pcapng'] },
  openUploads: { tickets: ['ticket-1'] },
  chooseCaptures: {},
  openSample: {},
  cancelRun: { run: 'r1' },
  closeRun: { run: 'r1' },
  session: { run: 'r1', id: 's1' },
  certificate: { run: 'r1', sha256: SHA256 },
  judge: { run: 'r1', question: { trust: 'mozilla', expectations: EXPECTATIONS, at: { date: 1_400_000_000 } } },
  judgedSession: { run: 'r1', id: 's1' },
  exportCertificates: { run: 'r1', certificates: [SHA256], format: 'pem' },
  trustPolicies: {},
  checkExpectations: EXPECTATIONS,
  openExpectations: { file: null },
  saveExpectations: { file: null, text: 'partners: []' },
  importConnectors: { text: 'Name : Fabrikam' },
  whatIf: { expectations: EXPECTATIONS, movesTo: 'eop', only: null, direction: 'both', trust: null },
  catalogue: {},
  recentFiles: {},
  forgetRecentFiles: {},
  openInWireshark: { run: 'r1', capture: 0, frame: 12 },
  about: {},
};

const NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Answers with what it was asked. */
class Caller {
  readonly asked: { name: string; input: unknown }[] = [];
  call: OperationCaller['call'] = async (name, input) => {
    this.asked.push({ name, input });
    return { echo: name, input } as never;
  };
}

let caller: Caller;
let window: BrowserWindow;

beforeEach(() => {
  resetElectron();
  becomeReady();
  caller = new Caller();
  answerOperations(caller);
  window = new BrowserWindow({ webPreferences: {} });
  window.webContents.mainFrame.url = PAGE_ADDRESS;
});

const ask = (target: StartTraceBridge, name: OperationName, input: unknown): Promise<unknown> =>
  (target[name] as (input: unknown) => Promise<unknown>)(input);

describe('from the page to the application and back', () => {
  it.each(NAMES)('%s', async (name) => {
    const answer = await ask(bridge, name, INPUTS[name]);
    expect(caller.asked).toEqual([{ name, input: INPUTS[name] }]);
    expect(answer).toEqual({ kind: 'result', result: { echo: name, input: INPUTS[name] } });
  });

  it('the bridge has a function for each operation, and two more', () => {
    expect(Object.keys(bridge).sort()).toEqual([...NAMES, 'onEvent', 'pathsOf'].sort());
  });

  it('there is a channel for each operation, and no other', () => {
    expect([...electron.handlers.keys()].sort()).toEqual(NAMES.map((name) => operationChannel(name)).sort());
  });

  it('what cannot be done comes back as data, with its code', async () => {
    caller.call = async () => {
      throw new ApplicationFailure('run-unknown', 'This run is not open any more.');
    };
    const error = { code: 'run-unknown', message: 'This run is not open any more.' };
    await expect(bridge.session(INPUTS.session)).resolves.toEqual({ kind: 'error', error });
  });

  it('a mistake of ours shows no stack', async () => {
    caller.call = async () => {
      throw new TypeError('x is undefined');
    };
    const answer = JSON.stringify(await bridge.about({}));
    expect(answer).toContain('x is undefined');
    expect(answer).not.toContain('.ts:');
  });

  it('what cannot be cloned is refused where it is asked', async () => {
    const answer = await ask(bridge, 'about', { wrong: () => undefined });
    expect(answer).toMatchObject({ kind: 'error', error: { code: 'no-answer' } });
    expect(caller.asked).toEqual([]);
  });

  it('a main process that has no such channel is told as an error', async () => {
    electron.handlers.clear();
    await expect(bridge.about({})).resolves.toMatchObject({ kind: 'error', error: { code: 'no-answer' } });
  });
});

describe('what is refused before anything else', () => {
  const page = (): { sender: unknown; senderFrame: unknown } => {
    const { webContents } = window;
    return { sender: webContents, senderFrame: webContents.mainFrame };
  };
  const refused = (code: string): unknown => ({ kind: 'error', error: expect.objectContaining({ code }) });

  it.each([
    ['a frame within the page', () => ({ ...page(), senderFrame: { url: PAGE_ADDRESS } })],
    ['a frame that is gone', () => ({ ...page(), senderFrame: null })],
    [
      'a page from the internet',
      () => {
        window.webContents.mainFrame.url = 'https://app/index.html';
        return page();
      },
    ],
    [
      'another host of our scheme',
      () => {
        window.webContents.mainFrame.url = 'starttrace://elsewhere/index.html';
        return page();
      },
    ],
    [
      'a file',
      () => {
        window.webContents.mainFrame.url = 'file:///starttrace://app/index.html';
        return page();
      },
    ],
    [
      'a scheme that only begins like ours',
      () => {
        window.webContents.mainFrame.url = 'starttrace-evil://app/index.html';
        return page();
      },
    ],
    [
      'a page without an address',
      () => {
        window.webContents.mainFrame.url = '';
        return page();
      },
    ],
  ])('%s, on every channel', async (_, event) => {
    for (const name of NAMES) {
      const answer = await invokeAs(event(), operationChannel(name), INPUTS[name]);
      expect(answer).toEqual(refused('sender-refused'));
    }
    expect(caller.asked).toEqual([]);
  });

  it.each(NAMES)('%s with a field that it does not have', async (name) => {
    const answer = await ask(bridge, name, { ...INPUTS[name], channel: 'about' });
    expect(answer).toEqual(refused('input-invalid'));
    expect(caller.asked).toEqual([]);
  });

  it.each(NAMES)('%s with nothing, null, text, a list, two values', async (name) => {
    for (const input of [undefined, null, 'text', [INPUTS[name]], 7]) {
      expect(await ask(bridge, name, input)).toEqual(refused('input-invalid'));
    }
    expect(await invokeAs(page(), operationChannel(name))).toEqual(refused('input-invalid'));
    expect(await invokeAs(page(), operationChannel(name), INPUTS[name], 'more')).toEqual(refused('input-invalid'));
    expect(caller.asked).toEqual([]);
  });

  it('values outside of their bounds, with the place', async () => {
    const answer = await ask(bridge, 'session', { run: '../../etc', id: 's1' });
    expect(answer).toEqual({
      kind: 'error',
      error: { code: 'input-invalid', message: expect.stringContaining('(run)') },
    });
    expect(await ask(bridge, 'openCaptures', { names: [] })).toEqual(refused('input-invalid'));
    expect(await ask(bridge, 'openInWireshark', { run: 'r1', capture: 0.5, frame: 1 })).toEqual(
      refused('input-invalid'),
    );
  });
});

describe('what the application says without being asked', () => {
  const event: ApplicationEvent = { kind: 'run-cancelled', run: 'r1' };

  it('reaches the listeners of the page, without anything of Electron, until they end', () => {
    const heard: unknown[][] = [];
    const end = bridge.onEvent((...values) => heard.push(values));
    window.webContents.send(EVENT_CHANNEL, event);
    end();
    window.webContents.send(EVENT_CHANNEL, event);
    expect(heard).toEqual([[event]]);
  });
});

describe('files that were dropped', () => {
  it('are named by their paths; what is no file of this machine has none', () => {
    const [dropped, made] = [new File(['x'], 'a.pcap'), new File(['x'], 'b.pcap')];
    electron.filePaths.set(dropped, '/captures/a.pcap');
    expect(bridge.pathsOf([dropped, made, { name: 'c.pcap' }])).toEqual(['/captures/a.pcap', '', '']);
  });
});
