/**
 * Stands in for the module `electron`, where its binary cannot run: `vi.mock('electron', () => import('…'))`. Small, and
 * strict where Electron is: what must come before "ready" throws after it, messages are cloned, a page loads through the
 * protocol that was registered. Tests reach what only Electron sees by `electron`.
 */
import { EventEmitter } from 'node:events';

type Handler = (event: { sender: unknown; senderFrame: unknown }, ...inputs: unknown[]) => unknown;
type Listener = (...values: never[]) => unknown;

/** What a test looks at and decides. */
class State {
  ready = false;
  readonly order: string[] = [];
  readonly switches = new Map<string, string | undefined>();
  readonly paths = new Map<string, string>();
  readonly handlers = new Map<string, Handler>();
  readonly schemes: { scheme: string; privileges: Record<string, boolean> }[] = [];
  readonly protocols = new Map<string, (request: Request) => Response | Promise<Response>>();
  readonly exposed = new Map<string, unknown>();
  readonly windows: BrowserWindow[] = [];
  readonly openedOutside: string[] = [];
  readonly filePaths = new WeakMap<object, string>();
  readonly dialogs: { kind: string; options: Record<string, unknown> }[] = [];
  /** Answers to the dialogs to come, in order; without one the person cancels. */
  readonly dialogAnswers: unknown[] = [];
  readonly clipboard: string[] = [];
  menu: MenuItem[] = [];
  dark = false;
  displays = [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }];
  hasLock = true;
  handedOver: unknown = null;
}

export interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  readonly click?: () => void;
  readonly submenu?: readonly MenuItem[];
}

export let electron = new State();

/** A machine on which nothing has happened yet. */
export function resetElectron(): void {
  electron = new State();
  for (const emitter of [app, nativeTheme, ipcRenderer, session.defaultSession]) emitter.removeAllListeners();
  session.defaultSession.handlers.clear();
  app.isPackaged = false;
}

/** Electron becomes ready. */
export function becomeReady(): void {
  electron.ready = true;
  app.emit('ready');
}

class App extends EventEmitter {
  isPackaged = false;
  readonly commandLine = {
    appendSwitch: (name: string, value?: string): void => void electron.switches.set(name, value),
  };

  isReady = (): boolean => electron.ready;
  whenReady = (): Promise<void> =>
    electron.ready ? Promise.resolve() : new Promise((fulfil) => this.once('ready', () => fulfil()));
  requestSingleInstanceLock = (handedOver?: unknown): boolean => {
    electron.order.push('lock');
    electron.handedOver = structuredClone(handedOver);
    return electron.hasLock;
  };
  quit = (): void => void electron.order.push('quit');
  exit = (code = 0): void => void electron.order.push(`exit ${code}`);
  relaunch = (): void => void electron.order.push('relaunch');
  addRecentDocument = (path: string): void => void electron.order.push(`addRecentDocument ${path}`);
  setAppUserModelId = (): void => undefined;
  clearRecentDocuments = (): void => void electron.order.push('clearRecentDocuments');
  setName = (): void => undefined;
  setAboutPanelOptions = (): void => undefined;
  getVersion = (): string => '0.0.0';
  setPath = (name: string, path: string): void => void electron.paths.set(name, path);
  enableSandbox = (): void => {
    beforeReady('app.enableSandbox');
    electron.order.push('sandbox');
  };
}

function beforeReady(what: string): void {
  if (electron.ready) throw new Error(`${what} was called after the application was ready`);
}

export const app = new App();

class Session extends EventEmitter {
  readonly handlers = new Map<string, Listener>();
  #set =
    (name: string) =>
    (...values: unknown[]): void => {
      const handler = values.at(-1);
      if (typeof handler === 'function') this.handlers.set(name, handler as Listener);
    };

  setPermissionRequestHandler = this.#set('permissionRequest');
  setPermissionCheckHandler = this.#set('permissionCheck');
  setDevicePermissionHandler = this.#set('devicePermission');
  setSpellCheckerEnabled = (): void => undefined;
  readonly webRequest = { onBeforeRequest: this.#set('beforeRequest') };
}

export const session = { defaultSession: new Session() };

export const protocol = {
  registerSchemesAsPrivileged(schemes: State['schemes']): void {
    beforeReady('protocol.registerSchemesAsPrivileged');
    electron.schemes.push(...schemes);
  },
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    if (!electron.ready) throw new Error('protocol.handle was called before the application was ready');
    electron.protocols.set(scheme, handler);
  },
};

