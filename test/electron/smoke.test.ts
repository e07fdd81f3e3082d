/** The real Electron: as it was installed, and as it was packaged. Where its binary cannot be had, this is skipped. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findElectron } from '../../electron/cli/electron-window.ts';
import type { StartTraceBridge } from '../../shared/contract/bridge.ts';
import { temporaryFolder } from '../support/application.ts';
import { ensureBuilt, ROOT, STORY } from '../support/command.ts';

const PATIENCE = { timeout: 30_000, interval: 200 };
const PAGE = 'starttrace://app/index.html';

const electron = findElectron(pathToFileURL(join(ROOT, 'dist/')));
const packaged = process.env['STARTTRACE_PACKAGED'];
const hasDisplay =
  process.platform !== 'linux' || [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some((one) => one);

/** Its own data folder on every system. */
function environment(folder: string): Record<string, string> {
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(kept), XDG_DATA_HOME: folder, APPDATA: folder };
}

/** It is written once a run has been read: page, protocol, threads and files have worked by then. */
async function recentFiles(folder: string): Promise<readonly { file: string; sessions: number }[]> {
  const file = join(folder, 'starttrace', 'recent-files.json');
  return vi.waitFor(() => {
    expect(existsSync(file)).toBe(true);
    return JSON.parse(readFileSync(file, 'utf8')).files;
  }, PATIENCE);
}

/** The closing line of a run names what was skipped: the name says why. */
function because(missing: string | null): string {
  return missing === null ? '' : ` (skipped: ${missing})`;
}

const noDisplay = hasDisplay ? null : 'there is no display';
const notInstalled = electron === null ? 'its binary is not here: npx install-electron --no' : noDisplay;
const notPackaged = packaged === undefined ? 'STARTTRACE_PACKAGED names no executable' : noDisplay;

describe.skipIf(notInstalled !== null)(`Electron as installed${because(notInstalled)}`, () => {
  const folder = temporaryFolder();
  let application: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    await ensureBuilt();
    if (electron === null) return;
    application = await _electron.launch({
      executablePath: electron.binary,
      args: [electron.main, STORY],
      env: environment(folder),
    });
    page = await application.firstWindow();
  });
  afterAll(() => application?.close());

  it('opens the capture of its command line', async () => {
    expect(page.url()).toBe(PAGE);
    expect(await recentFiles(folder)).toEqual([expect.objectContaining({ file: STORY })]);
  });

  it('the page reaches the application, and neither Node nor Electron', async () => {
    const found = await page.evaluate(async () => {
      const { starttrace, ...rest } = window as unknown as { starttrace: StartTraceBridge } & Record<string, unknown>;
      const about = await starttrace.about({});
      return { about, node: [typeof rest['require'], typeof rest['process'], typeof rest['ipcRenderer']] };
    });
    expect(found.about).toMatchObject({ kind: 'result', result: { host: 'electron' } });
    expect(found.node).toEqual(['undefined', 'undefined', 'undefined']);
  });

  it('the policy holds: no inline script, no eval, no request to elsewhere', async () => {
    const outcome = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.inline = true';
      document.head.append(script);
      const fetched = await fetch('https://www.rfc-editor.org/').then(
        () => 'fetched',
        () => 'refused',
      );
      const frame = window.open('https://www.rfc-editor.org.evil.example/');
      return { inline: 'inline' in window, fetched, frame: frame === null };
    });
    expect(outcome).toEqual({ inline: false, fetched: 'refused', frame: true });
    await expect(page.evaluate(() => document.defaultView?.Function('return 1')())).rejects.toThrow(/eval|Policy/);
  });

  it('the page does not leave', async () => {
    await page.evaluate(() => window.location.assign('https://www.rfc-editor.org/')).catch(() => undefined);
    await page.waitForTimeout(500);
    expect(page.url()).toBe(PAGE);
  });
});

describe.skipIf(notPackaged !== null)(`Electron as packaged${because(notPackaged)}`, () => {
  // Its fuses keep debuggers out, and with them Playwright: what it leaves on disk tells.
  it('starts from its archive and reads a capture in its threads', async () => {
    const folder = temporaryFolder();
    const child = spawn(resolve(ROOT, packaged ?? ''), [STORY], { env: environment(folder), stdio: 'ignore' });
    try {
      expect(await recentFiles(folder)).toEqual([expect.objectContaining({ file: STORY })]);
    } finally {
      child.kill();
    }
  });
});
