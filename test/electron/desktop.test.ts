import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { filesOfCommandLine } from '../../electron/main/command-line-files.ts';
import { startDesktop } from '../../electron/main/desktop.ts';
import { PAGE_ADDRESS } from '../../electron/main/security.ts';
import { bridge } from '../../electron/preload/bridge.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';
import { EventRecord, installation, temporaryFolder } from '../support/application.ts';
import { capture, ROOT, STORY } from '../support/command.ts';
import { app, becomeReady, electron, type MenuItem, nativeTheme, resetElectron } from '../support/electron-stand-in.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

const OTHER = capture('chain-eop.pcap');
const argv = process.argv;
const before = ['uncaughtException', 'unhandledRejection'].map(
  (name) => [name, process.listeners(name as never)] as const,
);

let dataFolder: string;
let renderer: string;
/** What the page hears from its first moment on. */
let heard: EventRecord;

beforeEach(() => {
  resetElectron();
  dataFolder = join(temporaryFolder(), 'data');
  renderer = temporaryFolder();
  writeFileSync(join(renderer, 'index.html'), '<!doctype html>');
  heard = new EventRecord((listener) => bridge.onEvent(listener));
});

afterEach(async () => {
  process.argv = argv;
  app.emit('will-quit');
  for (const [name, known] of before) {
    for (const listener of process.listeners(name as never)) {
      if (!known.includes(listener)) process.off(name, listener);
    }
  }
});

async function startWith(files: readonly string[], hasPage = true): Promise<void> {
  process.argv = ['electron', 'main.js', ...files];
  const started = startDesktop({
    version: '0.0.0',
    installation: { ...installation('here'), renderer: hasPage ? renderer : null },
    dataFolder,
    preload: '/build/preload.cjs',
    icon: null,
  });
  if (electron.hasLock) becomeReady();
  await started;
}

async function opened(count = 1): Promise<readonly Extract<ApplicationEvent, { kind: 'run-opened' }>[]> {
  return vi.waitFor(() => {
    const found = heard.all.filter((event) => event.kind === 'run-opened');
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found;
  });
}

function menuItem(...labels: readonly string[]): MenuItem {
  let items: readonly MenuItem[] = electron.menu;
  for (const [index, label] of labels.entries()) {
    const found = items.find((item) => item.label === label);
    if (found === undefined) throw new Error(`The menu has no ${labels.slice(0, index + 1).join(' › ')}`);
    if (index === labels.length - 1) return found;
    items = found.submenu ?? [];
  }
  throw new Error('no labels');
}

describe('start', () => {
  it('opens one window with our page and its preload script', async () => {
    await startWith([]);
    expect(electron.windows.length).toBe(1);
    const [{ options, webContents }] = electron.windows;
    expect(options).toMatchObject({ minWidth: 900, minHeight: 600, title: 'StartTrace', show: false });
    expect(options.webPreferences).toMatchObject({ preload: '/build/preload.cjs', sandbox: true });
    await vi.waitFor(() => expect(webContents.mainFrame.url).toBe(PAGE_ADDRESS));
  });

  it('the lock comes before the sandbox, and both before the application is ready', async () => {
    await startWith([]);
    expect(electron.order).toEqual(['lock', 'sandbox']);
    expect(electron.paths.get('userData')).toBe(join(dataFolder, 'electron'));
    expect(existsSync(join(dataFolder, 'electron'))).toBe(true);
  });

  it('without the build of the window says what to do, and ends', async () => {
    await startWith([], false);
    expect(electron.dialogs[0]).toMatchObject({ kind: 'error' });
    expect(JSON.stringify(electron.dialogs[0])).toContain('npm run build');
    expect(electron.order).toContain('exit 1');
    expect(electron.windows).toEqual([]);
  });

  it('the background is that of the theme, and follows it', async () => {
    electron.dark = true;
    await startWith([]);
    expect(electron.windows[0].options['backgroundColor']).toBe('#16181c');
    electron.dark = false;
    nativeTheme.emit('updated');
    expect(electron.windows[0].backgroundColor).toBe('#ffffff');
  });

  it('the background is the surface of the page', () => {
    const tokens = readFileSync(join(ROOT, 'renderer/styles/tokens.css'), 'utf8');
    expect(tokens).toContain('--surface: light-dark(#ffffff, #16181c);');
  });
});

