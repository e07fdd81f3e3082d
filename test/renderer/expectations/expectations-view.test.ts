import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool } from '../../support/tools.ts';
import { builtPage, type ExpectationsPage, expectationsPage, type Files, startBrowser } from './window.ts';

const STORY = readFileSync(new URL('../../../examples/story/expectations.yaml', import.meta.url), 'utf8');
const FILE = '/home/alice/contoso.yaml';

const PASTE = `[PS] C:\\>Get-OutboundConnector | Format-List

Name             : To Litware
Identity         : To Litware
Enabled          : True
ConnectorType    : Partner
RecipientDomains : {litware.example}
SmartHosts       : {10.1.2.3}
TlsDomain        :
TlsSettings      : DomainValidation
`;

describe.skipIf(!hasTool('chromium'))('the expectations view', () => {
  let browser: Browser;
  let files: Files;
  const opened: ExpectationsPage[] = [];

  beforeAll(async () => {
    [files, browser] = await Promise.all([builtPage(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
  });

  async function shown(host: 'browser' | 'electron' = 'electron'): Promise<ExpectationsPage> {
    const one = await expectationsPage(browser, files, { width: 1440, height: 900, theme: 'light', host });
    opened.push(one);
    return one;
  }

  /** With the story in the editor; its trust policy is not one that comes with the application. */
  async function withStory(): Promise<ExpectationsPage> {
    const one = await shown();
    await one.openFile(STORY.replace('trust: trust-policy.yaml', 'trust: eop-2014'), FILE);
    await one.page.getByText('6 partners').waitFor();
    return one;
  }

  describe('the editor', () => {
    it('tells a mistake with its line 300 ms after it was typed, and leads to it', async () => {
      const { page, openFile } = await withStory();
      await openFile(STORY.replace('kind: pinned', 'kind: pined'), FILE);
      const problem = page.getByRole('button', { name: /Did you mean pinned/ });
      await problem.waitFor();
      const line = STORY.split('\n').findIndex((one) => one.includes('kind: pinned')) + 1;
      expect(await problem.textContent()).toContain(`${line}:13`);
      await problem.click();
      expect(await selection(page)).toBe('pined');
      await page.locator(`.editor-number[data-bad="true"]`, { hasText: String(line) }).waitFor();
      expect(await editor(page).getAttribute('aria-invalid')).toBe('true');
      await page.keyboard.type('pinned');
      await page.getByText('Nothing is wrong with the file').waitFor();
      expect(await page.locator('.editor-number[data-bad="true"]').count()).toBe(0);
    });

    it('asks for a check only once typing has paused', async () => {
      const { page, asked } = await withStory();
      const before = asked.filter(({ name }) => name === 'checkExpectations').length;
      await editor(page).focus();
      await page.keyboard.type('# forty characters of a comment, in a row', { delay: 5 });
      await page.waitForTimeout(700);
      expect(asked.filter(({ name }) => name === 'checkExpectations').length).toBe(before + 1);
    });

    it('indents with Tab and Shift+Tab, keeps the indentation on Enter, and takes all of it back', async () => {
      const { page } = await shown();
      await editor(page).focus();
      await page.keyboard.type('partners:\n- name: A\ndomains: [a.example]');
      expect(await editor(page).inputValue()).toBe('partners:\n  - name: A\n    domains: [a.example]');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Shift+Tab');
      expect(await editor(page).inputValue()).toBe('partners:\n  - name: A\n  domains: [a.example]  ');
      for (let at = 0; at < 80 && (await editor(page).inputValue()) !== ''; at++)
        await page.keyboard.press('Control+z');
      expect(await editor(page).inputValue()).toBe('');
    });

    it('lets go of the keyboard after Escape', async () => {
      const { page } = await withStory();
      await editor(page).focus();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Tab');
      expect(await editor(page).evaluate((field) => document.activeElement === field)).toBe(false);
      expect(await editor(page).inputValue()).not.toContain('  # What Contoso');
    });

    it('numbers the lines that are seen, also of a long file', async () => {
      const { page, openFile } = await shown();
      await openFile(`version: 1\n${'# a line\n'.repeat(20_000)}partners: []\n`, FILE);
      expect(await page.locator('.editor-number').count()).toBeLessThan(100);
      await editor(page).evaluate((field) => field.scrollTo(0, field.scrollHeight));
      await page.locator('.editor-number', { hasText: '20002' }).waitFor();
    });
  });

  describe('the file', () => {
    it('marks what is not saved, and saves with Ctrl+S where it was opened', async () => {
      const { page, asked } = await withStory();
      expect(await page.getByText('unsaved').count()).toBe(0);
      await editor(page).focus();
      await page.keyboard.type('# ');
      await page.getByText('unsaved').waitFor();
      await page.keyboard.press('Control+s');
      await page.getByText(`Saved as ${FILE}.`).waitFor();
      expect(await page.getByText('unsaved').count()).toBe(0);
      expect(asked.findLast(({ name }) => name === 'saveExpectations')?.input).toMatchObject({ file: FILE });
    });

    it('is downloaded where the host has no dialog', async () => {
      const { page } = await shown('browser');
      await page.getByRole('button', { name: 'Start from an example' }).click();
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const download = await downloading;
      expect(download.suggestedFilename()).toBe('expectations.yaml');
      expect(readFileSync(await download.path(), 'utf8')).toBe(await editor(page).inputValue());
    });

    it('is picked by a file field where the host has no dialog', async () => {
      const { page } = await shown('browser');
      const picking = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open a file…' }).click();
      await (await picking).setFiles({ name: 'mine.yaml', mimeType: '', buffer: Buffer.from(STORY) });
      await page.getByText('6 partners').waitFor();
    });

    it('is not replaced unsaved without being asked', async () => {
      const { page } = await withStory();
      await editor(page).focus();
      await page.keyboard.type('# mine: ');
      await page.getByRole('button', { name: 'Open…', exact: true }).click();
      await page.getByRole('button', { name: 'Keep' }).click();
      expect(await editor(page).inputValue()).toContain('# mine: ');
      await page.getByRole('button', { name: 'Open…', exact: true }).click();
      await page.getByRole('button', { name: 'Replace' }).click();
      await expect.poll(() => editor(page).inputValue()).toBe('version: 1\npartners: []\n');
    });
  });

  describe('partners × what was observed', () => {
    it('says whose mail fails once the capture is judged by the text', async () => {
      const { page, openRun } = await withStory();
      await openRun();
      await page.getByText('has not been judged by this file yet').waitFor();
      await page.getByRole('button', { name: 'Judge by this' }).first().click();
      await page
        .getByText('Mail fails for 3 of 6 partners: Fabrikam; Fabrikam, as the sender; Adventure Works.')
        .waitFor();
      const row = page.getByRole('row', { name: /^Fabrikam Exchange Online sends/ });
      expect(await row.getByRole('cell').first().textContent()).toBe('4');
      expect(await row.getByRole('listitem').allTextContents()).toEqual([
        'Fabrikam: ⊘deferred3 sessions, show the first→',
        'Fabrikam: ✓delivers1 session, show the first→',
      ]);
      await page.getByRole('row', { name: /^No partner of this file/ }).waitFor();
    });

    it('leads to the first failing session', async () => {
      const { page, openRun } = await withStory();
      await openRun();
      await page.getByRole('button', { name: 'Judge by this' }).first().click();
      await page.getByRole('button', { name: /^Fabrikam: deferred 3 sessions, show the first/ }).click();
      expect(await page.evaluate(() => window.expectationsStore.state)).toMatchObject({
        view: 'sessions',
        session: 's4',
      });
    });

    it('says when the capture was judged by another text, and judges anew with Ctrl+Enter', async () => {
      const { page, openRun } = await withStory();
      await openRun();
      await page.getByRole('button', { name: 'Judge by this' }).first().click();
      await page.getByText(/^Mail fails for 3/).waitFor();
      await page.getByRole('button', { name: 'Fabrikam', exact: true }).click();
      await editor(page).evaluate((field: HTMLTextAreaElement) => {
        const from = field.value.indexOf('tlsDomain: ') + 'tlsDomain: '.length;
        field.setSelectionRange(from, from + 'mail.fabrikam.com'.length);
      });
      await page.keyboard.type('mail.protection.outlook.com');
      await page.getByText('was judged by another text').waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByText('Mail fails for 2 of 6 partners: Fabrikam, as the sender; Adventure Works.').waitFor();
    });

    it('says why the capture could not be judged, and shows nothing in its place', async () => {
      const { page, openRun, openFile } = await withStory();
      await openRun();
      await openFile(STORY.replace('trust-policy.yaml', 'there-is-none.yaml'), FILE);
      await page.getByRole('button', { name: 'Judge by this' }).first().click();
      await page.getByText('there-is-none.yaml: there is no such trust policy').waitFor();
      expect(await page.getByRole('columnheader', { name: 'Sessions' }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Judge by this' }).isEnabled()).toBe(true);
    });

    it('makes a partner of the selected session', async () => {
      const { page, openRun } = await withStory();
      await openRun();
      await page.evaluate(() => window.expectationsStore.select('s2'));
      await page.getByRole('button', { name: 'Add the server of session s2' }).click();
      await page.getByText('7 partners').waitFor();
      expect(await editor(page).inputValue()).toContain('names: { includes: ["mail.protection.outlook.com"] }');
    });

    it('shows a partner in the file', async () => {
      const { page } = await withStory();
      await page.getByRole('button', { name: 'Woodgrove Bank' }).click();
      const before = await editor(page).evaluate((field: HTMLTextAreaElement) =>
        field.value.slice(0, field.selectionStart),
      );
      expect(before.split('\n').length).toBe(
        STORY.split('\n').findIndex((line) => line.includes('Woodgrove Bank')) + 1,
      );
    });
  });

  describe('import', () => {
    it('shows what a paste becomes with its warnings, and adds it to the file so that undo takes it back', async () => {
      const { page } = await withStory();
      const before = await editor(page).inputValue();
      await page.getByRole('tab', { name: 'Import from Exchange' }).click();
      await page.getByRole('textbox', { name: 'Paste what they print' }).fill(PASTE);
      await page.getByText('1 thing to look at').waitFor();
      expect(await page.getByRole('textbox', { name: 'Preview' }).inputValue()).toContain('- name: To Litware');
      await page.getByRole('button', { name: 'Add to the file' }).click();
      await page.getByRole('tab', { name: 'Partners' }).click();
      await page.getByText('7 partners').waitFor();
      await editor(page).focus();
      await page.keyboard.press('Control+z');
      expect(await editor(page).inputValue()).toBe(before);
    });

    it('makes a new file of it', async () => {
      const { page } = await shown();
      await page.getByRole('button', { name: 'Import from Exchange' }).click();
      await page.getByRole('textbox', { name: 'Paste what they print' }).fill(PASTE);
      await page.getByRole('button', { name: 'Use as a new file' }).click();
      await page.getByRole('tab', { name: 'Partners' }).click();
      await page.getByText('1 partner', { exact: true }).waitFor();
    });

    it('says why a paste is not understood', async () => {
      const { page } = await shown();
      await page.getByRole('tab', { name: 'Import from Exchange' }).click();
      await page
        .getByRole('textbox', { name: 'Paste what they print' })
        .fill('Name  TlsSettings\n----  -----------\nA     B\n');
      await page.getByText('Not understood').waitFor();
      expect(await page.getByRole('button', { name: 'Use as a new file' }).count()).toBe(0);
    });

    it('copies the commands to run', async () => {
      const { page } = await shown();
      await page.getByRole('tab', { name: 'Import from Exchange' }).click();
      await page.getByRole('listitem').filter({ hasText: 'Get-SendConnector' }).getByRole('button').click();
      expect(await clipboard(page)).toBe('Get-SendConnector | Format-List');
    });
  });

  describe('if a domain moves', () => {
    it('says what breaks, before and after, what to change, and the notice', async () => {
      const { page } = await withStory();
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByRole('combobox', { name: 'moves to' }).selectOption('eop-2014');
      await page.getByText('3 of 6 connectors break.').waitFor();
      const partner = page.getByRole('article', { name: 'Fabrikam', exact: true });
      expect(await partner.locator('.what-if-effect').textContent()).toContain('delivers');
      expect(await partner.locator('.what-if-effect').textContent()).toContain('deferred');
      expect(await partner.locator('.what-if-changes').textContent()).toContain('mail.fabrikam.com');
      await partner.getByTitle('Copy for Exchange PowerShell').click();
      expect(await clipboard(page)).toBe(
        "Set-OutboundConnector -Identity 'To Fabrikam' -TlsDomain 'mail.protection.outlook.com'",
      );
      await partner.getByText('The notice to send').click();
      await partner.getByTitle('Copy the notice').click();
      expect(await clipboard(page)).toMatch(/^Subject: Mail for fabrikam\.com moves/);
    });

    it('asks about one domain, one direction, another trust policy', async () => {
      const { page, asked } = await withStory();
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByRole('combobox', { name: 'moves to' }).selectOption('eop-2014');
      await page.getByRole('combobox', { name: 'Domain' }).fill('fabrikam.com');
      await page.getByText('2 of 2 connectors break.').waitFor();
      await page.getByRole('combobox', { name: 'mail' }).selectOption('inbound');
      await page.getByText('1 of 1 connector breaks.').waitFor();
      await page.getByRole('combobox', { name: 'trust' }).selectOption('mozilla');
      await page
        .getByText(/path leads to Baltimore CyberTrust Root/)
        .first()
        .waitFor();
      expect(asked.findLast(({ name }) => name === 'whatIf')?.input).toMatchObject({
        movesTo: 'eop-2014',
        only: 'fabrikam.com',
        direction: 'inbound',
        trust: 'mozilla',
      });
    });

    it('says in words that nobody of the file is concerned', async () => {
      const { page } = await withStory();
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByRole('combobox', { name: 'Domain' }).fill('elsewhere.example');
      await page.getByText('No expectation in the file concerns elsewhere.example.').waitFor();
    });

    it('waits for a file that is in order', async () => {
      const { page, openFile } = await shown();
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByText('There is no expectation file yet').waitFor();
      await openFile('version: 2\n', FILE);
      await page.getByText('Something is wrong with the file').waitFor();
    });
  });

  it('is walked by keyboard alone: tabs, a partner, the editor, a mistake', async () => {
    const { page } = await withStory();
    await page.getByRole('tab', { name: 'Partners' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('combobox', { name: 'moves to' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await editor(page).evaluate((field) => document.activeElement === field)).toBe(true);
    await page.keyboard.type('x: ');
    await page.locator('.file-problem').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('file-problem');
    await page.keyboard.press('Enter');
    expect(await editor(page).evaluate((field) => document.activeElement === field)).toBe(true);
  });

  it.each(['light', 'dark'] as const)('has nothing serious against it in axe, %s', async (theme) => {
    const one = await expectationsPage(browser, files, { width: 1024, height: 700, theme, host: 'browser' });
    opened.push(one);
    const { page } = one;
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    expect(await seriousFindings(page)).toEqual([]);
    await one.openFile(STORY.replace('trust: trust-policy.yaml', 'trust: eop-2014'), FILE);
    await one.openRun();
    await page.getByRole('button', { name: 'Judge by this' }).first().click();
    await page.getByText(/^Mail fails for/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('tab', { name: 'If a domain moves' }).click();
    await page.getByText('connectors break').waitFor();
    await page.getByText('The notice to send').first().click();
    await page.getByText('What was supposed').click();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Import from Exchange' }).click();
    await page.getByRole('textbox', { name: 'Paste what they print' }).fill(PASTE);
    await page.getByRole('textbox', { name: 'Preview' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await one.openFile('version: 2\npartners: x\n', FILE);
    await page.locator('.file-problem').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it.each([
    [1024, 700],
    [1440, 900],
  ])('fits into %i × %i', async (width, height) => {
    const one = await expectationsPage(browser, files, { width, height, theme: 'light', host: 'browser' });
    opened.push(one);
    await one.openFile(STORY, FILE);
    await one.openRun();
    await one.page.getByRole('button', { name: 'Judge by this' }).first().click();
    await one.page.getByText(/^Mail fails for/).waitFor();
    for (const tab of ['Partners', 'If a domain moves', 'Import from Exchange']) {
      await one.page.getByRole('tab', { name: tab }).click();
      const wider = await one.page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.tab-content, .file-pane, .file-bar')]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ className }) => className),
      );
      expect(wider).toEqual([]);
    }
  });
});

function editor(page: Page) {
  return page.getByRole('textbox', { name: 'Expectation file' }).and(page.locator('.editor-field'));
}

function selection(page: Page): Promise<string> {
  return editor(page).evaluate((field: HTMLTextAreaElement) =>
    field.value.slice(field.selectionStart, field.selectionEnd),
  );
}

async function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Rules of axe that are broken in a serious way, with the elements. */
async function seriousFindings(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: readonly AxeViolation[] }> } };
    interface AxeViolation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
  });
}
