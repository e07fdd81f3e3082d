/**
 * Makes the pictures of docs/window.md from the real window: `npm run build && npx tsx docs/pictures/window.ts`. Needs
 * Chromium. The command serves its own sample, so that the pictures show what a reader sees who opens it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { ServedCommand, WindowBrowser } from '../../test/support/served-window.ts';
import { type PictureSize, shrinkPng } from './png.ts';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Of the whole window; a view that is only a part of it is cut out. */
const WINDOW: PictureSize = { width: 1440, height: 900 };

interface WindowPicture {
  readonly view: string;
  readonly size: PictureSize;
  /** Brings the window of the view before to this view, and gives the upper left corner of what is to be seen. */
  readonly show: (page: Page) => Promise<{ readonly x: number; readonly y: number }>;
}

const ORIGIN = { x: 0, y: 0 };

/** In the order in which one window is led through them. */
export const WINDOW_PICTURES: readonly WindowPicture[] = [
  {
    view: 'start',
    size: { width: 1440, height: 620 },
    show: async (page) => {
      await page.getByRole('heading', { name: /Drop a capture/ }).waitFor();
      return ORIGIN;
    },
  },
  {
    view: 'sessions',
    size: WINDOW,
    show: async (page) => {
      await page.getByRole('button', { name: 'Open the sample' }).click();
      await page.getByRole('heading', { name: /would be deferred/ }).waitFor();
      await page.getByText('TEST Baltimore CyberTrust Root').first().waitFor();
      return ORIGIN;
    },
  },
  {
    view: 'timeline',
    size: { width: 691, height: 800 },
    show: async (page) => {
      await makeRoomForDetail(page);
      const timeline = page.getByRole('region', { name: 'Timeline' });
      await timeline.getByRole('option', { name: /TLS Certificate message, Certificate ×2: mail\.protection/ }).click();
      await page.mouse.move(WINDOW.width - 2, 2);
      return cornerOf(page, '.timeline');
    },
  },
  {
    view: 'certificates',
    size: { width: 748, height: 800 },
    show: (page) => cornerOf(page, '.tab-view'),
  },
  {
    view: 'checks',
    size: { width: 748, height: 800 },
    show: async (page) => {
      await page.getByRole('tab', { name: /^Checks/ }).click();
      await page
        .getByText(/Set TlsDomain/)
        .first()
        .waitFor();
      return cornerOf(page, '.tab-view');
    },
  },
  {
    view: 'expectations',
    size: { width: 1440, height: 760 },
    show: async (page) => {
      await page.getByRole('button', { name: 'Expectations', exact: true }).click();
      await page.getByText(/Mail fails for/).waitFor();
      return ORIGIN;
    },
  },
  {
    view: 'what-if',
    size: { width: 1440, height: 760 },
    show: async (page) => {
      await page.getByRole('tab', { name: 'If a domain moves' }).click();
      await page.getByText(/connectors break/).waitFor();
      return ORIGIN;
    },
  },
];

export function pictureName(view: string, theme: Theme): string {
  return `window-${view}-${theme}.png`;
}

/** By the name of the file. */
export async function windowPictures(): Promise<ReadonlyMap<string, Buffer>> {
  const pictures = new Map<string, Buffer>();
  const browser = await WindowBrowser.launch();
  try {
    for (const theme of THEMES) {
      const served = await ServedCommand.start([]);
      const page = await browser.page(served.address, { ...WINDOW, dark: theme === 'dark' });
      for (const { view, size, show } of WINDOW_PICTURES) {
        const corner = await show(page);
        await settled(page);
        pictures.set(pictureName(view, theme), shrinkPng(await page.screenshot({ clip: { ...corner, ...size } })));
      }
      await browser.closePages();
      await served.stop();
    }
    if (browser.errors.length > 0) throw new Error(browser.errors.join('\n'));
  } finally {
    await browser.close();
  }
  return pictures;
}

/** The table gives its height to the detail. */
async function makeRoomForDetail(page: Page): Promise<void> {
  await page.setViewportSize({ width: WINDOW.width, height: 1700 });
  await settled(page);
}

async function cornerOf(page: Page, selector: string): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen.`);
  return { x: Math.round(box.x), y: Math.round(box.y) };
}

/** Fonts are there, answers came, and nothing moves any more. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(700);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, png] of await windowPictures()) writeFileSync(join(import.meta.dirname, name), png);
}
