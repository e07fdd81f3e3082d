import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool } from '../support/tools.ts';
import { selectedSession, tableOf, WindowPages } from './window-page.ts';

describe.skipIf(!hasTool('chromium'))('the window', () => {
  let pages: WindowPages;
  beforeAll(async () => {
    pages = await WindowPages.open();
  });
  afterAll(async () => {
    await pages.close();
    expect(pages.errors).toEqual([]);
  });

  describe('start', () => {
    it('opens the sample, a recent file and a picked file', async () => {
      const page = await pages.show('sessions=12');
      await page.getByRole('button', { name: /relay-2014/ }).click();
      await tableOf(page).waitFor();
      await page.getByRole('button', { name: 'StartTrace' }).click();
      const picking = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open captures…' }).click();
      await (await picking).setFiles({ name: 'a.pcap', mimeType: '', buffer: Buffer.from('x') });
      await page.getByRole('button', { name: 'a.pcap', exact: true }).waitFor();
      expect(await page.evaluate(() => window.fakeHost.opened)).toEqual(['a.pcap']);
    });

    it('opens what is dropped anywhere, and says so before', async () => {
      const page = await pages.sample(12);
      const transfer = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        data.items.add(new File(['x'], 'dropped.pcapng'));
        return data;
      });
      await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
      await page.getByText('Drop to open').waitFor();
      await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
      await page.getByText('Drop to open').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'dropped.pcapng', exact: true }).waitFor();
      expect(await page.evaluate(() => window.fakeHost.opened)).toEqual(['dropped.pcapng']);
    });
  });

  describe('reading', () => {
    it('tells bytes, packets and sessions, and stops on request', async () => {
      const page = await pages.show('sessions=100&open=sample&reading=1');
      await page.getByText('617 kB of 1.2 MB · 1,550 packets · 50 sessions').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('Stopped: 50 sessions were read until then.').waitFor();
    });

    it('shows what was wrong with a capture until that is dismissed', async () => {
      const page = await pages.show('sessions=12&open=sample&problem=Frame+12+is+cut');
      const messages = page.getByRole('region', { name: 'Messages' });
      await messages.getByText('Frame 12 is cut').waitFor();
      await messages.getByRole('button', { name: 'Dismiss' }).click();
      await messages.waitFor({ state: 'detached' });
    });

    it('explains a capture without a session', async () => {
      const page = await pages.show('sessions=0&open=sample');
      await page.getByRole('heading', { name: 'No SMTP session in this capture.' }).waitFor();
    });
  });

  describe('judging', () => {
    const asked = (page: Page) =>
      page.evaluate(() => window.fakeHost.calls.filter(({ name }) => name === 'judge').at(-1)?.input);

    it('happens anew at once by another point in time and another policy', async () => {
      const page = await pages.sample(24);
      await page.getByRole('button', { name: /^as of/ }).click();
      await page.getByRole('radio', { name: /^Now/ }).check();
      await page.getByRole('button', { name: /^as of now/ }).waitFor();
      expect(await asked(page)).toMatchObject({ question: { at: 'now', trust: 'sample' } });
      await page.getByLabel('A date').fill('2016-01-02');
      expect(await asked(page)).toMatchObject({ question: { at: { date: Date.UTC(2016, 0, 2) / 1000 } } });
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^trust/ }).click();
      await page.getByRole('radio', { name: /^mozilla/ }).check();
      expect(await asked(page)).toMatchObject({ question: { trust: 'mozilla' } });
      await page.getByRole('textbox', { name: /^Roots in a file/ }).fill('/etc/roots.pem');
      await page.getByRole('button', { name: 'Use' }).click();
      expect(await asked(page)).toMatchObject({ question: { trust: '/etc/roots.pem' } });
    });

    it('says what to change', async () => {
      const page = await pages.sample(24);
      await page.getByRole('button', { name: 'What to change' }).click();
      await page.getByText('offer STARTTLS on every node').waitFor();
    });
  });

  describe('commands', () => {
    it('go to a session', async () => {
      const page = await pages.sample(300);
      await page.keyboard.press('Control+k');
      await page.keyboard.type('s123');
      await page.keyboard.press('Enter');
      await tableOf(page).locator('[data-session="s123"]').waitFor();
      expect(await selectedSession(page)).toBe('s123');
    });

    it('switch the theme, which is remembered', async () => {
      const page = await pages.show('');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('theme dark');
      await page.keyboard.press('Enter');
      const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
      expect(await theme()).toBe('dark');
      await page.reload();
      expect(await theme()).toBe('dark');
    });

    it('are told at ?', async () => {
      const page = await pages.show('');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    });
  });

  describe('accessibility', () => {
    const findings = async (page: Page): Promise<readonly string[]> => {
      // The content security policy keeps scripts out of the page, not those of its debugger.
      await page.evaluate(axe.source);
      return page.evaluate(async () => {
        const { axe } = window as unknown as { readonly axe: typeof import('axe-core') };
        // The detail has tests of its own.
        const { violations } = await axe.run({ exclude: ['.sessions-detail'] });
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
      });
    };

    for (const dark of [false, true]) {
      it(`has no serious findings in the ${dark ? 'dark' : 'light'} theme`, async () => {
        const start = await pages.show('', { dark });
        await start.getByRole('heading', { name: /Drop a capture/ }).waitFor();
        expect(await findings(start)).toEqual([]);
        const page = await pages.sample(24, { dark });
        await page.getByRole('region', { name: /^Session s/ }).waitFor();
        expect(await findings(page)).toEqual([]);
        await page.getByRole('button', { name: /^trust/ }).click();
        expect(await findings(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        expect(await findings(page)).toEqual([]);
      });
    }

    it('fits into 1024 by 700 without scrolling sideways', async () => {
      const page = await pages.sample(24, { width: 1024, height: 700 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1024);
      expect(await tableOf(page).evaluate((grid) => grid.scrollWidth - grid.clientWidth)).toBe(0);
    });
  });
});
