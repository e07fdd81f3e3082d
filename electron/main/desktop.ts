/** The desktop application: begins, opens its one window, and ends. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu, shell } from 'electron';
import * as z from 'zod/mini';
import type { JudgeQuestionInput, OperationName, OperationResult } from '../../shared/contract/operations.ts';
import { Application } from '../service/application.ts';
import { applicationError } from '../service/application-failure.ts';
import type { Installation } from '../service/installation.ts';
import { declareAppProtocol, serveAppProtocol } from './app-protocol.ts';
import { filesOfCommandLine } from './command-line-files.ts';
import { desktopHost } from './dialogs.ts';
import { helpAfterMistakes, helpWhenPageFails } from './failures.ts';
import { menuTemplate } from './menu.ts';
import { OpenRequests } from './open-requests.ts';
import { answerOperations } from './operations.ts';
import { isLinkedSite, secureApplication, secureSession } from './security.ts';
import { bringToFront, createWindow, tell } from './window.ts';

export interface DesktopOptions {
  readonly version: string;
  readonly installation: Installation;
  /** Where recent files and the window's place are kept. */
  readonly dataFolder: string;
  /** Path of the bundled preload script. */
  readonly preload: string;
  /** Path of the window's picture; null where the system takes it from the application. */
  readonly icon: string | null;
  /** What the files of the command line are judged by; null: by what the window sees fit. */
  readonly question?: JudgeQuestionInput | null;
}

/** What an instance that finds another one running hands over to it. */
const HANDED_OVER = z.strictObject({ files: z.array(z.string()) });

/** Resolves once the window is open, or at once where another instance is running: that one opens the files. */
export async function startDesktop(options: DesktopOptions): Promise<void> {
  helpAfterMistakes();
  app.setName('StartTrace');
  // The taskbar puts the window to the shortcut that the installer made.
  app.setAppUserModelId('org.starttrace.StartTrace');
  // What Chromium keeps, and the lock of the single instance: one for each data folder.
  const userData = join(options.dataFolder, 'electron');
  mkdirSync(userData, { recursive: true, mode: 0o700 });
  app.setPath('userData', userData);
  const files = filesOfCommandLine(process.argv, process.cwd(), app.isPackaged);
  if (!app.requestSingleInstanceLock({ files })) {
    app.quit();
    return;
  }
  secureApplication();
  declareAppProtocol();
  app.setAboutPanelOptions({ applicationName: 'StartTrace', applicationVersion: options.version });
  const desktop = new Desktop(options);
  desktop.requests.add(files);
  app.on('open-file', (event, path) => {
    event.preventDefault();
    desktop.open([path]);
  });
  app.on('second-instance', (_event, _words, _folder, handedOver) => {
    const checked = z.safeParse(HANDED_OVER, handedOver);
    desktop.open(checked.success ? checked.data.files : []);
  });
  app.on('activate', () => desktop.open([]));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', () => void desktop.end());
  await app.whenReady();
  const { renderer } = options.installation;
  if (renderer === null) {
    dialog.showErrorBox('The window is not there.', 'Run "npm run build" first, or install StartTrace again.');
    app.exit(1);
    return;
  }
  secureSession();
  serveAppProtocol(renderer);
  desktop.begin();
}

class Desktop {
  readonly requests = new OpenRequests();
  readonly #options: DesktopOptions;
  readonly #application: Application;
  #question: JudgeQuestionInput | null;
  #window: BrowserWindow | null = null;
  #begun = false;

  constructor(options: DesktopOptions) {
    this.#options = options;
    this.#question = options.question ?? null;
    this.#application = new Application({
      dataFolder: options.dataFolder,
      version: options.version,
      installation: options.installation,
      host: desktopHost(() => this.#window, process.platform),
    });
  }

  begin(): void {
    this.#begun = true;
    answerOperations({ call: (name, input) => this.#call(name, input) });
    this.#application.subscribe((event) => {
      if (event.kind === 'run-finished') this.#attempt(() => this.#showRecentFiles());
    });
    this.#attempt(() => this.#showMenu());
    this.#showWindow();
  }

  /** Opens files in the window, and brings it to the front; without files it does only that. */
  open(names: readonly string[]): void {
    this.requests.add(names);
    if (this.#begun) this.#showWindow();
  }

  /** The question belongs to the files that the application was started with: the first that are opened. */
  #openRequested(names: readonly string[]): void {
    const question = this.#question;
    this.#question = null;
    this.#application.openByHost(names, question ?? undefined);
  }

  async end(): Promise<void> {
    await this.#application.close();
  }

  #showWindow(): void {
    if (this.#window !== null) {
      bringToFront(this.#window);
      return;
    }
    const { preload, icon, dataFolder } = this.#options;
    const window = createWindow({ preload, icon, stateFile: join(dataFolder, 'window.json') });
    this.#window = window;
    helpWhenPageFails(window);
    let unsubscribe = (): void => undefined;
    // Once for each page: one that was loaded anew learns of the runs that are open.
    window.webContents.on('did-finish-load', () => {
      unsubscribe();
      unsubscribe = this.#application.subscribe((event) => tell(window, event));
      void this.#application.replay((event) => tell(window, event));
      this.requests.ready((names) => this.#attempt(() => this.#openRequested(names)));
    });
    window.on('closed', () => {
      unsubscribe();
      this.requests.hold();
      this.#window = null;
    });
  }

  /** Menu and page ask alike: what one forgets, the other does not show any more. */
  async #call<N extends OperationName>(name: N, input: unknown): Promise<OperationResult<N>> {
    const result = await this.#application.call(name, input);
    if (name === 'forgetRecentFiles') await this.#showForgotten();
    return result;
  }

  /** In the menu, and where the system lists them: the Dock, the taskbar. */
  async #showRecentFiles(): Promise<void> {
    const [last] = await this.#application.call('recentFiles', {});
    if (last !== undefined) app.addRecentDocument(last.file);
    await this.#showMenu();
  }

  async #showForgotten(): Promise<void> {
    app.clearRecentDocuments();
    await this.#showMenu();
  }

  async #showMenu(): Promise<void> {
    const recent = await this.#application.call('recentFiles', {});
    const { sample } = this.#options.installation;
    const state = { platform: process.platform, recent, hasSample: sample !== null, isPackaged: app.isPackaged };
    const template = menuTemplate(state, {
      open: () => this.#attempt(() => this.#chooseCaptures()),
      openFile: (file) => this.open([file]),
      openSample: () => this.#attempt(() => this.#openSample()),
      forgetRecentFiles: () => this.#attempt(() => this.#call('forgetRecentFiles', {})),
      showDataFolder: () => this.#attempt(() => shell.openPath(this.#options.dataFolder)),
      openPage: (address) => {
        if (isLinkedSite(address)) void shell.openExternal(address);
      },
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  async #chooseCaptures(): Promise<void> {
    this.open((await desktopHost(() => this.#window, process.platform).chooseCaptures()) ?? []);
  }

  async #openSample(): Promise<void> {
    this.#showWindow();
    const { run, question } = await this.#application.call('openSample', {});
    const names = question.expectations === null ? [] : [this.#options.installation.sample?.capture ?? 'Sample'];
    if (this.#window !== null) tell(this.#window, { kind: 'run-opened', run, names, question });
  }

  /** Carries out what a menu or the system asked for; what cannot be done is said in a dialog. */
  #attempt(work: () => unknown): void {
    const refuse = (error: unknown): void => {
      dialog.showErrorBox('This cannot be done.', applicationError(error).message);
    };
    Promise.resolve().then(work).catch(refuse);
  }
}
