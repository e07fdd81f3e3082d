import type { Problem } from '../../shared/bytes/problem.ts';

/** An input that could not be opened at all. */
export interface InputError {
  /** The argument or file as given. */
  readonly file: string;
  readonly problem: Problem;
}

/** The `code` of an error of the operating system (`ENOENT`), or null for any other error. */
function systemCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? null;
}

/** What the operating system says, without its function names and paths. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== null) return REASONS.get(code) ?? code;
  return error instanceof Error ? error.message : String(error);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EIO', 'the disk or network drive reports an error'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on this machine'],
  ['ELOOP', 'its symbolic links run in circles'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EBUSY', 'another program has locked it'],
  ['ENOSPC', 'the disk is full'],
]);

/** The error for a file that could not be opened, with the next step. */
export function openError(file: string, error: unknown): InputError {
  const code = systemCode(error);
  const problem = (errorCode: string, message: string): InputError => ({ file, problem: { code: errorCode, message } });
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return problem('file-not-found', `${file}: there is no such file or folder; check the path.`);
    case 'EACCES':
    case 'EPERM':
      return problem(
        'permission-denied',
        `${file}: permission denied; make it readable for you (captures of tcpdump or dumpcap often belong to root).`,
      );
    case 'EMFILE':
    case 'ENFILE':
      return problem(
        'too-many-files',
        `${file}: too many files are open at once; raise the limit (\`ulimit -n\`) or join the files with mergecap first.`,
      );
    default:
      return problem('cannot-open', `${file}: it cannot be opened: ${systemReason(error)}.`);
  }
}
