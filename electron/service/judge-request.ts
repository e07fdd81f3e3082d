/** From what a person asks for to what judging needs: expectation files, trust policies and lists, read and checked. */
import type { Problem } from '../../shared/bytes/problem.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { CATALOGUE } from '../../shared/expect/catalogue.ts';
import type { Expectations } from '../../shared/expect/expectations.ts';
import type { TrustPolicy } from '../../shared/expect/trust-policy.ts';
import type { DocumentProblem } from '../../shared/expect/yaml-document.ts';
import type { Profile } from '../../shared/x509/path/model.ts';
import type { CertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { readCatalogueFile } from '../files/catalogue-file.ts';
import { readCertificateFile } from '../files/certificate-files.ts';
import { readExpectationFile, readExpectations } from '../files/expectation-file.ts';
import { openError } from '../files/input-error.ts';
import { type ResolvedTrust, resolveTrust, TrustError } from '../files/trust-stores.ts';
import { type DecisiveTime, type JudgeRequest, trustSpecification } from './judge-captures.ts';

export interface ExpectationText {
  /** Trust policies that the text names as files stand beside this one. */
  readonly name: string;
  readonly text: string;
}

export interface JudgeQuestion {
  /** A policy's name or a file; null: what the expectation file names, or the roots that Mozilla trusts. */
  readonly trust: string | null;
  /** An expectation file, or its text with the name that it goes by, or null. */
  readonly expectations: string | ExpectationText | null;
  /** Null: what the policy says, or the capture's time. */
  readonly at: DecisiveTime | null;
  readonly profile: Profile | null;
  readonly lists: readonly string[];
  readonly requireRevocation: boolean;
  /** A file of the user's own entries about what providers present, or null. */
  readonly catalogue: string | null;
}

/** What stands in the way of judging: each message names the file, the place and the next step. */
export class JudgeInputError extends Error {
  override readonly name = 'JudgeInputError';
  readonly messages: readonly string[];

  constructor(messages: readonly string[]) {
    super(messages.join('\n'));
    this.messages = messages;
  }
}

/** Whom to trust unless somebody says. */
export const DEFAULT_TRUST = 'mozilla';

/**
 * Reads everything that the question names. `now` in seconds since 1970. Rejects with a JudgeInputError; problems that
 * leave enough to judge by come back beside the request.
 */
export async function judgeRequest(
  question: JudgeQuestion,
  now: number,
): Promise<{ readonly request: JudgeRequest; readonly problems: readonly Problem[] }> {
  const expectations = question.expectations === null ? null : await loadExpectations(question.expectations);
  const file =
    typeof question.expectations === 'object' ? (question.expectations?.name ?? null) : question.expectations;
  const inFile =
    file !== null && expectations?.trust !== undefined ? trustSpecification(expectations.trust, file) : null;
  const { policy: trust, problems } = await loadTrust(question.trust ?? inFile ?? DEFAULT_TRUST);
  const partnerTrust = new Map<string, TrustPolicy>();
  for (const partner of expectations?.partners ?? []) {
    if (partner.trust === undefined || file === null || partnerTrust.has(partner.trust)) continue;
    partnerTrust.set(partner.trust, (await loadTrust(trustSpecification(partner.trust, file))).policy);
  }
  const request: JudgeRequest = {
    trust,
    expectations: expectations === null || file === null ? null : { file, value: expectations },
    partnerTrust,
    at: question.at ?? trust.rules.time ?? 'capture',
    now,
    profile: question.profile,
    lists: await loadLists(question.lists),
    requireRevocation: question.requireRevocation,
    catalogue: await loadCatalogue(question.catalogue),
  };
  return { request, problems };
}

async function loadTrust(specification: string): Promise<ResolvedTrust> {
  try {
    return await resolveTrust(specification);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new JudgeInputError(error.problems.map(({ message }) => message));
  }
}

async function loadExpectations(given: string | ExpectationText): Promise<Expectations> {
  const file = typeof given === 'string' ? given : given.name;
  const reading = await opened(file, async () =>
    typeof given === 'string' ? readExpectationFile(given) : readExpectations(given.text),
  );
  if (reading.kind === 'expectations') return reading.expectations;
  throw documentError(file, reading.problems);
}

/** The user's entries go before those that come with the application. */
async function loadCatalogue(file: string | null): Promise<readonly CatalogueEntry[]> {
  if (file === null) return CATALOGUE;
  const reading = await opened(file, () => readCatalogueFile(file));
  if (reading.kind === 'entries') return [...reading.entries, ...CATALOGUE];
  throw documentError(file, reading.problems);
}

async function opened<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new JudgeInputError([openError(file, error).problem.message]);
  }
}

function documentError(file: string, problems: readonly DocumentProblem[]): JudgeInputError {
  return new JudgeInputError(problems.map(({ message, line, column }) => `${file}:${line}:${column}: ${message}`));
}

async function loadLists(files: readonly string[]): Promise<readonly CertificateList[]> {
  const lists: CertificateList[] = [];
  for (const file of files) {
    const read = await readCertificateFile(file);
    if (read.lists.length === 0) {
      const reason = read.problems[0]?.message ?? `${file}: there is no certificate revocation list in it.`;
      throw new JudgeInputError([`${reason} Give a CRL in PEM or DER.`]);
    }
    lists.push(...read.lists);
  }
  return lists;
}
