import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Which layers a layer may import, beside itself. The order is the drawing in docs/architecture.md, bottom up. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'shared/bytes': [],
  'shared/capture': ['shared/bytes'],
  'shared/net': ['shared/bytes', 'shared/capture'],
  'shared/smtp': ['shared/bytes'],
  'shared/tls': ['shared/bytes'],
  'shared/x509': ['shared/bytes'],
  'shared/contract': ['shared/bytes'],
  'shared/trace': [
    'shared/bytes',
    'shared/capture',
    'shared/net',
    'shared/smtp',
    'shared/tls',
    'shared/x509',
    'shared/contract',
  ],
  'shared/expect': ['shared/bytes', 'shared/x509', 'shared/contract'],
  'electron/files': [
    'shared/bytes',
    'shared/capture',
    'shared/x509',
    'shared/trace',
    'shared/contract',
    'shared/expect',
  ],
  'electron/worker': [
    'shared/bytes',
    'shared/capture',
    'shared/contract',
    'shared/net',
    'shared/trace',
    'electron/files',
  ],
  'electron/service': [
    'shared/bytes',
    'shared/contract',
    'shared/x509',
    'shared/trace',
    'shared/expect',
    'electron/files',
    'electron/worker',
  ],
  'electron/browser': ['shared/bytes', 'shared/contract', 'electron/files', 'electron/service'],
  'electron/preload': ['shared/contract'],
  'electron/main': ['shared/contract', 'electron/files', 'electron/service'],
  'electron/cli': [
    'shared/bytes',
    'shared/contract',
    'shared/x509',
    'shared/trace',
    'shared/expect',
    'electron/files',
    'electron/worker',
    'electron/service',
    'electron/browser',
  ],
};

/** Packages that `shared/` may use: pure, well kept, without dependencies. */
const PURE_PACKAGES = /^@noble\/(?:hashes|ciphers)\/|^node-forge\/lib\/(?:forge|des)\.js$/;
/** Documents that people write, and messages from a front end, are checked with these. */
const DOCUMENT_PACKAGES = /^(?:yaml|zod(?:\/mini)?)$/;
const DOCUMENT_LAYERS: readonly string[] = ['shared/expect', 'shared/contract'];

interface Import {
  readonly file: string;
  readonly layer: string;
  readonly specifier: string;
}

const files = ['shared', 'electron'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
);

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const layer = file.split('/').slice(0, 2).join('/');
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)].map(([, specifier]) => ({
    file,
    layer,
    specifier,
  }));
});

describe('imports go downwards only', () => {
  it('read every source file of every layer', () => {
    expect(new Set(files.map((file) => file.split('/').slice(0, 2).join('/')))).toEqual(new Set(Object.keys(LAYERS)));
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(2 * files.length);
  });

  it.each(Object.entries(LAYERS))('%s', (layer, allowed) => {
    const wrong = imports
      .filter((found) => found.layer === layer && found.specifier.startsWith('.'))
      .map((found) => ({ ...found, target: relative(ROOT, resolve(ROOT, dirname(found.file), found.specifier)) }))
      .filter(({ target }) => ![layer, ...allowed].includes(target.split('/').slice(0, 2).join('/')))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it('shared/ uses no package but pure ones', () => {
    const wrong = imports
      .filter(({ layer, specifier }) => layer.startsWith('shared/') && !specifier.startsWith('.'))
      .filter(({ specifier }) => !PURE_PACKAGES.test(specifier))
      .filter(({ layer, specifier }) => !DOCUMENT_LAYERS.includes(layer) || !DOCUMENT_PACKAGES.test(specifier))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('only electron/main and electron/preload import electron', () => {
    const importers = imports.filter(({ specifier }) => specifier === 'electron').map(({ layer }) => layer);
    expect([...new Set(importers)].sort()).toEqual(['electron/main', 'electron/preload']);
  });

  it('shared/ knows no clock, no randomness and no host', () => {
    const host =
      /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.|process\.|globalThis|require\(|setTimeout|fetch\()/;
    const wrong = files.filter(
      (file) => file.startsWith('shared/') && host.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});
