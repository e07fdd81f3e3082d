/** The application's menu, as each platform's users expect it. */
import type { MenuItemConstructorOptions } from 'electron';
import type { RecentFile } from '../../shared/contract/operations.ts';

export interface MenuActions {
  open(): void;
  openFile(file: string): void;
  openSample(): void;
  forgetRecentFiles(): void;
  showDataFolder(): void;
  /** In the system's browser. */
  openPage(address: string): void;
}

export interface MenuState {
  readonly platform: NodeJS.Platform;
  readonly recent: readonly RecentFile[];
  /** Whether there is a sample in this build. */
  readonly hasSample: boolean;
  readonly isPackaged: boolean;
}

/** A menu is read at a glance. */
const RECENT_SHOWN = 10;
const LONGEST_LABEL = 60;

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

export function menuTemplate(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = state.platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: fileMenu(state, actions) },
    { label: '&Edit', role: 'editMenu' },
    { label: '&View', submenu: viewMenu(state) },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    { label: '&Help', role: 'help', submenu: helpMenu(state, actions) },
  ];
}

function fileMenu(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    { label: 'Open…', accelerator: 'CmdOrCtrl+O', click: () => actions.open() },
    { label: 'Open Recent', submenu: recentMenu(state.recent, actions) },
    { label: 'Open Sample', enabled: state.hasSample, click: () => actions.openSample() },
    SEPARATOR,
    { role: 'close' },
    // On macOS it stands in the application's own menu.
    ...(state.platform === 'darwin' ? [] : [SEPARATOR, { role: 'quit' } as const]),
  ];
}

function recentMenu(recent: readonly RecentFile[], actions: MenuActions): MenuItemConstructorOptions[] {
  const files = recent.slice(0, RECENT_SHOWN).map(({ file }) => ({
    label: fileLabel(file),
    click: () => actions.openFile(file),
  }));
  const none: MenuItemConstructorOptions = { label: 'No Recent Captures', enabled: false };
  return [
    ...(files.length === 0 ? [none] : files),
    SEPARATOR,
    { label: 'Clear Recent', enabled: files.length > 0, click: () => actions.forgetRecentFiles() },
  ];
}

/** The end of a long path says more than its beginning. In a label, `&` would mark the next letter as a key. */
function fileLabel(file: string): string {
  const shown = file.length > LONGEST_LABEL ? `…${file.slice(1 - LONGEST_LABEL)}` : file;
  return shown.replaceAll('&', '&&');
}

function viewMenu({ isPackaged }: MenuState): MenuItemConstructorOptions[] {
  return [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    SEPARATOR,
    { role: 'togglefullscreen' },
    ...(isPackaged ? [] : [SEPARATOR, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
  ];
}

function helpMenu({ platform }: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    { label: 'STARTTLS for SMTP (RFC 3207)', click: () => actions.openPage('https://www.rfc-editor.org/rfc/rfc3207') },
    { label: 'Wireshark', click: () => actions.openPage('https://www.wireshark.org/') },
    SEPARATOR,
    { label: 'Show Data Folder', click: () => actions.showDataFolder() },
    ...(platform === 'darwin' ? [] : [SEPARATOR, { role: 'about' } as const]),
  ];
}
