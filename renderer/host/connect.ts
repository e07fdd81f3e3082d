import type { StartTraceBridge } from '../../shared/contract/bridge.ts';
import { connectElectron } from './electron.ts';
import type { Host } from './host.ts';
import { connectLoopback } from './loopback.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload script; absent in a browser. */
    readonly starttrace?: StartTraceBridge;
  }
}

/** The host that this page was opened by. */
export function connectHost(): Host {
  return window.starttrace === undefined ? connectLoopback() : connectElectron(window.starttrace);
}
