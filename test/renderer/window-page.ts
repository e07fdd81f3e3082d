/** The window over the made-up application, in a real browser: built once for each file of tests, served on this machine only. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { build } from 'vite';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

export class WindowPages {
  readonly #folder: string;
  readonly #server: Server;
  readonly #browser: Browser;
  /** What went wrong in a page, or was refused by the content security policy. */
  readonly errors: string[] = [];

  constructor(folder: string, server: Server, browser: Browser) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
  }

  static async open(): Promise<WindowPages> {
    const folder = mkdtempSync(join(tmpdir(), 'starttrace-window-'));
    await build({
      configFile: resolve(import.meta.dirname, 'page/vite.config.ts'),
      logLevel: 'silent',
      build: { outDir: folder, emptyOutDir: true },
    });
    const server = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      if (pathname === '/favicon.ico') {
        response.writeHead(204).end();
        return;
      }
      const file = join(folder, pathname === '/' ? 'index.html' : pathname);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      response.end(readFileSync(file));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
    return new WindowPages(folder, server, browser);
  }

  /** A window with the query of page/main.tsx; `sessions=24&open=sample` shows the table. */
  async show(query: string, options: WindowOptions = {}): Promise<Page> {
    const { width = 1440, height = 900, dark = false } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/?${query}`);
    await page.getByRole('button', { name: 'StartTrace' }).waitFor();
    return page;
  }

  /** The window with the sample story judged. */
  async sample(sessions: number, options: WindowOptions = {}): Promise<Page> {
    const page = await this.show(`sessions=${sessions}&open=sample`, options);
    await page.getByText('would be deferred or rejected').waitFor();
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function chromiumPath(): string {
  return process.env['STARTTRACE_CHROMIUM'] ?? '/usr/bin/chromium';
}

export function tableOf(page: Page): Locator {
  return page.getByRole('grid', { name: 'Sessions' });
}

export function selectedRow(page: Page): Locator {
  return tableOf(page).locator('[role="row"][aria-selected="true"]');
}

export async function selectedSession(page: Page): Promise<string | null> {
  return selectedRow(page).getAttribute('data-session');
}

export function firstRow(page: Page): Locator {
  return tableOf(page).locator('[aria-rowindex="2"]');
}

/** How many sessions the filter lets through. */
export function countOf(page: Page): Locator {
  return page.locator('.filter-count');
}
