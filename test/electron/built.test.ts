/** What the build made for Electron, run as it was built: the main process with its threads, the preload script. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../shared/contract/operations.ts';
import { temporaryFolder } from '../support/application.ts';
import { ensureBuilt, ROOT, STORY } from '../support/command.ts';

beforeAll(ensureBuilt);

describe('the preload script', () => {
  it('hands over the bridge, with nothing but the module electron at hand, as in the sandbox', () => {
    const exposed: Record<string, Record<string, unknown>> = {};
    const asked: unknown[][] = [];
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, value: Record<string, unknown>) => {
          exposed[name] = value;
        },
      },
      ipcRenderer: { invoke: async (...values: unknown[]) => asked.push(values) },
      webUtils: {},
    };
    const modules = (name: string): unknown => {
      if (name !== 'electron') throw new Error(`the sandbox has no ${name}`);
      return electron;
    };
    runInNewContext(readFileSync(join(ROOT, 'dist/electron/preload.cjs'), 'utf8'), { require: modules });
    expect(Object.keys(exposed)).toEqual(['starttrace']);
    expect(Object.keys(exposed['starttrace']).sort()).toEqual(
      [...Object.keys(OPERATIONS), 'onEvent', 'pathsOf'].sort(),
    );
    (exposed['starttrace']['about'] as (input: unknown) => void)({});
    expect(asked).toEqual([['starttrace:about', {}]]);
  });
});

/** What a process does that has the stand-in as its module electron: starts, waits, and prints what the page was told. */
const DRIVER = `
import { app, becomeReady, electron, ipcRenderer } from 'electron';
const told = [];
const finished = new Promise((fulfil) => {
  ipcRenderer.on('starttrace:event', (_, event) => {
    told.push(event);
    if (event.kind === 'run-finished' || event.kind === 'run-failed') fulfil();
  });
});
await import('./dist/electron/main.js');
becomeReady();
await finished;
const { run } = told[0];
const ask = (name, input) => ipcRenderer.invoke('starttrace:' + name, input);
const question = { trust: null, expectations: null, at: null };
const answers = { about: await ask('about', {}), judge: await ask('judge', { run, question }) };
const { options } = electron.windows[0];
console.log(JSON.stringify({ told, answers, preload: options.webPreferences.preload }));
app.emit('will-quit');
`;

describe('the main process', () => {
  it('opens the window on the built page, and reads a capture in a thread', async () => {
    const folder = temporaryFolder();
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    const standIn = join(folder, 'node_modules/electron');
    mkdirSync(standIn, { recursive: true });
    const bundle = await rolldown({ input: join(ROOT, 'test/support/electron-stand-in.ts'), platform: 'node' });
    await bundle.write({ file: join(standIn, 'index.js'), format: 'esm' });
    writeFileSync(join(standIn, 'package.json'), '{ "name": "electron", "type": "module", "main": "index.js" }');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const driver = join(folder, 'driver.js');
    writeFileSync(driver, DRIVER);

    const data = join(folder, 'data');
    const child = spawn(process.execPath, [driver, STORY], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: data, APPDATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err]: Buffer[][] = [[], []];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    const [code] = await once(child, 'close');
    expect({ code, err: Buffer.concat(err).toString() }).toEqual({ code: 0, err: '' });

    const { told, answers, preload } = JSON.parse(Buffer.concat(out).toString());
    expect(told[0]).toEqual({ kind: 'run-opened', run: expect.any(String), names: [STORY] });
    expect(told.at(-1)).toMatchObject({ kind: 'run-finished', sessions: expect.any(Number), errors: [] });
    expect(answers.about).toMatchObject({ kind: 'result', result: { host: 'electron' } });
    expect(answers.about.result.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(answers.judge).toMatchObject({ kind: 'result' });
    expect(pathToFileURL(preload).href).toBe(pathToFileURL(join(folder, 'dist/electron/preload.cjs')).href);
  });
});
