import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import config from '../../build/electron-builder.config.ts';
import { type IconImage, writeIcns, writeIco } from '../../build/icons/containers.ts';
import { temporaryFolder } from '../support/application.ts';
import { ensureBuilt, ROOT } from '../support/command.ts';
import { FUSES, readAsar, readFuses, writeElectronStandIn } from '../support/electron-distribution.ts';

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const TSX = createRequire(import.meta.url).resolve('tsx/cli');
/** Nothing listens there: whoever wants the network fails. */
const NOWHERE = 'http://127.0.0.1:9';

const electronDist = temporaryFolder();
const output = temporaryFolder();
const unpacked = join(output, 'linux-unpacked');

const SAFE = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};

beforeAll(async () => {
  await ensureBuilt();
  writeElectronStandIn(electronDist, PACKAGE.devDependencies.electron);
});

async function pack(platform: 'linux' | 'mac', change: object = {}): Promise<{ code: number; text: string }> {
  const child = spawn(
    process.execPath,
    [TSX, join(ROOT, 'test/support/pack.ts'), platform, electronDist, output, JSON.stringify(change)],
    {
      cwd: ROOT,
      env: { ...process.env, HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece) => pieces.push(piece));
  child.stderr.on('data', (piece) => pieces.push(piece));
  const [code] = await once(child, 'close');
  return { code, text: Buffer.concat(pieces).toString() };
}

describe('the configuration', () => {
  it('is refused by electron-builder when it has an option that there is not', async () => {
    const { code, text } = await pack('linux', { nsis: { oneKlick: true } });
    expect(code).not.toBe(0);
    expect(text).toContain('configuration.nsis should be one of these');
  });

  it('names every kind of package that there shall be', () => {
    const targets = (platform: 'win' | 'mac' | 'linux'): string[] =>
      [config[platform]?.target ?? []].flat().map((one) => (typeof one === 'string' ? one : (one?.target ?? '')));
    expect(targets('win')).toEqual(['nsis', 'msi']);
    expect(targets('mac')).toEqual(['dmg']);
    expect(targets('linux')).toEqual(['AppImage', 'deb', 'rpm']);
  });

  it('opens captures with the application', () => {
    const associations = [config.fileAssociations ?? []].flat();
    expect(associations.flatMap(({ ext }) => ext).sort()).toEqual(['cap', 'pcap', 'pcapng', 'snoop']);
    for (const { mimeType } of associations) expect(mimeType).toMatch(/^application\/[\w.-]+$/);
  });

  it('makes the executable that packages and the menu of Linux call', () => {
    expect(config.linux?.executableName).toBe('starttrace-desktop');
    expect(PACKAGE.main).toBe('dist/electron/main.js');
  });
});

describe('the application folder, packed without a network', () => {
  let packed: Awaited<ReturnType<typeof pack>>;
  let archive: ReadonlyMap<string, string | null>;
  beforeAll(async () => {
    packed = await pack('linux');
    if (packed.code === 0) archive = readAsar(join(unpacked, 'resources/app.asar'));
  });

  it('is there: electron-builder found the configuration good', () => expect(packed).toMatchObject({ code: 0 }));

  it('holds what main.js needs, with checksums, and nothing else', () => {
    const files = [...archive.keys()];
    for (const file of [
      'package.json',
      'dist/electron/main.js',
      'dist/electron/preload.cjs',
      'dist/run-worker.js',
      'dist/analysis-worker.js',
      'dist/renderer/index.html',
    ]) {
      expect(files).toContain(file);
      expect(archive.get(file), file).toBe('SHA256');
    }
    expect(files.filter((file) => !/^(?:dist\/|package\.json$|LICENSE$)/.test(file))).toEqual([]);
    expect(files.filter((file) => /node_modules|\.map$|\.ts$|starttrace\.js$/.test(file))).toEqual([]);
  });

  it('the sample lies beside the archive, where Wireshark can read it', () => {
    const sample = join(unpacked, 'resources/app.asar.unpacked/dist/sample');
    expect(readdirSync(sample)).toContain('contoso-to-fabrikam-via-eop.pcapng');
  });

  it('its fuses are set', () => {
    const before = readFuses(join(electronDist, 'electron'));
    expect(before).toMatchObject({ runAsNode: true, onlyLoadAppFromAsar: false });
    expect(readFuses(join(unpacked, 'starttrace-desktop'))).toEqual(SAFE);
  });

  it('every fuse that Electron has is decided', () => {
    expect(Object.keys(config.electronFuses ?? {}).sort()).toEqual([...FUSES, 'resetAdHocDarwinSignature'].sort());
  });
});

describe('the application for macOS, packed without a network', () => {
  const folder = join(output, 'mac/StartTrace.app/Contents');
  let packed: Awaited<ReturnType<typeof pack>>;
  beforeAll(async () => {
    // Only Apple's own program can sign, and it is on macOS only.
    packed = await pack('mac', { electronFuses: { ...config.electronFuses, resetAdHocDarwinSignature: false } });
  });

  it('is there', () => expect(packed).toMatchObject({ code: 0 }));

  it('says which files it opens, as a viewer, and does not claim to be the first choice', () => {
    const text = readFileSync(join(folder, 'Info.plist'), 'utf8');
    for (const ending of ['pcapng', 'pcap', 'cap', 'snoop']) expect(text).toContain(`<string>${ending}</string>`);
    expect(text.match(/<string>Viewer<\/string>/g)?.length).toBe(3);
    expect(text.match(/<string>Alternate<\/string>/g)?.length).toBe(3);
  });

  it('knows the checksum of its archive, which a fuse makes Electron compare', () => {
    const text = readFileSync(join(folder, 'Info.plist'), 'utf8');
    expect(text).toMatch(/ElectronAsarIntegrity[\s\S]*Resources\/app\.asar[\s\S]*<string>[0-9a-f]{64}<\/string>/);
    expect(readFuses(join(folder, 'Frameworks/Electron Framework.framework/Electron Framework'))).toEqual(SAFE);
  });

  it('has our icon', () => {
    const icon = readFileSync(join(folder, 'Resources/icon.icns'));
    expect(icon).toEqual(readFileSync(join(ROOT, 'build/icons/icon.icns')));
  });
});

describe('what the build makes for Electron', () => {
  const built = (name: string): string => readFileSync(join(ROOT, 'dist/electron', name), 'utf8');

  it('the preload script is one CommonJS file that needs only electron', () => {
    const preload = built('preload.cjs');
    expect([...preload.matchAll(/\brequire\(([^)]*)\)/g)].map(([, name]) => name)).toEqual(['"electron"']);
    expect(preload).not.toMatch(/^\s*import\b/m);
    // The schemas stay in the main process.
    expect(preload.length).toBeLessThan(5_000);
  });

  it('the main process needs only Node and electron', () => {
    const main = built('main.js');
    const imported = [...main.matchAll(/\bfrom\s*["']([^"'\s]+)["'];?/g)].map(([, name]) => name);
    expect(imported).toContain('electron');
    expect(imported.filter((name) => name !== 'electron' && !name.startsWith('node:'))).toEqual([]);
  });
});

