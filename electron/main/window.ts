/** The window: made, filled, remembered. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { EVENT_CHANNEL } from '../../shared/contract/channels.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';
import { PAGE_ADDRESS, securePreferences } from './security.ts';
import { MINIMUM_SIZE, readWindowState, writeWindowState } from './window-state.ts';

export interface WindowOptions {
  /** Path of the bundled preload script. */
  readonly preload: string;
  /** Path of the file that keeps its place. */
  readonly stateFile: string;
  /** Path of a picture; null where the system takes it from the application. */
  readonly icon: string | null;
}

/** The page's own colours (`--surface` in renderer/styles/tokens.css), so that nothing flashes before it is drawn. */
const SURFACE = { light: '#ffffff', dark: '#16181c' };

export function createWindow({ preload, stateFile, icon }: WindowOptions): BrowserWindow {
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { bounds, maximized } = readWindowState(stateFile, screens);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'StartTrace',
    backgroundColor: surface(),
    show: false,
    ...(icon === null ? {} : { icon }),
    webPreferences: securePreferences(preload),
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized()));

  const followTheme = (): void => window.setBackgroundColor(surface());
  nativeTheme.on('updated', followTheme);
  window.on('closed', () => nativeTheme.off('updated', followTheme));

  void window.loadURL(PAGE_ADDRESS);
  return window;
}

/** Tells the page, if it is still there. */
export function tell(window: BrowserWindow, event: ApplicationEvent): void {
  if (!window.isDestroyed() && !window.webContents.isCrashed()) window.webContents.send(EVENT_CHANNEL, event);
}

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function surface(): string {
  return nativeTheme.shouldUseDarkColors ? SURFACE.dark : SURFACE.light;
}
