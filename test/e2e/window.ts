/** What tests of the window ask of it again and again. */
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { WindowBrowser } from '../support/served-window.ts';

/** For what another process has to do first, while other tests run. */
export const PATIENCE = { timeout: 30_000 };

export function headline(page: Page): Locator {
  return page.getByRole('heading', { level: 1 });
}

export function tableOf(page: Page): Locator {
  return page.getByRole('grid', { name: 'Sessions' });
}

export function rowOf(page: Page, session: string): Locator {
  return tableOf(page).locator(`[data-session="${session}"]`);
}

export function selectedRow(page: Page): Locator {
  return tableOf(page).locator('[role="row"][aria-selected="true"]');
}

export function detailOf(page: Page, session: string): Locator {
  return page.getByRole('region', { name: `Session ${session}`, exact: true });
}

export function countOf(page: Page): Locator {
  return page.locator('.filter-count');
}

export function messagesOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Messages' });
}

/** Opens the sample from the start page, and waits until it is judged. */
export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await judgedSample(page);
}

export async function judgedSample(page: Page): Promise<void> {
  await headline(page)
    .filter({ hasText: /3 of 12 sessions would be deferred/ })
    .waitFor();
  await detailOf(page, 's1').waitFor();
}

/** No exception, no console message, nothing refused, no request to another place. */
export function expectQuiet(browser: WindowBrowser): void {
  expect({ errors: browser.errors, foreignRequests: browser.foreignRequests }).toEqual({
    errors: [],
    foreignRequests: [],
  });
}

/** What axe-core finds serious or worse, as lines of text. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  });
}
