/** Electron as the window, where its binary is there. Nothing is fetched for it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JudgeQuestionInput, QUESTION_VARIABLE } from '../../shared/contract/operations.ts';
import { systemReason } from '../files/input-error.ts';
import type { CommandContext } from './command.ts';
import { EXIT } from './usage.ts';

export interface ElectronApplication {
  readonly binary: string;
  readonly main: string;
}

/** `build` is the folder of the build; the package of Electron stands beside it when the sources were installed. */
export function findElectron(build: URL): ElectronApplication | null {
  const main = new URL('electron/main.js', build);
  const folder = new URL('../node_modules/electron/', build);
  // Its installation leaves the name of the binary here.
  const pathFile = new URL('path.txt', folder);
  if (!existsSync(main) || !existsSync(pathFile)) return null;
  const binary = new URL(`dist/${readFileSync(pathFile, 'utf8').trim()}`, folder);
  return existsSync(binary) ? { binary: fileURLToPath(binary), main: fileURLToPath(main) } : null;
}

/** Resolves to the exit code when the window is closed. `question`: what it is to judge the files by. */
export function runElectron(
  { binary, main }: ElectronApplication,
  files: readonly string[],
  question: JudgeQuestionInput | undefined,
  { stderr, signal }: CommandContext,
): Promise<number> {
  return new Promise((fulfil) => {
    const asked = question === undefined ? {} : { [QUESTION_VARIABLE]: JSON.stringify(question) };
    const env = { ...process.env, ...asked };
    const child = spawn(binary, [main, ...files.map((file) => resolve(file))], { stdio: 'ignore', env });
    signal.addEventListener('abort', () => child.kill(), { once: true });
    child.once('error', (error) => {
      stderr.write(`starttrace: Electron did not start: ${systemReason(error)}.\n`);
      fulfil(EXIT.failed);
    });
    child.once('exit', (code) => fulfil(code ?? EXIT.ok));
  });
}
