/** The expectations view in a real browser, without a server: its files are answered from memory. */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type {} from '../expectations-page.ts';
import { type Asked, answering, ROWS } from './answers.ts';

const CHROMIUM = process.env['STARTTRACE_CHROMIUM'] ?? '/usr/bin/chromium';

const FOLDER = fileURLToPath(new URL('../page/', import.meta.url));
const ORIGIN = 'https://starttrace.test';

export type Files = ReadonlyMap<string, string | Uint8Array>;

export async function builtPage(): Promise<Files> {
  const input = `${FOLDER}expectations.html`;
  const built = await build({
    configFile: false,
    root: FOLDER,
    base: './',
    logLevel: 'error',
    build: { write: false, target: 'chrome120', assetsInlineLimit: 0, rolldownOptions: { input } },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  return new Map(outputs.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]));
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

interface PageOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  readonly host: 'browser' | 'electron';
}

export interface ExpectationsPage {
  readonly page: Page;
  readonly asked: readonly Asked[];
  /** What the page complained of. */
  readonly errors: readonly string[];
  /** As if a capture had been opened and read. */
  openRun(): Promise<void>;
  /** As if the expectation file had been opened. */
  openFile(text: string, file: string | null): Promise<void>;
}

export async function expectationsPage(
  browser: Browser,
  files: Files,
  { width, height, theme, host }: PageOptions = { width: 1440, height: 900, theme: 'light', host: 'browser' },
): Promise<ExpectationsPage> {
  const context = await browser.newContext({ viewport: { width, height } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.route(`${ORIGIN}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const body = files.get(name);
    if (body === undefined) await route.fulfill({ status: name === 'favicon.ico' ? 204 : 404 });
    else await route.fulfill({ body: typeof body === 'string' ? body : Buffer.from(body), contentType: typeOf(name) });
  });
  const asked: Asked[] = [];
  await page.exposeFunction('answer', answering(asked));
  await page.goto(`${ORIGIN}/expectations.html?theme=${theme}&host=${host}`);
  await page.getByRole('textbox', { name: 'Expectation file' }).waitFor();
  return {
    page,
    asked,
    errors,
    openRun: async () => {
      await page.evaluate((rows) => {
        const run = 'r1';
        window.tell({ kind: 'run-opened', run, names: ['contoso-to-fabrikam-via-eop.pcapng'] });
        window.tell({ kind: 'run-rows', run, from: 0, rows });
        window.tell({ kind: 'run-finished', run, captures: [], sessions: rows.length, errors: [], skipped: [] });
        window.expectationsStore.show('expectations');
      }, ROWS);
    },
    openFile: async (text, file) => {
      await page.evaluate((opened) => window.expectationsStore.editExpectations({ ...opened, saved: true }), {
        text,
        file,
      });
    },
  };
}

function typeOf(name: string): string {
  const ending = name.split('.').at(-1);
  return ending === 'html' ? 'text/html' : ending === 'css' ? 'text/css' : 'text/javascript';
}
