/** The application without a window: carries out every operation of the contract, and tells listeners what happens. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import type { Analysis, Session } from '../../shared/contract/analysis.ts';
import { ANALYSIS_SCHEMA } from '../../shared/contract/analysis.ts';
import {
  type ApplicationEvent,
  type JudgeQuestionInput,
  OPERATIONS,
  type OperationInput,
  type OperationName,
  type OperationResult,
} from '../../shared/contract/operations.ts';
import { CATALOGUE } from '../../shared/expect/catalogue.ts';
import { systemReason } from '../files/input-error.ts';
import { ApplicationFailure } from './application-failure.ts';
import { trustDocument } from './describe-trust.ts';
import { askWhatIf, checkExpectations, ExpectationFiles, importedConnectors } from './expectation-documents.ts';
import type { HostServices } from './host-services.ts';
import type { Installation } from './installation.ts';
import { RecentFiles } from './recent-files.ts';
import { Runs } from './runs.ts';
import { findWireshark, openWireshark } from './wireshark.ts';

export interface ApplicationOptions {
  /** Where recent files are kept. */
  readonly dataFolder: string;
  readonly version: string;
  readonly installation: Installation;
  readonly host: HostServices;
  /** Files that the page handed over, by their tickets; without it there are none. */
  readonly uploads?: Uploads;
}

/** Files that a page handed over to its host. */
export interface Uploads {
  /** Where the file lies and what it is called, or null. From here on the run answers for it. */
  take(ticket: string): { readonly path: string; readonly name: string } | null;
  /** Deletes the files. */
  discard(paths: readonly string[]): Promise<void>;
}

type Operations = {
  readonly [N in OperationName]: (input: OperationInput<N>) => Promise<OperationResult<N>>;
};

export class Application {
  readonly #options: ApplicationOptions;
  readonly #runs: Runs;
  readonly #recent: RecentFiles;
  readonly #expectations: ExpectationFiles;
  readonly #listeners = new Set<(event: ApplicationEvent) => void>();

