/** Finds the trust policy that a word on the command line means: a policy's name, a policy file, certificates. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { closestWord } from '../../shared/expect/closest-word.ts';
import { BUILT_IN_POLICIES } from '../../shared/expect/policies/built-in.ts';
import { DEFAULT_RULES, isAuthority, plainAnchor, type TrustPolicy } from '../../shared/expect/trust-policy.ts';
import {
  type FoundCertificates,
  type PolicyReading,
  readTrustPolicy,
} from '../../shared/expect/trust-policy-building.ts';
import { withoutFiles } from '../../shared/expect/trust-policy-document.ts';
import type { TrustAnchor } from '../../shared/x509/path/model.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { readCertificateFile } from './certificate-files.ts';
import { readCertificateFolder } from './certificate-folder.ts';
import { openError, systemReason } from './input-error.ts';
import { mozillaPolicy, notAnAuthority, type StorePolicy, systemPolicy } from './root-stores.ts';
import { type TrustHost, thisHost } from './trust-host.ts';
import { policyFolder, userPolicyFiles, writeUserPolicy } from './user-policies.ts';

/** There is no policy to go by. Each message names the file, the place in it and the next step. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join('\n'));
    this.problems = problems;
  }
}

export interface ResolvedTrust {
  readonly policy: TrustPolicy;
  /** What could not be used of it; enough is left. */
  readonly problems: readonly Problem[];
}

/** `built-in`: comes with the application. `user`: kept in the data folder. `given`: a file or folder by its path. */
export type PolicyOrigin = 'built-in' | 'user' | 'given';

export interface LocatedPolicy extends ResolvedTrust {
  readonly origin: PolicyOrigin;
  /** Where it stands; null for what comes with the application. */
  readonly file: string | null;
  /** A user's policy that stands in for the built-in one of its name. */
  readonly replacesBuiltIn: boolean;
  /** The text of its document; null where there is none. */
  readonly text: string | null;
}

export interface ListedPolicies {
  /** By name: those that come with the application first. */
  readonly policies: readonly LocatedPolicy[];
  /** Policies that are there and cannot be read. */
  readonly problems: readonly Problem[];
}

/**
 * The policy of that name, or the one in a file (YAML, JSON, PEM, DER, .p7b) or folder of certificates. Names go before
 * files: write ./mozilla for a file of that name. Rejects with a TrustError.
 */
export async function resolveTrust(specification: string, host: TrustHost = thisHost()): Promise<ResolvedTrust> {
  return locateTrust(specification, host);
}

/** As `resolveTrust`, and where it was found. */
export function locateTrust(specification: string, host: TrustHost = thisHost()): Promise<LocatedPolicy> {
  return new TrustSearch(host).locate(specification);
}

