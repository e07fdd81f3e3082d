/**
 * The window under load: from the start of the command to the first row and to the whole table, frame times while the
 * table of 100,000 sessions scrolls, and the memory of both processes. Times are those of a person who has the page
 * open before reading begins.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { writeManySessions } from '../support/many-sessions.ts';
import { ServedCommand, WindowBrowser } from '../support/served-window.ts';
import { hasTool } from '../support/tools.ts';
import { DATA_FOLDER } from './generate.ts';

export const MANY_SESSIONS = 100_000;
const SCROLL_FRAMES = 600;
/** Pixels for each frame: about what a turned wheel and a dragged scroll bar do. */
const SPEEDS = { wheel: 120, bar: 4_000 } as const;

export interface FrameTimes {
  readonly medianMilliseconds: number;
  readonly percentile95Milliseconds: number;
  readonly maximumMilliseconds: number;
}

export interface WindowResult {
  readonly sessions: number;
  /** From the start of the page's reading to the first row in the table. */
  readonly firstRowMilliseconds: number;
  readonly wholeTableMilliseconds: number;
  /** With every session judged. */
  readonly judgedMilliseconds: number;
  /** JavaScript objects of the page after a collection; peak of the command's process. */
  readonly pageBytes: number;
  readonly servicePeakBytes: number | null;
  readonly scrolling: Readonly<Record<keyof typeof SPEEDS, FrameTimes>>;
}

/** Why the window cannot be measured; null: it can. */
export function windowIsMissing(): string | null {
  return hasTool('chromium') ? null : 'Chromium is not installed';
}

/** A capture of many short sessions, made once. */
export function manySessions(): string {
  const file = join(DATA_FOLDER, `sessions-${MANY_SESSIONS}.v1.pcap`);
  if (!existsSync(file)) writeManySessions(file, MANY_SESSIONS);
  return file;
}

/** One launch of the command and one page; `sessions`: how many the capture holds. */
export async function measureWindow(file: string, sessions: number): Promise<WindowResult> {
  const browser = await WindowBrowser.launch();
  const served = await ServedCommand.start([]);
  try {
    const page = await browser.page(served.address);
    const times = await openAndWatch(page, file, sessions);
    const protocol = await page.context().newCDPSession(page);
    const scrolling = { wheel: await scroll(page, SPEEDS.wheel), bar: await scroll(page, SPEEDS.bar) };
    const pageBytes = await heapOf(protocol);
    return { sessions, ...times, pageBytes, servicePeakBytes: served.memory()?.peak ?? null, scrolling };
  } finally {
    await browser.close();
    await served.stop();
  }
}

/** The page asks for the file itself, and looks at every frame whether it is there: nothing else costs time. */
async function openAndWatch(
  page: Page,
  file: string,
  sessions: number,
): Promise<Pick<WindowResult, 'firstRowMilliseconds' | 'wholeTableMilliseconds' | 'judgedMilliseconds'>> {
  // What tsx calls to keep the names of functions is not there in a page.
  await page.evaluate('globalThis.__name = (named) => named');
  return page.evaluate(
    async ([name, total]) => {
      const headers = {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${sessionStorage.getItem('starttrace-token')}`,
      };
      const began = performance.now();
      const body = JSON.stringify({ names: [name] });
      const opened = fetch('api/openCaptures', { method: 'POST', headers, body });
      const until = (isThere: () => boolean): Promise<number> =>
        new Promise((fulfil) => {
          const look = (): void => {
            if (isThere()) fulfil(performance.now() - began);
            else requestAnimationFrame(look);
          };
          look();
        });
      const digits = (selector: string): number =>
        Number((document.querySelector(selector)?.textContent ?? '').replace(/\D/g, ''));
      const tab = (): HTMLElement | null => document.querySelector<HTMLElement>('.run-tab-title');
      await opened;
      await until(() => tab() !== null);
      // A run that this page did not open itself waits in its tab.
      if (document.querySelector('[role="grid"]') === null) tab()?.click();
      const firstRowMilliseconds = await until(() => document.querySelector('[data-session]') !== null);
      const wholeTableMilliseconds = await until(() => digits('.filter-count') === total);
      const judgedMilliseconds = await until(
        () =>
          document.querySelector('.session-line [data-column="verdict"]')?.textContent?.includes('judging') === false &&
          !/so far|judging/.test(document.querySelector('h1')?.textContent ?? 'judging'),
      );
      return { firstRowMilliseconds, wholeTableMilliseconds, judgedMilliseconds };
    },
    [file, sessions] as const,
  );
}

/** Moves the table by so many pixels in each frame, back at its ends, and measures from frame to frame. */
async function scroll(page: Page, pixels: number): Promise<FrameTimes> {
  const times = await page.evaluate(
    async ([step, frames]) => {
      const grid = document.querySelector('[role="grid"]');
      if (grid === null) throw new Error('There is no table.');
      grid.scrollTop = 0;
      const frame = (): Promise<number> => new Promise((fulfil) => requestAnimationFrame(fulfil));
      const found: number[] = [];
      let direction = 1;
      let before = await frame();
      for (let count = 0; count < frames; count += 1) {
        const top = grid.scrollTop;
        grid.scrollTop = top + direction * step;
        if (grid.scrollTop === top) direction = -direction;
        const now = await frame();
        found.push(now - before);
        before = now;
      }
      return found;
    },
    [pixels, SCROLL_FRAMES] as const,
  );
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { medianMilliseconds: at(0.5), percentile95Milliseconds: at(0.95), maximumMilliseconds: at(1) };
}

async function heapOf(protocol: CDPSession): Promise<number> {
  await protocol.send('HeapProfiler.enable');
  await protocol.send('HeapProfiler.collectGarbage');
  return (await protocol.send('Runtime.getHeapUsage')).usedSize;
}
