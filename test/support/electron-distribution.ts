/**
 * A folder that stands in for Electron's distribution: what packaging needs of it, and a file in the executable's place
 * that holds the fuses as the real one does.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Electron's fuses follow these letters in its executable (docs/tutorial/fuses.md of Electron). */
const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX', 'latin1');
const WIRE_VERSION = 1;

/** In the order of the wire, version 1. */
export const FUSES = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const;

export type Fuse = (typeof FUSES)[number];

/** As Electron comes: what is safer is off. */
const AS_DELIVERED = '10110001';

/** The distribution for Linux and, beside it in the same folder, the one for macOS. */
export function writeElectronStandIn(folder: string, version: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  writeFileSync(join(folder, 'electron'), executable(), { mode: 0o755 });
  writeFileSync(join(folder, 'version'), version);
  writeFileSync(join(folder, 'LICENSE'), 'stand-in\n');
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  writeMacStandIn(join(folder, 'Electron.app'));
}

/** On macOS the framework holds the fuses. */
function writeMacStandIn(folder: string): void {
  writeBundle(folder, 'Electron');
  const frameworks = join(folder, 'Contents/Frameworks');
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    writeBundle(join(frameworks, `Electron Helper${kind}.app`), `Electron Helper${kind}`);
  }
  const framework = join(frameworks, 'Electron Framework.framework');
  mkdirSync(join(framework, 'Resources'), { recursive: true });
  writeFileSync(join(framework, 'Electron Framework'), executable(), { mode: 0o755 });
}

function writeBundle(folder: string, name: string): void {
  mkdirSync(join(folder, 'Contents/MacOS'), { recursive: true });
  mkdirSync(join(folder, 'Contents/Resources'), { recursive: true });
  writeFileSync(join(folder, 'Contents/MacOS', name), '', { mode: 0o755 });
  const entries = { CFBundleExecutable: name, CFBundleName: name, CFBundleIdentifier: 'com.github.Electron' };
  const lines = Object.entries(entries).map(([key, value]) => `<key>${key}</key><string>${value}</string>`);
  const text = `<plist version="1.0"><dict>${lines.join('')}</dict></plist>`;
  writeFileSync(join(folder, 'Contents/Info.plist'), `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`);
}

function executable(): Buffer {
  const wire = Buffer.concat([Buffer.from([WIRE_VERSION, FUSES.length]), Buffer.from(AS_DELIVERED, 'latin1')]);
  const around = Buffer.alloc(4096, 0x90);
  return Buffer.concat([around, SENTINEL, wire, around]);
}

/** The fuses as they stand in an executable. */
export function readFuses(executable: string): Readonly<Record<Fuse, boolean>> {
  const bytes = readFileSync(executable);
  const at = bytes.indexOf(SENTINEL) + SENTINEL.length;
  if (at < SENTINEL.length || bytes[at] !== WIRE_VERSION) throw new Error(`${executable} holds no fuses`);
  return Object.fromEntries(FUSES.map((fuse, index) => [fuse, bytes[at + 2 + index] === 0x31])) as Record<
    Fuse,
    boolean
  >;
}

interface AsarFolder {
  readonly files: Readonly<Record<string, AsarFolder | { readonly integrity?: { readonly algorithm: string } }>>;
}

/** The files of an archive by their paths, with the algorithm of their checksums. */
export function readAsar(archive: string): ReadonlyMap<string, string | null> {
  const bytes = readFileSync(archive);
  const header: AsarFolder = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12)));
  const found = new Map<string, string | null>();
  const walk = (folder: AsarFolder, prefix: string): void => {
    for (const [name, entry] of Object.entries(folder.files)) {
      if ('files' in entry) walk(entry, `${prefix}${name}/`);
      else found.set(prefix + name, entry.integrity?.algorithm ?? null);
    }
  };
  walk(header, '');
  return found;
}