/** Every policy that has a name. */
export async function listTrustPolicies(host: TrustHost = thisHost()): Promise<ListedPolicies> {
  const search = new TrustSearch(host);
  const names = new Set([...STORES, ...BUILT_IN_POLICIES.keys(), ...(await userPolicyFiles(host)).keys()]);
  const policies: LocatedPolicy[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    try {
      policies.push(await search.named(name, []));
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { policies, problems };
}

export interface TrustUpdate {
  readonly policy: TrustPolicy;
  /** The file that was written. */
  readonly file: string;
  /** What was in place under the name before; null: nothing. */
  readonly before: LocatedPolicy | null;
}

/** The update is of an older day than what is in place. */
export class OlderPolicyError extends Error {
  override readonly name = 'OlderPolicyError';
}

/**
 * Makes a policy file the user's policy of its name: read and checked first, then put in place as a whole, with the
 * certificates in it that the file takes from other files. Rejects with a TrustError, with an OlderPolicyError unless
 * `force`, or as the file system does.
 */
export async function updateTrustPolicy(
  path: string,
  force: boolean,
  host: TrustHost = thisHost(),
): Promise<TrustUpdate> {
  const search = new TrustSearch(host);
  const { policy, text, files } = await search.policyFile(path, []);
  const before = await search.inPlace(policy.name);
  const issued = before?.policy.issued ?? null;
  if (!force && issued !== null && policy.issued !== null && policy.issued < issued) {
    const place =
      before?.origin === 'user' ? `the one in place (${before.file})` : 'the one that comes with StartTrace';
    throw new OlderPolicyError(
      `${path}: the policy ${policy.name} is of ${policy.issued}, and ${place} is of ${issued}: nothing was changed. --force replaces it all the same.`,
    );
  }
  const pemOf = new Map(
    [...files].map(([file, { certificates }]) => [file, certificates.map(({ der }) => writePem(der)).join('')]),
  );
  return { policy, file: await writeUserPolicy(policy.name, withoutFiles(text, pemOf), host), before };
}

/** Policies that are read from the machine. */
const STORES = ['mozilla', 'system'] as const;

const POLICY_ENDING = /\.(?:ya?ml|json)$/i;
/** A document of ours under any other name. */
const POLICY_TEXT = /^[\s{]*"?version"?[ \t]*:/m;

interface ReadPolicyFile extends ResolvedTrust {
  readonly text: string;
  /** The files that the document names, as it names them. */
  readonly files: ReadonlyMap<string, FoundCertificates>;
}

class TrustSearch {
  readonly #host: TrustHost;

  constructor(host: TrustHost) {
    this.#host = host;
  }

  async locate(specification: string): Promise<LocatedPolicy> {
    const names = await this.#names();
    if (names.includes(specification)) return this.named(specification, []);
    const kind = await kindOf(specification);
    if (kind === null) {
      const meant = closestWord(specification, names);
      const hint = meant === null ? `Policies are ${names.join(', ')}` : `Did you mean ${meant}`;
      const message = `${specification}: there is no trust policy and no file of that name. ${hint}${meant === null ? '.' : '?'}`;
      throw new TrustError([{ code: 'trust-not-found', message }]);
    }
    const given = { origin: 'given', file: specification, replacesBuiltIn: false } as const;
    if (kind === 'folder') return { ...(await certificateFolderPolicy(specification)), ...given, text: null };
    if (kind === 'policy') {
      const { policy, problems, text } = await this.policyFile(specification, []);
      return { policy, problems, ...given, text };
    }
    return { ...(await certificateFilePolicy(specification)), ...given, text: null };
  }

  /** `within`: the names of the policies that include this one. A policy that includes its own name means the built-in. */
  async named(name: string, within: readonly string[]): Promise<LocatedPolicy> {
    const isBuiltIn = BUILT_IN_POLICIES.has(name) || STORES.some((store) => store === name);
    const file = (await userPolicyFiles(this.#host)).get(name);
    if (file !== undefined && !(isBuiltIn && within.at(-1) === name)) {
      const { policy, problems, text } = await this.policyFile(file, within);
      if (policy.name !== name) {
        const message = `${file}: the policy in it is called ${policy.name}: name the file ${policy.name}.yaml.`;
        throw new TrustError([{ code: 'trust-policy-name', message }]);
      }
      return { policy, problems, origin: 'user', file, replacesBuiltIn: isBuiltIn, text };
    }
    const builtIn = { origin: 'built-in', file: null, replacesBuiltIn: false } as const;
    const text = BUILT_IN_POLICIES.get(name);
    if (text === undefined) return { ...(await this.#store(name)), ...builtIn, text: null };
    const reading = await readTrustPolicy(text, {
      file: noFiles,
      policy: (other, own) => this.#included(other, [own]),
    });
    return { policy: policyOf(reading, name), problems: [], ...builtIn, text };
  }

  /** What a policy of that name would replace; null where there is none that can be read. */
  async inPlace(name: string): Promise<LocatedPolicy | null> {
    if (!(await this.#names()).includes(name)) return null;
    try {
      return await this.named(name, []);
    } catch (error) {
      if (error instanceof TrustError) return null;
      throw error;
    }
  }

  async policyFile(path: string, within: readonly string[]): Promise<ReadPolicyFile> {
    const text = await readText(path);
    const files = new Map<string, FoundCertificates>();
    const reading = await readTrustPolicy(text, {
      file: async (name) => {
        const found =
          files.get(name) ?? (await readCertificateFile(isAbsolute(name) ? name : join(dirname(path), name)));
        files.set(name, found);
        return found;
      },
      policy: (name, own) => this.#included(name, [...within, own]),
    });
    return { policy: policyOf(reading, path), problems: [], text, files };
  }

  async #included(name: string, within: readonly string[]): Promise<TrustPolicy | string> {
    const names = await this.#names();
    if (!names.includes(name)) {
      const meant = closestWord(name, names);
      return `There is no policy ${name}.${meant === null ? ` What there is: ${names.join(', ')}.` : ` Did you mean ${meant}?`}`;
    }
    const own = within.lastIndexOf(name);
    if (own >= 0 && own < within.length - 1)
      return `The policies include each other: ${[...within, name].join(' → ')}.`;
    if (own >= 0 && !BUILT_IN_POLICIES.has(name) && !STORES.some((store) => store === name)) {
      return `The policy ${name} includes itself: remove it.`;
    }
    try {
      return (await this.named(name, within)).policy;
    } catch (error) {
      if (error instanceof TrustError) return `The policy ${name} cannot be read: ${error.problems[0].message}`;
      throw error;
    }
  }

  async #store(name: string): Promise<StorePolicy> {
    if (name === 'mozilla') return mozillaPolicy();
    const found = await systemPolicy(this.#host);
    if (typeof found !== 'string') return found;
    throw new TrustError([{ code: 'trust-store-unavailable', message: `system: ${found}` }]);
  }

  async #names(): Promise<string[]> {
    try {
      return [...new Set([...STORES, ...BUILT_IN_POLICIES.keys(), ...(await userPolicyFiles(this.#host)).keys()])];
    } catch (error) {
      throw new TrustError([openError(policyFolder(this.#host), error).problem]);
    }
  }
}

async function noFiles(): Promise<FoundCertificates> {
  return { certificates: [], problems: [] };
}

function policyOf(reading: PolicyReading, file: string): TrustPolicy {
  if (reading.kind === 'policy') return reading.policy;
  throw new TrustError(
    reading.problems.map(({ message, line, column }) => {
      return { code: 'trust-policy', message: `${file}:${line}:${column}: ${message}` };
    }),
  );
}

/** Null: there is nothing under the path. */
async function kindOf(path: string): Promise<'folder' | 'policy' | 'certificates' | null> {
  try {
    if ((await stat(path)).isDirectory()) return 'folder';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new TrustError([openError(path, error).problem]);
  }
  if (POLICY_ENDING.test(path)) return 'policy';
  const text = await readText(path);
  return !text.startsWith('0') && POLICY_TEXT.test(text.slice(0, LIMITS.documentCharacters))
    ? 'policy'
    : 'certificates';
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LIMITS.certificateFileBytes) {
      const message = `${path}: it has ${size} bytes, more than a policy or a file of certificates has.`;
      throw new TrustError([{ code: 'trust-file-too-large', message }]);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof TrustError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') {
      throw new TrustError([
        { code: 'trust-policy', message: `${path}: ${systemReason(error)}; a policy is one file.` },
      ]);
    }
    throw new TrustError([openError(path, error).problem]);
  }
}

/** Whoever names a file means what is in it: also a certificate that is no authority, as self-signed servers have. */
async function certificateFilePolicy(path: string): Promise<ResolvedTrust> {
  const { certificates, problems } = await readCertificateFile(path);
  const anchors = new Map(certificates.map((certificate) => [certificate.sha256, plainAnchor(certificate, path)]));
  return filePolicy(path, 'The certificates of a file', [...anchors.values()], problems);
}

async function certificateFolderPolicy(path: string): Promise<ResolvedTrust> {
  const { certificates, files, problems } = await readCertificateFolder(path);
  const place = (sha256: string): string => files.get(sha256) ?? path;
  const authorities = certificates.filter(isAuthority);
  const others = certificates.filter((certificate) => !isAuthority(certificate));
  return filePolicy(
    path,
    'The certificate authorities of a folder',
    authorities.map((certificate) => plainAnchor(certificate, place(certificate.sha256))),
    [...problems, ...others.map((certificate) => notAnAuthority(place(certificate.sha256), certificate))],
  );
}

function filePolicy(
  path: string,
  title: string,
  anchors: readonly TrustAnchor[],
  problems: readonly Problem[],
): ResolvedTrust {
  if (anchors.length === 0) {
    const message = `${path}: there is no root in it. Give certificates in PEM, DER or .p7b, or a trust policy in YAML.`;
    throw new TrustError([...problems, { code: 'trust-no-roots', message }]);
  }
  const policy: TrustPolicy = {
    name: path,
    title,
    issued: null,
    source: path,
    description: null,
    anchors,
    intermediates: [],
    rules: DEFAULT_RULES,
  };
  return { policy, problems };
}