  constructor(options: ApplicationOptions) {
    this.#options = options;
    this.#recent = new RecentFiles(options.dataFolder);
    this.#expectations = new ExpectationFiles(options.host);
    this.#runs = new Runs(
      options.installation,
      (event) => this.#emit(event),
      // A disk that is full or read-only keeps nobody from reading a capture.
      (files) => this.#recent.add(files).catch(() => undefined),
    );
  }

  /** Checks the input and carries the operation out. Rejects with an ApplicationFailure for what cannot be done. */
  async call<N extends OperationName>(name: N, input: unknown): Promise<OperationResult<N>> {
    if (!isOperation(name)) throw new ApplicationFailure('operation-unknown', 'There is no such operation.');
    const checked = z.safeParse<z.ZodMiniType>(OPERATIONS[name], input);
    if (!checked.success) {
      const where = checked.error.issues[0]?.path.join('.') ?? '';
      throw new ApplicationFailure(
        'input-invalid',
        `${name} was asked for in a form that it does not have${where === '' ? '' : ` (${where})`}.`,
      );
    }
    return this.#operations[name](checked.data as OperationInput<N>);
  }

  /** Returns what ends the subscription. */
  subscribe(listener: (event: ApplicationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For a window that comes later: tells it of the runs that are open. */
  replay(listener: (event: ApplicationEvent) => void): Promise<void> {
    return this.#runs.replay(listener);
  }

  /** Opens files for the host itself, to be judged by `question`, and tells the window. Returns the run. */
  openByHost(names: readonly string[], question?: JudgeQuestionInput): string {
    const paths = names.map((name) => resolve(name));
    const asked = question === undefined ? {} : { question };
    const run = this.#runs.open({ names: paths, remember: true, ...asked });
    this.#emit({ kind: 'run-opened', run, names: paths, ...asked });
    return run;
  }

  /** The whole run as a host prints it. */
  async analysis(run: string): Promise<Analysis> {
    const { captures, sessions } = await this.#runs.ask(run, 'printable', {});
    const decoder = new TextDecoder();
    const read = sessions.flatMap((piece): Session[] => {
      return JSON.parse(`[${decoder.decode(piece).replace(/^,/, '')}]`);
    });
    return { schema: ANALYSIS_SCHEMA, captures, certificates: {}, sessions: read };
  }

  /** Where a capture of a run lies. */
  capturePath(run: string, capture: number): string {
    return this.#runs.capturePath(run, capture);
  }

  /** Ends every run. */
  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#runs.closeAll();
  }

  readonly #operations: Operations = {
    openCaptures: async ({ names }) => ({ run: this.#open(names) }),
    openUploads: async ({ tickets }) => ({ run: this.#openUploads(tickets) }),
    chooseCaptures: async () => {
      const names = await this.#options.host.chooseCaptures();
      return names === null || names.length === 0 ? null : { run: this.#open(names) };
    },
    openSample: () => this.#openSample(),
    cancelRun: async ({ run }) => {
      await this.#runs.cancel(run);
      return null;
    },
    closeRun: async ({ run }) => {
      await this.#runs.close(run);
      return null;
    },
    session: ({ run, id }) => this.#runs.ask(run, 'session', { id }),
    certificate: ({ run, sha256 }) => this.#runs.ask(run, 'certificate', { sha256 }),
    judge: ({ run, question }) => this.#runs.ask(run, 'judge', { question }),
    judgedSession: ({ run, id }) => this.#runs.ask(run, 'judgedSession', { id }),
    exportCertificates: async ({ run, certificates, format }) => {
      const { fileName, bytes } = await this.#runs.ask(run, 'exportCertificates', { certificates, format });
      return { fileName, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
    },
    trustPolicies: () => trustDocument(Date.now() / 1000),
    checkExpectations: async ({ text }) => checkExpectations(text),
    openExpectations: ({ file }) => this.#expectations.open(file),
    saveExpectations: ({ file, text }) => this.#expectations.save(file, text),
    importConnectors: async ({ text }) => importedConnectors(text),
    whatIf: (input) => askWhatIf(input),
    catalogue: async () => CATALOGUE.map(({ id, title, from }) => ({ id, title, from })),
    recentFiles: () => this.#recent.list(),
    forgetRecentFiles: async () => {
      await this.#recent.clear();
      return null;
    },
    openInWireshark: ({ run, capture, frame }) => this.#openInWireshark(run, capture, frame),
    about: async () => ({
      version: this.#options.version,
      host: this.#options.host.kind,
      wireshark: (await findWireshark()) !== null,
    }),
  };

  #open(names: readonly string[]): string {
    // `-` is a file of that name here: the window has no standard input.
    return this.#runs.open({ names: names.map((name) => resolve(name)), remember: true });
  }

  #openUploads(tickets: readonly string[]): string {
    const { uploads } = this.#options;
    const taken = [...new Set(tickets)].map((ticket) => uploads?.take(ticket) ?? null);
    const files = taken.filter((file) => file !== null);
    const paths = files.map(({ path }) => path);
    if (uploads === undefined || files.length !== taken.length) {
      void uploads?.discard(paths);
      throw new ApplicationFailure(
        'upload-unknown',
        'A file that was handed over is not there any more: drop it again.',
      );
    }
    try {
      return this.#runs.open({
        names: paths,
        shownAs: Object.fromEntries(files.map(({ path, name }) => [path, name])),
        remember: false,
        onClose: () => uploads.discard(paths),
      });
    } catch (error) {
      void uploads.discard(paths);
      throw error;
    }
  }

  async #openSample(): Promise<OperationResult<'openSample'>> {
    const { sample } = this.#options.installation;
    if (sample === null) {
      throw new ApplicationFailure('sample-missing', 'The sample did not come with this build: run `npm run build`.');
    }
    const text = await readFile(sample.expectations, 'utf8');
    const question = { trust: null, expectations: { name: sample.expectations, text }, at: null };
    return { run: this.#runs.open({ names: [sample.capture], remember: false, question }), question };
  }

  async #openInWireshark(run: string, capture: number, frame: number): Promise<OperationResult<'openInWireshark'>> {
    const path = this.#runs.capturePath(run, capture);
    const program = await findWireshark();
    if (program === null) {
      const explanation = 'Wireshark is not installed here. Copy the display filter, and open the capture where it is.';
      return { opened: false, explanation };
    }
    try {
      await openWireshark(program, path, frame);
      return { opened: true, explanation: `Wireshark opens ${path} at frame ${frame}.` };
    } catch (error) {
      return { opened: false, explanation: `Wireshark (${program}) did not start: ${systemReason(error)}.` };
    }
  }

  #emit(event: ApplicationEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}
