import type { OperationName } from './operations.ts';

/** Electron's channel of one operation: the preload script asks on it, the main process answers. */
export function operationChannel<N extends OperationName>(name: N): `starttrace:${N}` {
  return `starttrace:${name}`;
}

/** Electron's channel of what the application says without being asked. No operation has this name. */
export const EVENT_CHANNEL = 'starttrace:event';
