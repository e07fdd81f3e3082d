/** The whole product for tests: the command as a process, and its window in Debian's Chromium. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { temporaryFolder } from './application.ts';
import { outcome, type RunOutcome, start } from './command.ts';

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]+(?=\s)/;

/** `starttrace serve FILE…` with a data folder of its own. */
export class ServedCommand {
  /** With the code that a page needs. */
  readonly address: string;
  readonly process: ChildProcess;
  readonly #data: string;
  readonly #outcome: Promise<RunOutcome>;

  private constructor(address: string, child: ChildProcess, ended: Promise<RunOutcome>, data: string) {
    this.address = address;
    this.process = child;
    this.#outcome = ended;
    this.#data = data;
  }

  /** `data`: a data folder that is already there, and stays. */
  static async start(files: readonly string[], data: string = temporaryFolder()): Promise<ServedCommand> {
    const child = start(['serve', ...files], { env: { XDG_DATA_HOME: data } });
    const ended = outcome(child);
    const address = await new Promise<string>((fulfil, reject) => {
      let text = '';
      child.stdout?.on('data', (piece: Buffer) => {
        text += piece.toString();
        const found = ADDRESS.exec(text);
        if (found) fulfil(found[0]);
      });
      child.once('close', () => reject(new Error(`The command printed no address: ${text}`)));
    });
    return new ServedCommand(address, child, ended, data);
  }

  get origin(): string {
    return new URL(this.address).origin;
  }

  /** Resident memory of the process now and at its peak, in bytes; null where /proc does not tell. */
  memory(): { readonly now: number; readonly peak: number } | null {
    try {
      const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
      const bytes = (field: string): number =>
        Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
      return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
    } catch {
      // No such process, or no /proc.
      return null;
    }
  }

  async stop(): Promise<RunOutcome> {
    this.process.kill('SIGINT');
    const ended = await this.#outcome;
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
    return ended;
  }
}

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A browser that remembers what a window must not do. */
export class WindowBrowser {
  readonly #browser: Browser;
  /** Exceptions, messages on the console, and what the content security policy refused. */
  readonly errors: string[] = [];
  /** Requests for anything but the command's own address. */
  readonly foreignRequests: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<WindowBrowser> {
    const executablePath = process.env['STARTTRACE_CHROMIUM'] ?? '/usr/bin/chromium';
    return new WindowBrowser(await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
  }

  /** A page with storage of its own at `address`. */
  async page(address: string, options: WindowOptions = {}): Promise<Page> {
    const { width = 1440, height = 900, dark = false } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: 1,
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    this.#contexts.push(context);
    const { origin } = new URL(address);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.errors.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) this.foreignRequests.push(url);
    });
    await page.goto(address);
    await page.getByRole('button', { name: 'StartTrace', exact: true }).waitFor();
    return page;
  }

  /** Closes every page that was opened so far. */
  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** Drops files into the window as a person does; `name` to bytes. */
export async function drop(page: Page, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const encoded = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const);
  const dataTransfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const [name, base64] of given) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    return data;
  }, encoded);
  await page.dispatchEvent('main', 'dragenter', { dataTransfer });
  await page.dispatchEvent('main', 'dragover', { dataTransfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer });
}
