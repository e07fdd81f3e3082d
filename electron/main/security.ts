/**
 * All of the window's security. The page is our own, but what it shows was written by attackers: should a capture ever
 * get the better of it, the page still can do no more than the operations of the contract.
 */
import {
  app,
  type IpcMainInvokeEvent,
  type Session,
  session,
  shell,
  type WebContents,
  type WebPreferences,
} from 'electron';

/** The window's pages come from this address and no other; app-protocol.ts serves it. */
export const PAGE_SCHEME = 'starttrace';
const PAGE_HOST = 'app';
export const PAGE_ADDRESS = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`;

/** Nothing from elsewhere, nothing inline, no frames, no forms. The page talks to nobody: `connect-src` stays 'none'. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sites that the window links to; they open in the browser of the system. */
const LINKED_SITES: ReadonlySet<string> = new Set([
  'blogs.technet.microsoft.com',
  'learn.microsoft.com',
  'mc.merill.net',
  'techcommunity.microsoft.com',
  'www.rfc-editor.org',
  'www.wireshark.org',
]);

/** `preload` is the path of the bundled preload script. */
export function securePreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    // Its dictionaries would be fetched from the internet.
    spellcheck: false,
    devTools: !app.isPackaged,
  };
}

/** Before the application is ready: what counts for every process and every page. */
export function secureApplication(): void {
  app.enableSandbox();
  // Chromium itself asks no name server. Node's own networking, which probes use, does not go through it.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.on('web-contents-created', (_, contents) => secureContents(contents));
  // No listener for 'certificate-error' and 'select-client-certificate': Electron refuses by itself.
}

/** Once the application is ready. */
export function secureSession(pages: Session = session.defaultSession): void {
  pages.setSpellCheckerEnabled(false);
  pages.setPermissionRequestHandler((contents, permission, decide) =>
    decide(isPermitted(permission, contents.getURL())),
  );
  pages.setPermissionCheckHandler((_, permission, origin) => isPermitted(permission, origin));
  pages.setDevicePermissionHandler(() => false);
  pages.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isOwnResource(url) }));
  pages.on('will-download', (event, item) => {
    // The page saves what it made itself; anything else would come from elsewhere.
    if (!isOwnBlob(item.getURL())) event.preventDefault();
  });
}

function secureContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => refuseUnlessOwn(event));
  contents.on('will-frame-navigate', (event) => refuseUnlessOwn(event));
  contents.on('will-redirect', (event) => refuseUnlessOwn(event));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isLinkedSite(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

function refuseUnlessOwn(event: { readonly url: string; preventDefault(): void }): void {
  if (!isOwnPage(event.url)) event.preventDefault();
}

/** Whether a message comes from our page itself: not from a frame within it, not from a page that took its place. */
export function isTrustedSender({ sender, senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url);
}

/** Copying is all that the page may: it may write the clipboard, not read it. */
function isPermitted(permission: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnPage(origin);
}

export function isOwnPage(address: string): boolean {
  const url = parsed(address);
  return url !== null && url.protocol === `${PAGE_SCHEME}:` && url.host === PAGE_HOST;
}

function isOwnBlob(address: string): boolean {
  return address.startsWith('blob:') && isOwnPage(address.slice('blob:'.length));
}

/** Developer tools are a page of Chromium's own; a packaged application has none. */
function isOwnResource(address: string): boolean {
  return isOwnPage(address) || isOwnBlob(address) || (!app.isPackaged && address.startsWith('devtools:'));
}

export function isLinkedSite(address: string): boolean {
  const url = parsed(address);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  return LINKED_SITES.has(url.host);
}

function parsed(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}