describe('files', () => {
  it('of the command line are opened as one run once the page is there, and analysed', async () => {
    await startWith([STORY, OTHER]);
    const [event] = await opened();
    expect(event.names).toEqual([STORY, OTHER]);
    const finished = await heard.of('run-finished', event.run);
    expect(finished.captures.length).toBe(2);
    expect(heard.rows(event.run).length).toBe(finished.sessions);
    const session = await bridge.session({ run: event.run, id: heard.rows(event.run)[0].id });
    expect(session.kind).toBe('result');
  });

  it('of a second instance are opened in the first window, which comes to the front', async () => {
    await startWith([]);
    const [window] = electron.windows;
    await vi.waitFor(() => expect(window.shown).toBe(1));
    window.minimized = true;
    app.emit('second-instance', {}, ['starttrace', '--flag'], '/', { files: [STORY] });
    const [event] = await opened();
    expect(event.names).toEqual([STORY]);
    expect(electron.windows.length).toBe(1);
    expect({ minimized: window.minimized, shown: window.shown }).toEqual({ minimized: false, shown: 2 });
  });

  it('what a second instance says in another form opens nothing', async () => {
    await startWith([]);
    for (const said of [null, 'x', { files: 'x' }, { files: [7] }, { files: [STORY], run: 'calc.exe' }]) {
      app.emit('second-instance', {}, [], '/', said);
    }
    await new Promise((fulfil) => setTimeout(fulfil, 50));
    expect(heard.all).toEqual([]);
  });

  it('a second instance hands its own over by their full paths, and ends', async () => {
    electron.hasLock = false;
    await startWith(['test/x.pcap']);
    expect(electron.handedOver).toEqual({ files: [resolve('test/x.pcap')] });
    expect(electron.order).toEqual(['lock', 'quit']);
    expect(electron.windows).toEqual([]);
  });

  it('of the Finder, one event for each and before the application is ready, are one run', async () => {
    process.argv = ['electron', 'main.js'];
    const started = startDesktop({
      version: '0.0.0',
      installation: { ...installation('here'), renderer },
      dataFolder,
      preload: '',
      icon: null,
    });
    const preventDefault = vi.fn();
    app.emit('open-file', { preventDefault }, STORY);
    app.emit('open-file', { preventDefault }, OTHER);
    becomeReady();
    await started;
    expect((await opened()).map(({ names }) => names)).toEqual([[STORY, OTHER]]);
    expect(preventDefault).toHaveBeenCalledTimes(2);
    app.emit('open-file', { preventDefault }, OTHER);
    app.emit('open-file', { preventDefault }, STORY);
    expect((await opened(2)).map(({ names }) => names)).toEqual([
      [STORY, OTHER],
      [OTHER, STORY],
    ]);
  });

  it('a file that is not there fails its run, and no more', async () => {
    await startWith([join(dataFolder, 'missing.pcap')]);
    const [event] = await opened();
    const said = await vi.waitFor(() => {
      const found = heard.all.find(({ kind }) => kind === 'run-finished' || kind === 'run-failed');
      expect(found).toBeDefined();
      return found;
    });
    expect(JSON.stringify(said)).toContain('no such file');
    expect(said?.run).toBe(event.run);
  });
});

describe('which words of a command line are files', () => {
  it('those that are no options, of ours or of Chromium', () => {
    const words = ['electron', 'main.js', '--no-sandbox', 'a.pcap', '-psn_0_12345', '', '/tmp/b.pcap'];
    expect(filesOfCommandLine(words, '/home/me', false)).toEqual(['/home/me/a.pcap', '/tmp/b.pcap']);
  });

  it('the packaged application has no script among them', () => {
    expect(filesOfCommandLine(['StartTrace', 'a.pcap'], '/home/me', true)).toEqual(['/home/me/a.pcap']);
  });

  it('behind -- all are', () => {
    expect(filesOfCommandLine(['StartTrace', '--', '-a.pcap'], '/home/me', true)).toEqual(['/home/me/-a.pcap']);
  });
});

describe('the window', () => {
  it('remembers its place', async () => {
    await startWith([]);
    const [window] = electron.windows;
    window.bounds = { x: 300, y: 200, width: 1200, height: 800 };
    window.maximized = true;
    window.close();
    app.emit('activate');
    expect(electron.windows[1].bounds).toEqual(expect.objectContaining({ x: 300, y: 200, width: 1200, height: 800 }));
    expect(electron.windows[1].maximized).toBe(true);
  });

  it('opened again learns of the runs that are open', async () => {
    await startWith([STORY]);
    const [{ run }] = await opened();
    await heard.of('run-finished', run);
    electron.windows[0].close();
    const again = new EventRecord((listener) => bridge.onEvent(listener));
    app.emit('activate');
    expect((await again.of('run-finished', run)).sessions).toBeGreaterThan(0);
    expect(again.rows(run)).toEqual(heard.rows(run).slice(0, again.rows(run).length));
    expect(again.rows(run).length).toBeGreaterThan(0);
  });

  it('a page that is loaded anew hears every event once', async () => {
    await startWith([]);
    await vi.waitFor(() => expect(electron.windows[0].shown).toBe(1));
    electron.windows[0].webContents.emit('did-finish-load');
    app.emit('second-instance', {}, [], '/', { files: [STORY] });
    const [{ run }] = await opened();
    await heard.of('run-finished', run);
    expect(heard.all.filter(({ kind }) => kind === 'run-finished').length).toBe(1);
    expect(heard.all.filter(({ kind }) => kind === 'run-opened').length).toBe(1);
  });

  it('a page that has crashed is told nothing', async () => {
    await startWith([]);
    const [{ webContents }] = electron.windows;
    await vi.waitFor(() => expect(webContents.mainFrame.url).toBe(PAGE_ADDRESS));
    webContents.crashed = true;
    app.emit('second-instance', {}, [], '/', { files: [STORY] });
    await new Promise((fulfil) => setTimeout(fulfil, 100));
    expect(webContents.sent).toEqual([]);
  });

  it.skipIf(process.platform === 'darwin')('closed ends the application, except on macOS', async () => {
    await startWith([]);
    electron.windows[0].close();
    expect(electron.order).toContain('quit');
  });
});

