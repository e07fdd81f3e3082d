import type { Output } from './output.ts';
import type { Style } from './style.ts';

/** What a command gets from the process that runs it. */
export interface CommandContext {
  readonly output: Output;
  readonly stderr: NodeJS.WriteStream;
  readonly style: Style;
  /** Columns of the terminal, or null when the output is none. */
  readonly width: number | null;
  /** The script that runs as a worker thread for large captures; null where it is not there. */
  readonly workerScript: URL | null;
  /** The folder of the build, with a slash at its end. */
  readonly build: URL;
  /** Writes what was gathered for the output: before a command waits for long. */
  readonly flush: () => Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ctrl-C is how the command is meant to end from here on: it is given the time to tidy up. */
  readonly endsWithInterruption: () => void;
}

/** Runs with the arguments behind the command's name; resolves to the exit code. */
export type Command = (args: readonly string[], context: CommandContext) => Promise<number>;
