import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CONTENT_SECURITY_POLICY,
  isLinkedSite,
  isOwnPage,
  PAGE_ADDRESS,
  secureApplication,
  securePreferences,
  secureSession,
} from '../../electron/main/security.ts';
import { ROOT } from '../support/command.ts';
import { app, BrowserWindow, becomeReady, electron, resetElectron, session } from '../support/electron-stand-in.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

const FOREIGN = [
  'https://evil.example/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'data:text/html,<script>1</script>',
  'javascript:alert(1)',
  'about:blank',
  'blob:https://evil.example/1',
  'starttrace://evil/index.html',
  'starttrace://app.evil.example/index.html',
  'starttrace://user@app:80/index.html',
  'starttracex://app/index.html',
  'view-source:starttrace://app/index.html',
  'not an address',
  '',
];

let window: BrowserWindow;
let preferences: Record<string, unknown>;

beforeEach(() => {
  resetElectron();
  secureApplication();
  becomeReady();
  secureSession();
  preferences = { ...securePreferences('/build/preload.cjs') };
  window = new BrowserWindow({ webPreferences: preferences });
  window.webContents.mainFrame.url = PAGE_ADDRESS;
});

/** Whether Electron would go on after the event. */
function happens(emit: (event: { preventDefault(): void; url: string }) => void, url: string): boolean {
  let prevented = false;
  emit({ url, preventDefault: () => (prevented = true) });
  return !prevented;
}

describe('the page has no more rights than a page of the web', () => {
  it.each([
    ['sandbox', true],
    ['contextIsolation', true],
    ['webSecurity', true],
    ['nodeIntegration', false],
    ['nodeIntegrationInWorker', false],
    ['nodeIntegrationInSubFrames', false],
    ['webviewTag', false],
    ['allowRunningInsecureContent', false],
    ['experimentalFeatures', false],
    ['navigateOnDragDrop', false],
    ['spellcheck', false],
  ])('%s is %s', (name, value) => expect(preferences[name]).toBe(value));

  it('the sandbox is on for every process, and set before the application is ready', () => {
    expect(electron.order).toEqual(['sandbox']);
  });

  it('developer tools are only in a development run', () => {
    expect(securePreferences('').devTools).toBe(true);
    app.isPackaged = true;
    expect(securePreferences('').devTools).toBe(false);
  });
});

describe('the page stays where it is', () => {
  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s elsewhere is denied', (name) => {
    for (const url of FOREIGN) {
      expect(
        happens((event) => window.webContents.emit(name, event), url),
        url,
      ).toBe(false);
    }
    expect(happens((event) => window.webContents.emit(name, event), PAGE_ADDRESS)).toBe(true);
  });

  it('webviews are not attached, not even to our own page', () => {
    expect(happens((event) => window.webContents.emit('will-attach-webview', event, {}, {}), PAGE_ADDRESS)).toBe(false);
  });

  it('no window is opened; addresses that are not listed go nowhere', () => {
    for (const url of [...FOREIGN, PAGE_ADDRESS]) {
      expect(window.webContents.windowOpenHandler?.({ url }), url).toEqual({ action: 'deny' });
    }
    expect(electron.openedOutside).toEqual([]);
  });

  it('a listed site opens in the browser of the system', () => {
    const url = 'https://www.rfc-editor.org/rfc/rfc3207';
    expect(window.webContents.windowOpenHandler?.({ url })).toEqual({ action: 'deny' });
    expect(electron.openedOutside).toEqual([url]);
  });

  it.each([
    'http://www.rfc-editor.org/rfc/rfc3207',
    'https://www.rfc-editor.org.evil.example/',
    'https://www.rfc-editor.org:8443/',
    'https://www.rfc-editor.org@evil.example/',
    'https://user:secret@www.rfc-editor.org/',
    'ms-msdt:/id',
    'smb://www.rfc-editor.org/share',
  ])('%s is no listed site', (url) => expect(isLinkedSite(url)).toBe(false));

  it('every site that the window links to is listed', () => {
    const linked = ['renderer', 'shared'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
        .flatMap((entry) => [
          ...readFileSync(join(entry.parentPath, entry.name), 'utf8').matchAll(/https:\/\/[\w.-]+\.[a-z]+\/[\w./-]*/g),
        ])
        .map(([address]) => address),
    );
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((address) => !isLinkedSite(address))).toEqual([]);
  });
});

