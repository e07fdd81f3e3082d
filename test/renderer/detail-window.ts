/** The detail view in a real browser, without a server: its files and its capture are answered from memory. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { JudgedAnalysis } from './detail-host.ts';

const FOLDER = fileURLToPath(new URL('page/', import.meta.url));
const ORIGIN = 'https://starttrace.test';

export type Files = ReadonlyMap<string, string | Uint8Array>;

export async function builtDetailPage(): Promise<Files> {
  const built = await build({
    configFile: false,
    root: FOLDER,
    base: './',
    logLevel: 'error',
    build: {
      write: false,
      target: 'chrome120',
      assetsInlineLimit: 0,
      rolldownOptions: { input: `${FOLDER}detail.html` },
    },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  return new Map(outputs.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]));
}

export interface DetailPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly errors: readonly string[];
  /** Operations asked of the application so far. */
  calls(): Promise<readonly { readonly name: string; readonly input: unknown }[]>;
  clipboard(): Promise<string>;
}

interface DetailPageOptions {
  readonly session?: string;
  readonly theme?: 'light' | 'dark';
  readonly wireshark?: boolean;
  readonly width?: number;
  readonly height?: number;
}

export async function detailPage(
  browser: Browser,
  files: Files,
  analysis: JudgedAnalysis,
  { session = 's1', theme = 'light', wireshark = false, width = 1440, height = 900 }: DetailPageOptions = {},
): Promise<DetailPage> {
  const context = await browser.newContext({ viewport: { width, height } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.route(`${ORIGIN}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === 'analysis.json') return route.fulfill({ json: analysis });
    const body = files.get(name);
    if (body === undefined) return route.fulfill({ status: name === 'favicon.ico' ? 204 : 404 });
    await route.fulfill({ body: typeof body === 'string' ? body : Buffer.from(body), contentType: typeOf(name) });
  });
  await page.goto(`${ORIGIN}/detail.html?session=${session}&theme=${theme}&wireshark=${wireshark ? 1 : 0}`);
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  return {
    page,
    errors,
    calls: () => page.evaluate(() => window.detailCalls),
    clipboard: () => page.evaluate(() => navigator.clipboard.readText()),
  };
}

function typeOf(name: string): string {
  const ending = name.split('.').at(-1);
  return ending === 'html' ? 'text/html' : ending === 'css' ? 'text/css' : 'text/javascript';
}
