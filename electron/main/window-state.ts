/** Where the window was and how large, kept in the data folder. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import * as z from 'zod/mini';

export const MINIMUM_SIZE = { width: 900, height: 600 };
const DEFAULT_SIZE = { width: 1440, height: 900 };
/** More than any screen has: a damaged file must not make a window that nobody can reach. */
const MOST_PIXELS = 32_768;

const length = z.int().check(z.gte(1), z.lte(MOST_PIXELS));
const coordinate = z.int().check(z.gte(-MOST_PIXELS), z.lte(MOST_PIXELS));
const FILE = z.object({ x: coordinate, y: coordinate, width: length, height: length, maximized: z.boolean() });

export interface WindowState {
  /** Without a place, the system chooses one. */
  readonly bounds: { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number };
  readonly maximized: boolean;
}

/** `screens` are the areas that windows may cover now; a place outside of all of them is forgotten. */
export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState {
  const kept = readFile(file);
  if (kept === null) return { bounds: DEFAULT_SIZE, maximized: false };
  const width = Math.max(kept.width, MINIMUM_SIZE.width);
  const height = Math.max(kept.height, MINIMUM_SIZE.height);
  const place = screens.some((screen) => isReachable(kept, screen)) ? { x: kept.x, y: kept.y } : {};
  return { bounds: { width, height, ...place }, maximized: kept.maximized };
}

/** As a whole or not at all. A disk that is full keeps nobody from closing the window. */
export function writeWindowState(file: string, bounds: Rectangle, maximized: boolean): void {
  const half = `${file}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(half, `${JSON.stringify({ ...bounds, maximized })}\n`, { mode: 0o600 });
    renameSync(half, file);
  } catch (error) {
    console.warn(`The window's place is not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readFile(file: string): z.infer<typeof FILE> | null {
  try {
    const read = z.safeParse(FILE, JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : null;
  } catch {
    // The first start, or a damaged file: the default place serves as well.
    return null;
  }
}

/** Enough of the title bar is on the screen to take hold of it. */
function isReachable(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  return across >= 100 && window.y >= screen.y && window.y <= screen.y + screen.height - 40;
}
