/** Wireshark, where it is installed. */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Its folders where an installer does not add them to PATH. */
const FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  win32: ['C:\\Program Files\\Wireshark', 'C:\\Program Files (x86)\\Wireshark'],
  darwin: ['/Applications/Wireshark.app/Contents/MacOS'],
};

/** The program, or null where there is none. Looked up each time: it may be installed meanwhile. */
export async function findWireshark(): Promise<string | null> {
  const windows = process.platform === 'win32';
  const names = windows
    ? ['Wireshark.exe']
    : process.platform === 'darwin'
      ? ['Wireshark', 'wireshark']
      : ['wireshark'];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...(FOLDERS[process.platform] ?? [])];
  for (const folder of folders.filter((one) => one !== '')) {
    for (const name of names) {
      const program = join(folder, name);
      try {
        await access(program, windows ? constants.F_OK : constants.X_OK);
        return program;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

/** Opens the file at that frame. Resolves once the program runs; rejects as the operating system does. */
export function openWireshark(program: string, file: string, frame: number): Promise<void> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, ['-r', file, '-g', String(frame)], { detached: true, stdio: 'ignore' });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      fulfil();
    });
  });
}
