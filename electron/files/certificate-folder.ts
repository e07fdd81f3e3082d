import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { ProblemList } from '../../shared/bytes/problem-list.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { readCertificateFile } from './certificate-files.ts';
import { openError } from './input-error.ts';

export interface CertificateFolder {
  /** Each once, by the names of the files. */
  readonly certificates: readonly X509Certificate[];
  /** The file that a certificate was found in, by SHA-256. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/**
 * Reads every file that stands in a folder itself; hidden ones are passed over. Links are followed, because folders of
 * roots consist of them. Never rejects.
 */
export async function readCertificateFolder(path: string): Promise<CertificateFolder> {
  const problems = new ProblemList();
  const certificates: X509Certificate[] = [];
  const files = new Map<string, string>();
  for (const name of await namesIn(path, problems)) {
    const file = join(path, name);
    const read = await readCertificateFile(file);
    for (const problem of read.problems) problems.add(problem);
    for (const certificate of read.certificates) {
      if (files.has(certificate.sha256)) continue;
      files.set(certificate.sha256, file);
      certificates.push(certificate);
    }
  }
  return { certificates, files, problems: problems.items };
}

async function namesIn(path: string, problems: ProblemList): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
    if (names.length > LIMITS.certificateFolderFiles) {
      const message = `${path}: it has ${names.length} files; the first ${LIMITS.certificateFolderFiles} are read.`;
      problems.add({ code: 'certificate-folder-too-large', message });
    }
    return names.slice(0, LIMITS.certificateFolderFiles);
  } catch (error) {
    problems.add(openError(path, error).problem);
    return [];
  }
}
