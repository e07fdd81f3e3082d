import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool } from '../support/tools.ts';
import { judgedRow, sessionRows } from './rows.ts';
import { countOf, firstRow, selectedRow, selectedSession, tableOf, WindowPages } from './window-page.ts';

describe.skipIf(!hasTool('chromium'))('the sessions', () => {
  let pages: WindowPages;
  beforeAll(async () => {
    pages = await WindowPages.open();
  });
  afterAll(async () => {
    await pages.close();
    expect(pages.errors).toEqual([]);
  });

  describe('table', () => {
    it('begins with the first session that fails', async () => {
      const page = await pages.sample(24);
      const first = sessionRows(24).findIndex((row, at) =>
        ['defer', 'reject'].includes(judgedRow(row, at).outcome ?? ''),
      );
      expect(await selectedSession(page)).toBe(`s${first + 1}`);
    });

    it('is walked with the keyboard alone', async () => {
      const page = await pages.sample(300);
      await tableOf(page).focus();
      await page.keyboard.press('Home');
      expect(await selectedSession(page)).toBe('s1');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      expect(await selectedSession(page)).toBe('s3');
      await page.keyboard.press('ArrowUp');
      expect(await selectedSession(page)).toBe('s2');
      await page.keyboard.press('End');
      await selectedRow(page).waitFor();
      expect(await selectedSession(page)).toBe('s300');
      await page.keyboard.press('PageUp');
      const paged = Number((await selectedSession(page))?.slice(1));
      expect(paged).toBeLessThan(300);
      await page.keyboard.press('PageDown');
      expect(await selectedSession(page)).toBe('s300');
      const pointed = await tableOf(page).getAttribute('aria-activedescendant');
      expect(await page.locator(`[id="${pointed}"]`).getAttribute('data-session')).toBe('s300');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Session s300');
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
      await page.keyboard.press('Escape');
      await page.getByRole('region', { name: 'Session s300' }).waitFor({ state: 'detached' });
    });

    it('says its rows and columns to screen readers', async () => {
      const page = await pages.sample(300);
      expect(await tableOf(page).getAttribute('aria-rowcount')).toBe('301');
      expect(await tableOf(page).getAttribute('aria-colcount')).toBe('8');
      expect(await page.getByRole('columnheader').count()).toBe(8);
    });

    it('sorts by a head, the other way, and not at all', async () => {
      const page = await pages.sample(300);
      const head = page.getByRole('columnheader', { name: 'Verdict' });
      await head.getByRole('button').click();
      await firstRow(page).getByText('rejected').waitFor();
      expect(await head.getAttribute('aria-sort')).toBe('ascending');
      await head.getByRole('button').press('Enter');
      expect(await head.getAttribute('aria-sort')).toBe('descending');
      await head.getByRole('button').press('Enter');
      expect(await head.getAttribute('aria-sort')).toBe('none');
      expect(await firstRow(page).getAttribute('data-session')).toBe('s1');
    });

    it('reaches heads with arrows, makes columns wider, and remembers them', async () => {
      const page = await pages.sample(24);
      const heads = page.getByRole('columnheader');
      const widthOf = async (at: number) => (await heads.nth(at).boundingBox())?.width ?? 0;
      await heads.nth(0).getByRole('button').focus();
      await page.keyboard.press('ArrowRight');
      const before = await widthOf(1);
      await page.keyboard.press('Shift+ArrowRight');
      await page.keyboard.press('Shift+ArrowRight');
      expect(await widthOf(1)).toBeCloseTo(before + 32, 0);
      await page.reload();
      await page.getByText('would be deferred or rejected').waitFor();
      expect(await widthOf(1)).toBeCloseTo(before + 32, 0);
    });

    it('drags a column from where it is', async () => {
      const page = await pages.sample(24);
      const head = page.getByRole('columnheader', { name: 'TLS', exact: true });
      const box = await head.boundingBox();
      const handle = await head.locator('.head-resize').boundingBox();
      if (box === null || handle === null) throw new Error('The head is not in the page.');
      const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 40, y, { steps: 4 });
      await page.mouse.up();
      expect((await head.boundingBox())?.width).toBeCloseTo(box.width + 40, -1);
    });

    it('hides a column', async () => {
      const page = await pages.sample(24);
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'TLS', exact: true }).uncheck();
      expect(await page.getByRole('columnheader').count()).toBe(7);
    });

    it('copies a name of the selected row, and never on the click that selects', async () => {
      const page = await pages.sample(24);
      await page.evaluate(() => navigator.clipboard.writeText('before'));
      const name = firstRow(page).locator('[data-column="name"] [data-copy]');
      await name.click();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('before');
      await page.waitForTimeout(600);
      await name.click();
      await page.getByRole('status').getByText('Copied', { exact: true }).first().waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(sessionRows(1)[0].name);
    });

    it('holds 100,000 sessions with a few rows in the page', async () => {
      const page = await pages.sample(100_000);
      await tableOf(page).focus();
      await page.keyboard.press('End');
      await tableOf(page).locator('[data-session="s100000"]').waitFor();
      expect(await tableOf(page).locator('[role="row"]').count()).toBeLessThan(80);
      await page.getByRole('columnheader', { name: 'Client → server' }).getByRole('button').click();
      await firstRow(page).waitFor();
      await page.getByRole('searchbox').fill('northwind');
      await countOf(page).getByText('of 100,000').waitFor();
    });
  });

  describe('filter', () => {
    it('has the focus at /, and gives it back to the table', async () => {
      const page = await pages.sample(300);
      await page.keyboard.press('/');
      await page.keyboard.type('s120');
      await countOf(page).getByText('1 of 300').waitFor();
      await page.keyboard.press('Escape');
      await countOf(page).getByText('300 sessions').waitFor();
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    });

    it('narrows by facet and partner, tells how many, and clears', async () => {
      const page = await pages.sample(300);
      const judged = sessionRows(300).map(judgedRow);
      const facet = page.getByRole('button', { name: /^no TLS/ });
      await facet.click();
      expect(await facet.getAttribute('aria-pressed')).toBe('true');
      await countOf(page).getByText('50 of 300').waitFor();
      await facet.click();
      await page.getByRole('combobox', { name: 'Partner' }).selectOption('Fabrikam');
      const fabrikam = judged.filter(({ partner }) => partner === 'Fabrikam').length;
      await countOf(page).getByText(`${fabrikam} of 300`).waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await countOf(page).getByText('300 sessions').waitFor();
    });

    it('offers to show all where nothing matches', async () => {
      const page = await pages.sample(24);
      await page.getByRole('searchbox').fill('no such session');
      await page.getByRole('button', { name: 'Show all 24' }).click();
      await tableOf(page).waitFor();
    });
  });

  describe('overview', () => {
    it('narrows to the time that is dragged over, and to a server', async () => {
      const page = await pages.sample(300);
      const plot = await page.locator('.overview-plot').boundingBox();
      if (plot === null) throw new Error('The overview is not in the page.');
      await page.mouse.move(plot.x + plot.width / 4, plot.y + 20);
      await page.mouse.down();
      await page.mouse.move(plot.x + plot.width / 2, plot.y + 20, { steps: 5 });
      await page.mouse.up();
      await page
        .locator('.filter-count')
        .getByText(/^7\d of 300$/)
        .waitFor();
      await page.getByRole('slider', { name: 'Sessions from' }).press('Escape');
      await countOf(page).getByText('300 sessions').waitFor();
      const sessions = sessionRows(300).filter(({ server }) => server === '10.99.0.10:25').length;
      await page.getByRole('button', { name: '10.99.0.10:25', exact: true }).click();
      await page.locator('.filter-count').getByText(`${sessions} of 300`).waitFor();
    });

    it('is brushed with keys', async () => {
      const page = await pages.sample(300);
      const from = page.getByRole('slider', { name: 'Sessions from' });
      await from.press('Shift+ArrowRight');
      await countOf(page).getByText('270 of 300').waitFor();
      await from.press('Home');
      await countOf(page).getByText('300 sessions').waitFor();
    });
  });
});
