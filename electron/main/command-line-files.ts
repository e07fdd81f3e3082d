/** The captures that a command line names. */
import { resolve } from 'node:path';

/**
 * Absolute paths, in order. What begins with a dash is an option, of ours or of Chromium; behind `--` everything is a
 * file. In a development run the first word is the application's own folder.
 */
export function filesOfCommandLine(words: readonly string[], folder: string, isPackaged: boolean): readonly string[] {
  const given = words.slice(isPackaged ? 1 : 2);
  const end = given.indexOf('--');
  const before = end === -1 ? given : given.slice(0, end);
  const after = end === -1 ? [] : given.slice(end + 1);
  return [...before.filter((word) => word !== '' && !word.startsWith('-')), ...after].map((word) =>
    resolve(folder, word),
  );
}
