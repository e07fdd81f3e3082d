/** The port that the loopback host had last: under the same one, the page finds its own settings again. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'loopback-port';

/** 0, which lets the system choose, where none was kept. */
export async function rememberedPort(dataFolder: string): Promise<number> {
  const text = await readFile(join(dataFolder, FILE), 'utf8').catch(() => '');
  const port = /^\d{4,5}$/.test(text.trim()) ? Number(text) : 0;
  return port > 1023 && port < 65_536 ? port : 0;
}

/** Where it cannot be kept, the page begins with its own settings next time: no reason to fail. */
export async function rememberPort(dataFolder: string, port: number): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
    .then(() => writeFile(join(dataFolder, FILE), `${port}\n`))
    .catch(() => undefined);
}