describe('the menu', () => {
  it('Open… asks, and opens what was chosen', async () => {
    await startWith([]);
    electron.dialogAnswers.push({ canceled: false, filePaths: [STORY, OTHER] });
    (await vi.waitFor(() => menuItem('&File', 'Open…'))).click?.();
    expect((await opened())[0].names).toEqual([STORY, OTHER]);
    expect(electron.dialogs[0]).toMatchObject({ kind: 'open', options: { title: 'Open captures' } });
  });

  it('Open Recent lists what was opened, the last first, and Clear Recent forgets it', async () => {
    await startWith([STORY]);
    await vi.waitFor(() => expect(menuItem('&File', 'Open Recent').submenu?.[0].label).toContain('via-eop'));
    menuItem('&File', 'Open Recent').submenu?.[0].click?.();
    expect((await opened(2))[1].names).toEqual([STORY]);
    // A run that is still read puts itself on the list when it is done.
    await vi.waitFor(() => expect(heard.all.filter(({ kind }) => kind === 'run-finished').length).toBe(2));
    menuItem('&File', 'Open Recent', 'Clear Recent').click?.();
    await vi.waitFor(() => expect(menuItem('&File', 'Open Recent').submenu?.[0].label).toBe('No Recent Captures'));
    expect(electron.order).toContain('clearRecentDocuments');
  });

  it('what the page forgets, the menu does not show any more', async () => {
    await startWith([STORY]);
    await vi.waitFor(() => expect(menuItem('&File', 'Open Recent').submenu?.[0].label).toContain('via-eop'));
    expect(electron.order).toContain(`addRecentDocument ${STORY}`);
    await bridge.forgetRecentFiles({});
    expect(menuItem('&File', 'Open Recent').submenu?.[0].label).toBe('No Recent Captures');
  });

  it('Open Sample brings what the sample is to be judged by', async () => {
    await startWith([]);
    (await vi.waitFor(() => menuItem('&File', 'Open Sample'))).click?.();
    const [event] = await opened();
    expect(event.names).toEqual([STORY]);
    expect(event).toMatchObject({ question: { expectations: { text: expect.stringContaining('Fabrikam') } } });
  });

  it('Help opens its pages in the browser of the system', async () => {
    await startWith([]);
    // Until its own menu is there, that of the application before may be.
    await vi.waitFor(() => {
      menuItem('&Help', 'Show Data Folder').click?.();
      expect(electron.openedOutside).toContain(dataFolder);
    });
    menuItem('&Help', 'Wireshark').click?.();
    await vi.waitFor(() => expect(electron.openedOutside.at(-1)).toBe('https://www.wireshark.org/'));
  });
});

describe('dialogs', () => {
  it('chooseCaptures opens what was chosen, or nothing', async () => {
    await startWith([]);
    await expect(bridge.chooseCaptures({})).resolves.toEqual({ kind: 'error', error: expect.anything() });
    await vi.waitFor(() => expect(electron.windows[0].webContents.mainFrame.url).toBe(PAGE_ADDRESS));
    await expect(bridge.chooseCaptures({})).resolves.toEqual({ kind: 'result', result: null });
    electron.dialogAnswers.push({ canceled: false, filePaths: [STORY] });
    await expect(bridge.chooseCaptures({})).resolves.toMatchObject({
      kind: 'result',
      result: { run: expect.any(String) },
    });
  });

  it('expectations are opened and saved where the person says', async () => {
    await startWith([]);
    await vi.waitFor(() => expect(electron.windows[0].webContents.mainFrame.url).toBe(PAGE_ADDRESS));
    mkdirSync(join(dataFolder, 'mine'));
    const file = join(dataFolder, 'mine', 'expectations.yaml');
    electron.dialogAnswers.push({ canceled: false, filePath: file });
    const saved = await bridge.saveExpectations({ file: null, text: 'partners: []\n' });
    expect(saved).toEqual({ kind: 'result', result: { file } });
    expect(readFileSync(file, 'utf8')).toBe('partners: []\n');
    electron.dialogAnswers.push({ canceled: false, filePaths: [file] });
    const read = await bridge.openExpectations({ file: null });
    expect(read).toEqual({ kind: 'result', result: { file, text: 'partners: []\n' } });
    await expect(bridge.openExpectations({ file: null })).resolves.toEqual({ kind: 'result', result: null });
    expect(electron.dialogs.map(({ kind }) => kind)).toEqual(['save', 'open', 'open']);
  });
});
