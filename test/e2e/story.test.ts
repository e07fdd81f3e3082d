import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../support/command.ts';
import { ServedCommand, WindowBrowser, type WindowOptions } from '../support/served-window.ts';
import { hasTool } from '../support/tools.ts';
import {
  countOf,
  detailOf,
  expectQuiet,
  headline,
  judgedSample,
  openSample,
  PATIENCE,
  rowOf,
  selectedRow,
  seriousFindings,
  tableOf,
} from './window.ts';

describe.skipIf(!hasTool('chromium'))('the story in the window', () => {
  let served: ServedCommand;
  let browser: WindowBrowser;
  beforeAll(async () => {
    await ensureBuilt();
    [served, browser] = await Promise.all([ServedCommand.start([]), WindowBrowser.launch()]);
    await openSample(await browser.page(served.address));
  });
  afterEach(() => browser.closePages());
  afterAll(async () => {
    await browser?.close();
    expect(await served?.stop()).toMatchObject({ code: 0, stderr: '' });
    expectQuiet(browser);
  });

  /** One more window of the same command: it finds the sample as the first one opened it. */
  async function sample(options?: WindowOptions): Promise<Page> {
    const page = await browser.page(served.address, options);
    await judgedSample(page);
    return page;
  }

  /** The sample opened in this window, which thereby knows its expectation file. */
  async function expectationsOfSample(): Promise<Page> {
    const page = await browser.page(served.address);
    await page.getByRole('button', { name: 'StartTrace', exact: true }).click();
    await openSample(page);
    await page.getByRole('button', { name: 'Expectations', exact: true }).click();
    return page;
  }

  describe('sessions', () => {
    it('answers in one sentence, with what to change one click away', async () => {
      const page = await sample();
      await headline(page)
        .filter({ hasText: /Fabrikam presents mail\.protection\.outlook\.com, where mail\.fabrikam\.com is expected/ })
        .waitFor();
      await page.getByRole('button', { name: 'What to change' }).click();
      await page
        .getByText(/Set TlsDomain to mail\.protection\.outlook\.com/)
        .first()
        .waitFor();
    });

    it('has a line for each session, with certificate, path and verdict', async () => {
      const page = await sample();
      expect(await tableOf(page).getAttribute('aria-rowcount')).toBe('13');
      const s1 = await rowOf(page, 's1').innerText();
      for (const words of ['10.99.0.10:25', 'mail.protection.outlook.com', 'TEST Baltimore CyberTr', 'deferred']) {
        expect(s1).toContain(words);
      }
      await expect.poll(() => rowOf(page, 's3').innerText()).toMatch(/not offered[\s\S]*in plaintext/);
      await expect.poll(() => rowOf(page, 's5').innerText()).toMatch(/refused[\s\S]*deferred/);
    });

    it('filters by text, by what failed and by partner', async () => {
      const page = await sample();
      await page.getByRole('button', { name: /^failed/ }).click();
      await expect.poll(() => countOf(page).innerText()).toMatch(/5 of 12/);
      await page.getByRole('combobox', { name: 'Partner' }).selectOption({ label: 'Fabrikam (3)' });
      await expect.poll(() => countOf(page).innerText()).toMatch(/3 of 12/);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('searchbox').fill('woodgrove');
      await expect.poll(() => countOf(page).innerText()).toMatch(/1 of 12/);
    });
  });

  describe('detail', () => {
    it('draws the dialogue, the switch to TLS and the certificate in their order, and shows a message in full', async () => {
      const page = await sample();
      const timeline = page.getByRole('region', { name: 'Timeline' });
      const messages = timeline.getByRole('option');
      await expect.poll(() => messages.count()).toBeGreaterThan(4);
      await timeline.getByRole('option', { name: /EHLO mail\.contoso\.com/ }).click();
      await timeline
        .getByText(/mail\.contoso\.com/)
        .first()
        .waitFor();
      await page.keyboard.press('End');
      const seen = new Set<string>();
      for (let step = 0; step < 40; step += 1) {
        for (const name of await messages.evaluateAll((all) =>
          all.map((one) => one.getAttribute('aria-label') ?? ''),
        )) {
          seen.add(name);
        }
        await page.keyboard.press('ArrowUp');
      }
      const words = [...seen].join('\n');
      for (const message of ['STARTTLS', 'ClientHello', 'Certificate', 'EHLO']) expect(words).toContain(message);
    });

    it('shows the certificates of both sides beside the verified path, with every field and its files', async () => {
      const page = await sample();
      const detail = detailOf(page, 's1');
      await detail.getByText('TEST Baltimore CyberTrust Root').first().waitFor();
      await detail
        .getByText(/name mail\.fabrikam\.com/)
        .first()
        .waitFor();
      await detail.getByText('*.mail.eo.outlook.com').first().waitFor();
      await detail
        .getByText(/Serial number/i)
        .first()
        .waitFor();
      const download = page.waitForEvent('download');
      await detail.getByRole('button', { name: 'Save PEM' }).click();
      expect((await download).suggestedFilename()).toMatch(/\.pem$/);
      await detail.getByRole('radio', { name: /^Client/ }).click();
      await detail.getByText('mail.contoso.com').first().waitFor();
    });

    it('explains a certificate that is not there, with the next step', async () => {
      const page = await sample();
      await rowOf(page, 's3').click();
      const detail = detailOf(page, 's3');
      await detail
        .getByRole('heading', { name: /No certificate/ })
        .first()
        .waitFor();
      expect(await detail.getByRole('tabpanel').innerText()).toMatch(/STARTTLS/);
    });

    it('gives each check with rule, evidence, remedy and source, and the frame that proves it', async () => {
      const page = await sample();
      const detail = detailOf(page, 's1');
      await detail.getByRole('tab', { name: /^Checks/ }).click();
      const fabrikam = detail.getByRole('region', { name: 'Fabrikam', exact: true });
      await fabrikam
        .getByText(/where mail\.fabrikam\.com is required/)
        .first()
        .waitFor();
      await fabrikam.getByText(/Set TlsDomain to mail\.protection\.outlook\.com/).waitFor();
      await fabrikam
        .getByText(/Set-OutboundConnector/)
        .first()
        .waitFor();
      await fabrikam
        .getByRole('button', { name: /^frame \d+$/ })
        .first()
        .click();
      const message = page.getByRole('region', { name: 'Timeline' }).getByRole('option', { selected: true });
      expect(await message.getAttribute('aria-label')).toContain('Certificate');
    });
  });

  describe('expectations', () => {
    it('hold each partner against what was seen, and lead to the session', async () => {
      const page = await expectationsOfSample();
      await page.getByText(/Mail fails for 3 of 6 partners/).waitFor();
      for (const partner of ['Fabrikam', 'Northwind Traders', 'Woodgrove Bank', 'Adventure Works', 'Tailspin Toys']) {
        await page.getByText(partner, { exact: true }).first().waitFor();
      }
      await page
        .getByRole('button', { name: /deferred/ })
        .first()
        .click();
      await detailOf(page, 's1').waitFor();
    });

    it('judge anew by what was changed: with the new name the mail is delivered', async () => {
      const page = await expectationsOfSample();
      const editor = page.getByRole('textbox', { name: 'Expectation file' });
      const text = await editor.inputValue();
      await editor.fill(text.replace('tlsDomain: mail.fabrikam.com', 'tlsDomain: "*.mail.protection.outlook.com"'));
      await page.getByRole('button', { name: 'Judge by this' }).last().click();
      await page.getByText(/Mail fails for 2 of 6 partners/).waitFor();
    });

    it('tell the line where something is wrong', async () => {
      const page = await expectationsOfSample();
      const editor = page.getByRole('textbox', { name: 'Expectation file' });
      await editor.fill((await editor.inputValue()).replace('kind: opportunistic', 'kind: optimistic'));
      const problems = page.getByRole('list', { name: 'What is wrong with the file' });
      await problems.getByRole('button', { name: /^5\d:\d+/ }).waitFor();
    });

    it('answer what breaks when a domain moves, with the commands and the notice', async () => {
      const page = await expectationsOfSample();
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByText(/4 of 6 connectors break/).waitFor();
      await page
        .getByText(/Set-OutboundConnector -Identity 'To Fabrikam'/)
        .first()
        .waitFor();
      await page.getByText('The notice to send').first().click();
      await page
        .getByText(/mail\.protection\.outlook\.com/)
        .last()
        .waitFor();
    });
  });

  describe('judging anew', () => {
    it('by another point in time: today the root of the story has ended', async () => {
      const page = await sample();
      await page.getByRole('button', { name: /^as of/ }).click();
      await page.getByRole('radio', { name: /^Now/ }).check();
      await page.getByRole('button', { name: /^as of now/ }).waitFor();
      await expect.poll(() => rowOf(page, 's1').innerText(), PATIENCE).toMatch(/invalid|to no root/);
      await page.getByLabel('A date').fill('2014-10-01');
      await expect.poll(() => rowOf(page, 's1').innerText(), PATIENCE).not.toMatch(/invalid|to no root/);
    });

    it('by other roots: Mozilla does not know the authorities of the story', async () => {
      const page = await sample();
      await page.getByRole('button', { name: /^trust/ }).click();
      await page
        .getByRole('radio', { name: /^mozilla\b/ })
        .first()
        .check();
      await expect.poll(() => rowOf(page, 's2').innerText(), PATIENCE).toMatch(/to no root/);
    });
  });

  it('can be walked by keyboard alone', async () => {
    const page = await sample();
    await page.keyboard.press('/');
    await page.keyboard.type('northwind');
    await expect.poll(() => countOf(page).innerText()).toMatch(/2 of 12/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Home');
    await expect.poll(() => selectedRow(page).getAttribute('data-session')).toBe('s2');
    await page.keyboard.press('ArrowDown');
    const second = await selectedRow(page).getAttribute('data-session');
    expect(second).not.toBe('s2');
    await page.keyboard.press('ArrowUp');
    await detailOf(page, 's2').waitFor();
    await page.keyboard.press('Enter');
    const inDetail = () => page.evaluate(() => document.activeElement?.closest('[data-part="detail"]') !== null);
    await expect.poll(inDetail).toBe(true);
    for (let step = 0; step < 30 && !(await isFocused(page, '[role="tab"]')); step += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: /^Checks/, selected: true }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => isFocused(page, '[role="grid"]')).toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('expectations');
    await page.keyboard.press('Enter');
    await page.getByText(/Mail fails for 3 of 6 partners/).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('as of now');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^as of now/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('s9');
    await page.keyboard.press('Enter');
    await detailOf(page, 's9').waitFor();
  });

  describe.each([false, true])('dark: %s', (dark) => {
    it('follows the system', async () => {
      const page = await sample({ dark });
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red = 0] = background.match(/\d+/g)?.map(Number) ?? [];
      expect(red < 128).toBe(dark);
    });

    it('axe-core finds nothing serious in any view', async () => {
      const page = await sample({ dark, width: 1024, height: 700 });
      const found: Record<string, readonly string[]> = {};
      const look = async (view: string): Promise<void> => {
        found[view] = await seriousFindings(page);
      };
      await detailOf(page, 's1').getByText('TEST Baltimore CyberTrust Root').first().waitFor();
      await look('certificates');
      await page.getByRole('tab', { name: /^Checks/ }).click();
      await page
        .getByText(/Set TlsDomain/)
        .first()
        .waitFor();
      await look('checks');
      await page.getByRole('tab', { name: 'Dialogue' }).click();
      await look('dialogue');
      await page.getByRole('button', { name: 'What to change' }).click();
      await rowOf(page, 's3').click();
      await page.getByRole('tab', { name: 'Certificates' }).click();
      await look('remedies, no certificate');
      await page.getByRole('button', { name: 'Expectations', exact: true }).click();
      await page.getByText(/Mail fails for/).waitFor();
      await look('expectations');
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByText(/connectors break/).waitFor();
      await look('what-if');
      await page.getByRole('tab', { name: 'Import from Exchange' }).click();
      await look('import');
      await page.getByRole('button', { name: 'StartTrace', exact: true }).click();
      await headline(page)
        .filter({ hasText: /Drop a capture/ })
        .waitFor();
      await look('start');
      expect(Object.entries(found).filter(([, findings]) => findings.length > 0)).toEqual([]);
    });
  });
});

function isFocused(page: Page, selector: string): Promise<boolean> {
  return page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
}
