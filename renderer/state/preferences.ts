/** How the window looks, for this person on this machine. */
import { useSyncExternalStore } from 'react';
import { isRecordOf, remember, remembered } from './remembered.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;
/** Percent of the browser's own text size. */
export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200] as const;

export interface Preferences {
  readonly theme: (typeof THEMES)[number];
  readonly density: (typeof DENSITIES)[number];
  readonly zoom: (typeof ZOOMS)[number];
}

const NAME = 'preferences';
const listeners = new Set<() => void>();
let current = restored();
apply(current);

export function preferences(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  remember(NAME, current);
  apply(current);
  for (const listener of listeners) listener();
}

/** The next greater or smaller text. */
export function zoomBy(steps: number): void {
  const at = ZOOMS.indexOf(current.zoom) + steps;
  prefer({ zoom: ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)] });
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function restored(): Preferences {
  const kept = remembered(NAME, (value): value is Record<string, unknown> => isRecordOf(value, isAnything)) ?? {};
  return {
    theme: THEMES.find((theme) => theme === kept['theme']) ?? 'system',
    density: DENSITIES.find((density) => density === kept['density']) ?? 'comfortable',
    zoom: ZOOMS.find((zoom) => zoom === kept['zoom']) ?? 100,
  };
}

function isAnything(value: unknown): value is unknown {
  return value !== undefined;
}

function apply({ theme, density, zoom }: Preferences): void {
  const { dataset, style } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  dataset['density'] = density;
  style.fontSize = `${zoom}%`;
}
