import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { helpAfterMistakes, helpWhenPageFails } from '../../electron/main/failures.ts';
import { BrowserWindow, becomeReady, electron, resetElectron } from '../support/electron-stand-in.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

let window: BrowserWindow;

beforeEach(() => {
  resetElectron();
  becomeReady();
  window = new BrowserWindow({ webPreferences: {} });
  helpWhenPageFails(window as never);
});

const answered = (count = 1) => vi.waitFor(() => expect(electron.dialogs.length).toBe(count));

describe('a page that dies', () => {
  it('can be reloaded: nothing that was read is lost', async () => {
    electron.dialogAnswers.push({ response: 0 });
    window.webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 1 });
    await answered();
    expect(electron.dialogs[0].options).toMatchObject({ message: 'The window ran out of memory.' });
    await vi.waitFor(() => expect(window.webContents.reloads).toBe(1));
  });

  it('or closed', async () => {
    electron.dialogAnswers.push({ response: 1 });
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 });
    await vi.waitFor(() => expect(window.destroyed).toBe(true));
  });

  it('as it should is nothing to speak of', async () => {
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    await new Promise((fulfil) => setTimeout(fulfil, 10));
    expect(electron.dialogs).toEqual([]);
  });
});

describe('a page that does not answer', () => {
  it('may be waited for', async () => {
    window.emit('unresponsive');
    await answered();
    expect(window.webContents.reloads).toBe(0);
  });

  it('is ended and reloaded, with one question, not two', async () => {
    electron.dialogAnswers.push({ response: 1 });
    window.emit('unresponsive');
    await vi.waitFor(() => expect(window.webContents.reloads).toBe(1));
    expect(electron.dialogs.length).toBe(1);
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 });
    await answered(2);
  });
});

describe('a page that cannot be loaded', () => {
  it('is named with what to do next', () => {
    window.webContents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', 'starttrace://app/index.html', true);
    expect(electron.dialogs[0]).toMatchObject({
      kind: 'error',
      options: { content: expect.stringContaining('npm run build') },
    });
  });

  it('because another took its place is no failure', () => {
    window.webContents.emit('did-fail-load', {}, -3, 'ERR_ABORTED', 'starttrace://app/index.html', true);
    expect(electron.dialogs).toEqual([]);
  });
});

describe('what is not saved', () => {
  it.each([
    ['keeps the window open', 0, 0],
    ['is given up when the person says so', 1, 1],
  ])('%s', (_, answer, prevented) => {
    electron.dialogAnswers.push(answer);
    const preventDefault = vi.fn();
    window.webContents.emit('will-prevent-unload', { preventDefault });
    expect(preventDefault).toHaveBeenCalledTimes(prevented);
  });
});

describe('a mistake of ours', () => {
  let listeners: ((reason: unknown) => void)[];

  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const on = vi.spyOn(process, 'on').mockImplementation(() => process);
    helpAfterMistakes();
    listeners = on.mock.calls.map(([, listener]) => listener as (reason: unknown) => void);
  });
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['restarts', 0, ['relaunch', 'exit 1'], 0],
    ['copies the details and quits', 1, ['exit 1'], 1],
    ['goes on', 2, [], 0],
  ])('%s', (_, answer, order, copied) => {
    electron.dialogAnswers.push(answer);
    listeners[0](new Error('broken'));
    expect(electron.order).toEqual(order);
    expect(electron.clipboard.length).toBe(copied);
    for (const text of electron.clipboard) expect(text).toContain('broken');
    expect(electron.dialogs[0].options['detail']).toContain('Your captures are untouched');
  });

  it('in a promise is shown as well, whatever was thrown', () => {
    listeners[1]('just text');
    expect(electron.dialogs[0].options['detail']).toContain('just text');
  });

  it('with an endless story is shortened', () => {
    listeners[0](new Error('x'.repeat(100_000)));
    expect(String(electron.dialogs[0].options['detail']).length).toBeLessThan(2_000);
  });

  it('before the application is ready says that it cannot start', () => {
    electron.ready = false;
    listeners[0](new Error('broken'));
    expect(electron.dialogs[0].kind).toBe('error');
    expect(electron.order).toEqual(['exit 1']);
  });
});