describe('permissions', () => {
  const { handlers } = session.defaultSession;
  const request = (permission: string, url: string): unknown => {
    let granted: unknown;
    const handler = handlers.get('permissionRequest') as unknown as (...values: unknown[]) => void;
    handler({ getURL: () => url }, permission, (answer: unknown) => (granted = answer));
    return granted;
  };
  const check = (permission: string, origin: string): unknown => {
    const handler = handlers.get('permissionCheck') as unknown as (...values: unknown[]) => unknown;
    return handler(null, permission, origin);
  };

  it.each([
    'media',
    'geolocation',
    'notifications',
    'midi',
    'clipboard-read',
    'display-capture',
    'fileSystem',
    'fullscreen',
    'hid',
    'serial',
    'usb',
    'openExternal',
    'local-network-access',
    'unknown',
  ])('%s is denied, asked for or looked up', (permission) => {
    expect(request(permission, PAGE_ADDRESS)).toBe(false);
    expect(check(permission, 'starttrace://app/')).toBe(false);
  });

  it('only our page may write to the clipboard', () => {
    expect(request('clipboard-sanitized-write', PAGE_ADDRESS)).toBe(true);
    expect(check('clipboard-sanitized-write', 'starttrace://app/')).toBe(true);
    for (const url of FOREIGN) {
      expect(request('clipboard-sanitized-write', url), url).toBe(false);
      expect(check('clipboard-sanitized-write', url), url).toBe(false);
    }
  });

  it('no device is given', () => {
    const handler = handlers.get('devicePermission') as unknown as (details: unknown) => boolean;
    expect(handler({ deviceType: 'usb', origin: 'starttrace://app' })).toBe(false);
  });
});

describe('nothing leaves the machine', () => {
  const isCancelled = (url: string): boolean => {
    let cancelled = true;
    const handler = session.defaultSession.handlers.get('beforeRequest') as unknown as (...values: unknown[]) => void;
    handler({ url }, ({ cancel }: { cancel: boolean }) => (cancelled = cancel));
    return cancelled;
  };

  it('the page loads only what is its own', () => {
    expect(isCancelled(PAGE_ADDRESS)).toBe(false);
    expect(isCancelled('blob:starttrace://app/6b2f')).toBe(false);
    for (const url of [...FOREIGN, 'wss://evil.example/', 'ftp://evil.example/'])
      expect(isCancelled(url), url).toBe(true);
  });

  it('developer tools load only in a development run', () => {
    expect(isCancelled('devtools://devtools/bundled/inspector.html')).toBe(false);
    app.isPackaged = true;
    expect(isCancelled('devtools://devtools/bundled/inspector.html')).toBe(true);
  });

  it('no name server is asked', () => {
    expect(electron.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND');
  });

  it('what is saved was made by the page', () => {
    const saves = (address: string): boolean =>
      happens((event) => session.defaultSession.emit('will-download', event, { getURL: () => address }), address);
    expect(saves('blob:starttrace://app/6b2f')).toBe(true);
    for (const url of [...FOREIGN, PAGE_ADDRESS]) expect(saves(url), url).toBe(false);
  });

  it('certificate errors stay errors: nobody listens who could override them', () => {
    for (const emitter of [app, window.webContents, session.defaultSession]) {
      expect(emitter.listenerCount('certificate-error')).toBe(0);
      expect(emitter.listenerCount('select-client-certificate')).toBe(0);
    }
  });
});

describe('the content security policy', () => {
  const directives = new Map(
    CONTENT_SECURITY_POLICY.split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1)]),
  );

  it('denies by default', () => expect(directives.get('default-src')).toEqual(["'none'"]));

  it('allows scripts and styles of our own files only', () => {
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('style-src')).toEqual(["'self'"]);
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*/);
  });

  it.each(['base-uri', 'form-action', 'frame-ancestors'])('%s, which default-src does not cover, is none', (name) => {
    expect(directives.get(name)).toEqual(["'none'"]);
  });
});

describe('our own page', () => {
  it('is what has our scheme and host', () => {
    expect(isOwnPage(PAGE_ADDRESS)).toBe(true);
    expect(isOwnPage('starttrace://app/assets/index-1a2b.js')).toBe(true);
    for (const url of FOREIGN) expect(isOwnPage(url), url).toBe(false);
  });
});