describe('icons', () => {
  const ICONS = join(ROOT, 'build/icons');
  const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
  const images: IconImage[] = SIZES.map((size) => ({ size, png: readFileSync(join(ICONS, `${size}x${size}.png`)) }));

  it.each(images)('$size pixels', ({ size, png }) => {
    const bytes = Buffer.from(png);
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([size, size]);
  });

  it('the ICO file leads to each picture', () => {
    const ico = readFileSync(join(ICONS, 'icon.ico'));
    expect(ico).toEqual(writeIco(images.filter(({ size }) => size <= 256)));
    const count = ico.readUInt16LE(4);
    const found = Array.from({ length: count }, (_, index) => {
      const entry = 6 + 16 * index;
      const offset = ico.readUInt32LE(entry + 12);
      const png = ico.subarray(offset, offset + ico.readUInt32LE(entry + 8));
      expect(png.toString('latin1', 1, 4)).toBe('PNG');
      expect(ico[entry] || 256).toBe(png.readUInt32BE(16));
      return png.readUInt32BE(16);
    });
    expect(found).toEqual([16, 24, 32, 48, 64, 128, 256]);
    expect(() => writeIco(images)).toThrow(RangeError);
  });

  it('the ICNS file is made of blocks that end where it ends', () => {
    const icns = readFileSync(join(ICONS, 'icon.icns'));
    expect(icns).toEqual(writeIcns(images));
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const sizes: Record<string, number> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      sizes[icns.toString('latin1', at, at + 4)] = icns.readUInt32BE(at + 8 + 16);
    }
    expect(sizes).toEqual({ ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 });
  });
});

describe('the release workflow', () => {
  const file = join(ROOT, '.github/workflows/release.yml');
  const workflow = parse(readFileSync(file, 'utf8'));
  const steps: { uses?: string; run?: string }[] = workflow.jobs.package.steps;

  it('runs on three systems', () => {
    const systems = workflow.jobs.package.strategy.matrix.include.map(({ os }: { os: string }) => os.split('-')[0]);
    expect(systems).toEqual(['ubuntu', 'macos', 'windows']);
  });

  it('pins every action to a commit', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(2);
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
  });

  it('runs only scripts that there are, and may only read', () => {
    const scripts = steps.flatMap(({ run }) =>
      [...(run ?? '').matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, one]) => one),
    );
    expect(scripts).toContain('package');
    expect(scripts.filter((script) => !(script in PACKAGE.scripts))).toEqual([]);
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  it('the files that it tests are there', () => {
    const tests = steps.flatMap(({ run }) => [...(run ?? '').matchAll(/\btest\/[\w./-]+/g)].map(([path]) => path));
    for (const path of tests)
      expect(existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).size > 0, path).toBe(true);
  });
});
