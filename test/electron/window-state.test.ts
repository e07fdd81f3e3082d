import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MINIMUM_SIZE, readWindowState, writeWindowState } from '../../electron/main/window-state.ts';
import { temporaryFolder } from '../support/application.ts';

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 };
const DEFAULT = { bounds: { width: 1440, height: 900 }, maximized: false };

function kept(text: string): string {
  const file = join(temporaryFolder(), 'window.json');
  writeFileSync(file, text);
  return file;
}

describe('the place of the window', () => {
  it('is as it was', () => {
    const file = join(temporaryFolder(), 'not', 'yet', 'window.json');
    writeWindowState(file, { x: 100, y: 50, width: 1000, height: 700 }, true);
    expect(readWindowState(file, [SCREEN])).toEqual({
      bounds: { x: 100, y: 50, width: 1000, height: 700 },
      maximized: true,
    });
  });

  it('at the first start is left to the system', () => {
    expect(readWindowState(join(temporaryFolder(), 'window.json'), [SCREEN])).toEqual(DEFAULT);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"x":1}',
    '"text"',
    '{"x":"1","y":2,"width":3,"height":4,"maximized":false}',
    '\u0000',
  ])('survives a broken file: %j', (text) => expect(readWindowState(kept(text), [SCREEN])).toEqual(DEFAULT));

  it('survives a folder in the place of the file', () => {
    const file = join(temporaryFolder(), 'window.json');
    mkdirSync(file);
    expect(readWindowState(file, [SCREEN])).toEqual(DEFAULT);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    writeWindowState(file, SCREEN, false);
    expect(warn.mock.calls[0][0]).toContain('is not kept');
    warn.mockRestore();
  });

  it('on a screen that is gone is forgotten, the size is not', () => {
    const file = kept('{"x":2000,"y":100,"width":1000,"height":700,"maximized":false}');
    expect(readWindowState(file, [SCREEN]).bounds).toEqual({ width: 1000, height: 700 });
    const second = { x: 1920, y: 0, width: 1920, height: 1080 };
    expect(readWindowState(file, [SCREEN, second]).bounds).toEqual({ x: 2000, y: 100, width: 1000, height: 700 });
  });

  it('is never smaller than the window may be', () => {
    const file = kept('{"x":0,"y":0,"width":1,"height":1,"maximized":false}');
    expect(readWindowState(file, [SCREEN]).bounds).toMatchObject(MINIMUM_SIZE);
  });

  it('whatever the file says, the window can be reached', () => {
    const file = kept('');
    fc.assert(
      fc.property(
        fc.record({ x: fc.anything(), y: fc.anything(), width: fc.anything(), height: fc.anything() }),
        fc.record({ x: fc.integer(), y: fc.integer(), width: fc.integer(), height: fc.integer() }),
        fc.boolean(),
        (anything, numbers, which) => {
          writeFileSync(file, JSON.stringify({ ...(which ? anything : numbers), maximized: false }) ?? '');
          const { bounds } = readWindowState(file, [SCREEN]);
          expect(bounds.width).toBeGreaterThanOrEqual(MINIMUM_SIZE.width);
          expect(bounds.height).toBeGreaterThanOrEqual(MINIMUM_SIZE.height);
          expect(bounds.width).toBeLessThanOrEqual(32_768);
          if (bounds.x !== undefined) expect(bounds.x).toBeLessThan(SCREEN.width);
          if (bounds.y !== undefined) expect(bounds.y).toBeLessThan(SCREEN.height);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is written as a whole, readable', () => {
    const file = join(temporaryFolder(), 'window.json');
    writeWindowState(file, { x: 1, y: 2, width: 903, height: 604 }, false);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ x: 1, y: 2, width: 903, height: 604, maximized: false });
  });
});