export const ipcMain = {
  handle(channel: string, handler: Handler): void {
    if (electron.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    electron.handlers.set(channel, handler);
  },
};

class WebContents extends EventEmitter {
  readonly mainFrame: { url: string } = { url: '' };
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null;
  readonly sent: unknown[][] = [];
  crashed = false;
  reloads = 0;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }

  getURL = (): string => this.mainFrame.url;
  isCrashed = (): boolean => this.crashed;
  reload = (): void => {
    this.reloads += 1;
    this.crashed = false;
  };

  forcefullyCrashRenderer(): void {
    this.crashed = true;
    this.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 });
  }

  send(channel: string, ...values: unknown[]): void {
    const cloned = structuredClone(values);
    this.sent.push([channel, ...cloned]);
    ipcRenderer.emit(channel, {}, ...cloned);
  }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents();
  readonly options: Record<string, unknown> & { webPreferences: Record<string, unknown> };
  bounds = { x: 10, y: 20, width: 1000, height: 700 };
  maximized = false;
  minimized = false;
  destroyed = false;
  shown = 0;
  backgroundColor = '';

  constructor(options: BrowserWindow['options']) {
    super();
    if (!electron.ready) throw new Error('Cannot create BrowserWindow before app is ready');
    this.options = options;
    this.bounds = { ...this.bounds, ...(options as object) };
    electron.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  /** As Electron does: the page comes from the protocol that was registered for it. */
  async loadURL(url: string): Promise<void> {
    const handler = electron.protocols.get(new URL(url).protocol.slice(0, -1));
    const response = await handler?.(new Request(url));
    this.webContents.mainFrame.url = url;
    if (response?.status !== 200) {
      this.webContents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', url, true);
      return;
    }
    this.emit('ready-to-show');
    this.webContents.emit('did-finish-load');
  }

  /** The person closes the window. */
  close(): void {
    this.emit('close');
    this.destroy();
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('closed');
    if (electron.windows.every((window) => window.destroyed)) app.emit('window-all-closed');
  }

  isDestroyed = (): boolean => this.destroyed;
  isMinimized = (): boolean => this.minimized;
  isMaximized = (): boolean => this.maximized;
  getNormalBounds = (): BrowserWindow['bounds'] => {
    const { x, y, width, height } = this.bounds;
    return { x, y, width, height };
  };
  maximize = (): void => {
    this.maximized = true;
  };
  restore = (): void => {
    this.minimized = false;
  };
  show = (): void => {
    this.shown += 1;
  };
  focus = (): void => undefined;
  setBackgroundColor = (color: string): void => {
    this.backgroundColor = color;
  };
}

export const Menu = {
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => template,
  setApplicationMenu: (menu: MenuItem[]): void => {
    electron.menu = menu;
  },
};

function asked(kind: string, values: readonly unknown[], otherwise: unknown): unknown {
  const options = values.at(-1) as Record<string, unknown>;
  electron.dialogs.push({ kind, options });
  return electron.dialogAnswers.length > 0 ? electron.dialogAnswers.shift() : otherwise;
}

export const dialog = {
  showOpenDialog: async (...values: unknown[]) => asked('open', values, { canceled: true, filePaths: [] }),
  showSaveDialog: async (...values: unknown[]) => asked('save', values, { canceled: true, filePath: '' }),
  showMessageBox: async (...values: unknown[]) =>
    asked('message', values, { response: (values.at(-1) as { cancelId?: number }).cancelId ?? 0 }),
  showMessageBoxSync: (...values: unknown[]) =>
    asked('message', values, (values.at(-1) as { cancelId?: number }).cancelId ?? 0),
  showErrorBox: (title: string, content: string): void => {
    electron.dialogs.push({ kind: 'error', options: { title, content } });
  },
};

class NativeTheme extends EventEmitter {
  get shouldUseDarkColors(): boolean {
    return electron.dark;
  }
}

export const nativeTheme = new NativeTheme();
export const screen = { getAllDisplays: () => electron.displays };
export const clipboard = { writeText: (text: string): void => void electron.clipboard.push(text) };
export const shell = {
  openExternal: async (url: string): Promise<void> => void electron.openedOutside.push(url),
  openPath: async (path: string): Promise<string> => {
    electron.openedOutside.push(path);
    return '';
  },
};

export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown): void => void electron.exposed.set(name, value),
};

export const webUtils = {
  getPathForFile(file: object): string {
    if (!(file instanceof File)) throw new TypeError('getPathForFile needs a File');
    return electron.filePaths.get(file) ?? '';
  },
};

class IpcRenderer extends EventEmitter {
  /** Asks as the page of the last window does. */
  invoke(channel: string, ...inputs: unknown[]): Promise<unknown> {
    const sender = electron.windows.at(-1)?.webContents ?? new WebContents();
    return invokeAs({ sender, senderFrame: sender.mainFrame }, channel, ...inputs);
  }
}

export const ipcRenderer = new IpcRenderer();

/** A message from whatever frame, as only Electron could bring it. What cannot be cloned rejects, as it does there. */
export async function invokeAs(
  event: { sender: unknown; senderFrame: unknown },
  channel: string,
  ...inputs: unknown[]
): Promise<unknown> {
  const cloned = structuredClone(inputs);
  const handler = electron.handlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  return structuredClone(await handler(event, ...cloned));
}
