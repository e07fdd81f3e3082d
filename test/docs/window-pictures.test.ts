import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shrinkPng, sizeOfPng } from '../../docs/pictures/png.ts';
import { pictureName, THEMES, WINDOW_PICTURES } from '../../docs/pictures/window.ts';
import { ROOT } from '../support/command.ts';

const FOLDER = join(ROOT, 'docs/pictures');
const MOST_BYTES = 200_000;
const GUIDE = readFileSync(join(ROOT, 'docs/window.md'), 'utf8');
const NAMES = WINDOW_PICTURES.flatMap(({ view, size }) =>
  THEMES.map((theme) => [pictureName(view, theme), size] as const),
);

describe('pictures of the window', () => {
  it.each(NAMES)('%s has the size that its script gives it, and is small', (name, size) => {
    const png = readFileSync(join(FOLDER, name));
    expect(sizeOfPng(png)).toEqual(size);
    expect(png.length).toBeLessThan(MOST_BYTES);
  });

  it('the folder, the script and the guide name the same ones', () => {
    const made = NAMES.map(([name]) => name).sort();
    expect(
      readdirSync(FOLDER)
        .filter((name) => name.startsWith('window-'))
        .sort(),
    ).toEqual(made);
    const shown = [...GUIDE.matchAll(/pictures\/(window-[\w-]+\.png)/g)].map(([, name]) => name);
    expect(shown.sort()).toEqual(made);
  });

  it('the guide shows each view in the order of the script, light and dark', () => {
    const light = [...GUIDE.matchAll(/<img src="pictures\/window-([\w-]+)-light\.png"/g)].map(([, view]) => view);
    expect(light).toEqual(WINDOW_PICTURES.map(({ view }) => view));
  });

  it('making one smaller twice changes nothing more', () => {
    const png = readFileSync(join(FOLDER, NAMES[0][0]));
    expect(shrinkPng(png).equals(png)).toBe(true);
  });

  it('the guide has every key of the window’s own list', () => {
    const source = readFileSync(join(ROOT, 'renderer/commands/keys-dialog.tsx'), 'utf8');
    const meanings = [...source.matchAll(/^ {6}\['[^']+', '([^']+)'\],$/gm)].map(([, meaning]) => meaning);
    expect(meanings.length).toBeGreaterThan(10);
    const words = (text: string): string => text.toLowerCase().replaceAll('`', '');
    const page = words(GUIDE);
    const missing = meanings.filter((meaning) => {
      const first = words(meaning).split(/[;,:]/)[0];
      return !page.includes(first);
    });
    expect(missing).toEqual([]);
  });
});
