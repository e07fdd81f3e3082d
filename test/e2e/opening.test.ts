import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/application.ts';
import { capture, ensureBuilt, HAS_SCRIPT, runOnTerminal, STORY } from '../support/command.ts';
import { writeManySessions } from '../support/many-sessions.ts';
import { drop, ServedCommand, WindowBrowser } from '../support/served-window.ts';
import { hasTool } from '../support/tools.ts';
import { countOf, expectQuiet, headline, messagesOf, PATIENCE, rowOf, tableOf } from './window.ts';

describe.skipIf(!hasTool('chromium'))('opening captures', () => {
  let browser: WindowBrowser;
  const commands: ServedCommand[] = [];
  beforeAll(async () => {
    await ensureBuilt();
    browser = await WindowBrowser.launch();
  });
  afterEach(async () => {
    await browser.closePages();
    for (const served of commands.splice(0)) await served.stop();
  });
  afterAll(async () => {
    await browser?.close();
    expectQuiet(browser);
  });

  async function serve(...files: readonly string[]): Promise<Page> {
    const served = await ServedCommand.start(files);
    commands.push(served);
    return browser.page(served.address);
  }

  async function dropped(...names: readonly string[]): Promise<Page> {
    const page = await serve();
    await drop(page, new Map(names.map((name) => [name, readFileSync(capture(name))])));
    return page;
  }

  /** The tab of a run in the title bar. */
  const tab = (page: Page, name: string) =>
    page.getByRole('navigation', { name: 'Open captures' }).getByRole('button', { name, exact: true });

  describe('by argument', () => {
    it('serve FILE shows the file with its name', async () => {
      const page = await serve(STORY);
      await tab(page, 'contoso-to-fabrikam-via-eop.pcapng').waitFor();
      await rowOf(page, 's1').waitFor();
      expect(await tableOf(page).getAttribute('aria-rowcount')).toBe('13');
    });

    it('serve FOLDER reads its captures as one', async () => {
      const page = await serve(capture('ring'));
      await rowOf(page, 's1').waitFor();
      await headline(page)
        .filter({ hasText: /session/ })
        .waitFor();
    });

    it.skipIf(!HAS_SCRIPT)('open FILE prints the summary, shows the window and ends with it', async () => {
      const folder = temporaryFolder();
      const bin = join(folder, 'bin');
      const profileFile = join(folder, 'profile');
      mkdirSync(bin);
      // The real browser, but without a screen, and so that the test can look into it.
      const lines = [
        '#!/bin/sh',
        `for word in "$@"; do case "$word" in --user-data-dir=*) echo "\${word#*=}" > '${profileFile}';; esac; done`,
        'exec /usr/bin/chromium --headless=new --no-sandbox --remote-debugging-port=0 "$@"',
      ];
      writeFileSync(join(bin, 'chromium'), `${lines.join('\n')}\n`);
      chmodSync(join(bin, 'chromium'), 0o755);
      const ended = runOnTerminal(['open', STORY], {
        env: { DISPLAY: ':99', PATH: `${bin}:${process.env['PATH']}`, XDG_DATA_HOME: folder },
      });
      const portFile = await eventually(() => {
        const profile = existsSync(profileFile) ? readFileSync(profileFile, 'utf8').trim() : '';
        const file = join(profile, 'DevToolsActivePort');
        return profile !== '' && existsSync(file) ? file : null;
      });
      const port = await eventually(() => readFileSync(portFile, 'utf8').split('\n')[0] || null);
      const attached = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      const page = await eventually(() => attached.contexts()[0]?.pages()[0] ?? null);
      await rowOf(page, 's1').waitFor();
      // What a reader of the history or of a screenshot would find.
      expect(new URL(page.url()).hash).toBe('');
      await (await attached.newBrowserCDPSession()).send('Browser.close');
      const { code, stdout } = await ended;
      expect(code).toBe(0);
      expect(stdout).toContain('12 SMTP sessions');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
  });

  describe('by drop', () => {
    it('one file', async () => {
      const page = await dropped('contoso-to-fabrikam-via-eop.pcapng');
      await tab(page, 'contoso-to-fabrikam-via-eop.pcapng').waitFor();
      await rowOf(page, 's1').click();
      await page.getByRole('region', { name: 'Timeline' }).getByText('EHLO').first().waitFor();
    });

    it('several files at once become one run', async () => {
      const page = await dropped('client-certificate-chain.pcapng', 'chain-expired.pcap', 'format-gzip.pcap.gz');
      await tab(page, 'client-certificate-chain.pcapng and 2 more').waitFor();
      await expect.poll(async () => (await countOf(page).innerText()).replace(/\D/g, ''), PATIENCE).not.toBe('');
      await expect.poll(() => tableOf(page).locator('[data-session]').count()).toBeGreaterThanOrEqual(3);
    });

    it('a second drop is a second tab, and both can be closed', async () => {
      const page = await dropped('chain-expired.pcap');
      await rowOf(page, 's1').waitFor();
      await drop(page, new Map([['second.pcap', readFileSync(capture('chain-wildcard.pcap'))]]));
      await tab(page, 'second.pcap').waitFor();
      await rowOf(page, 's1').waitFor();
      await tab(page, 'chain-expired.pcap').click();
      await rowOf(page, 's1').waitFor();
      await page.getByRole('button', { name: 'Close second.pcap' }).click();
      await page.getByRole('button', { name: 'Close chain-expired.pcap' }).click();
      await headline(page)
        .filter({ hasText: /Drop a capture/ })
        .waitFor();
    });
  });

  describe('of files that are broken, empty or something else', () => {
    /** Each names the file, the place where there is one, and the next step; `sessions` were read nevertheless. */
    const damaged: readonly (readonly [file: string, message: RegExp, sessions: number])[] = [
      ['damage-cut-file.pcap', /ends inside a packet record at offset 4995.*copy the file again/i, 1],
      ['damage-cut-gzip.pcap.gz', /gzip data ends at offset 3411.*copy the file again/i, 1],
      ['damage-absurd-length.pcap', /frame 23 claims 2147483647 bytes.*offset 5065.*reading went on/i, 2],
      ['damage-block-length.pcapng', /behind frame 22.*offset 5528.*reading went on/i, 2],
    ];
    it.each(damaged)('%s: says what is missing, and shows what was read', async (file, message, sessions) => {
      const page = await dropped(file);
      const messages = messagesOf(page);
      await messages.getByText(message).first().waitFor();
      await messages
        .getByText(new RegExp(file.replaceAll('.', '\\.')))
        .first()
        .waitFor();
      await expect.poll(() => tableOf(page).locator('[data-session]').count()).toBe(sessions);
    });

    it('a capture without packets: says so, and how to capture', async () => {
      const page = await dropped('damage-header-only.pcap');
      await headline(page)
        .filter({ hasText: /No SMTP session|no packet/i })
        .waitFor();
      await page.getByText(/tcpdump -i any -s 0/).waitFor();
    });

    const foreign: readonly (readonly [name: string, bytes: Uint8Array, message: RegExp])[] = [
      ['empty.pcap', new Uint8Array(0), /empty\.pcap.*is empty.*Capture again/s],
      ['notes.pcap', Buffer.from('Not a capture,\nbut a few words.\n'), /notes\.pcap.*text file.*give the capture/s],
      ['trace.etl', etl(), /trace\.etl.*event trace.*etl2pcapng/s],
    ];
    it.each(foreign)('%s: says what it is, and what to do', async (name, bytes, message) => {
      const page = await serve();
      await drop(page, new Map([[name, bytes]]));
      await expect.poll(() => page.locator('body').innerText(), PATIENCE).toMatch(message);
      await headline(page).filter({ hasText: 'This could not be read.' }).waitFor();
    });

    it('one good file among bad ones is shown', async () => {
      const page = await serve();
      const good = readFileSync(capture('chain-expired.pcap'));
      await drop(
        page,
        new Map<string, Uint8Array>([
          ['good.pcap', good],
          ['notes.txt', Buffer.from('notes\n')],
        ]),
      );
      await rowOf(page, 's1').waitFor();
      await messagesOf(page)
        .getByText(/notes\.txt/)
        .first()
        .waitFor();
    });
  });

  it('a large file tells how far it is, and stops when it is told to', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'large.pcap');
    writeManySessions(file, 400_000);
    expect(statSync(file).size).toBeGreaterThan(200e6);
    const page = await serve(file);
    await page.getByRole('progressbar', { name: 'Reading' }).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await headline(page)
      .filter({ hasText: /^Stopped/ })
      .waitFor();
    await page
      .getByText(/stopped$/)
      .first()
      .waitFor();
    rmSync(folder, { recursive: true });
  });
});

/** The beginning of a Windows event trace: the buffer's size, and the marker of its first event. */
function etl(): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(72, 0xc001_0002, true);
  return bytes;
}

async function eventually<T>(look: () => T | null): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const found = look();
    if (found !== null) return found;
    await sleep(100);
  }
  throw new Error('It did not come.');
}
