/** Where Electron begins. The build makes it dist/electron/main.js, so its folder's parent holds all that was built. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { JUDGE_QUESTION, type JudgeQuestionInput, QUESTION_VARIABLE } from '../../shared/contract/operations.ts';
import { dataFolder } from '../files/data-folder.ts';
import { thisHost } from '../files/trust-host.ts';
import { type Installation, installationAt } from '../service/installation.ts';
import { startDesktop } from './desktop.ts';

/** Put here by the build. */
declare const STARTTRACE_VERSION: string;

const icon = fileURLToPath(new URL('icon.png', import.meta.url));

// Not awaited: Electron is not ready before this module is done.
void startDesktop({
  version: STARTTRACE_VERSION,
  installation: withSampleOnDisk(installationAt(new URL('../', import.meta.url))),
  dataFolder: dataFolder(thisHost()),
  question: askedQuestion(process.env[QUESTION_VARIABLE]),
  preload: fileURLToPath(new URL('preload.cjs', import.meta.url)),
  icon: process.platform === 'linux' && existsSync(icon) ? icon : null,
});

/** What the command line wants its files judged by. Anything else that stands there is nobody's question. */
function askedQuestion(text: string | undefined): JudgeQuestionInput | null {
  if (text === undefined) return null;
  try {
    const checked = z.safeParse(JUDGE_QUESTION, JSON.parse(text));
    return checked.success ? checked.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Packaged, all files are in one archive. The sample lies beside it too, so that Wireshark can open it. */
function withSampleOnDisk(installation: Installation): Installation {
  const { sample } = installation;
  if (sample === null) return installation;
  const onDisk = (path: string): string => path.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
  return { ...installation, sample: { capture: onDisk(sample.capture), expectations: onDisk(sample.expectations) } };
}
