import { printable } from '../../shared/bytes/printable.ts';
import { analyzeCommand } from './analyze-command.ts';
import type { Command, CommandContext } from './command.ts';
import { MAIN_HELP } from './help.ts';
import { StreamOutput } from './output.ts';
import { styleFor } from './style.ts';
import { EXIT, UsageError } from './usage.ts';

/** Set by the build from package.json. */
declare const STARTTRACE_VERSION: string;

/** What a command needs is loaded when it is run: reading captures must not wait for YAML and trust policies. */
const COMMANDS: Readonly<Record<string, Command>> = {
  analyze: analyzeCommand,
  verify: async (args, context) => (await import('./verify-command.ts')).verifyCommand(args, context),
  expect: async (args, context) => (await import('./expect-command.ts')).expectCommand(args, context),
  trust: async (args, context) => (await import('./trust-command.ts')).trustCommand(args, context),
  open: async (args, context) => (await import('./open-command.ts')).openCommand(args, context),
  serve: async (args, context) => (await import('./open-command.ts')).serveCommand(args, context),
};

/**
 * Runs the process's command line to its end; `workerScript`, if there is one, helps with large captures. `build` is the
 * folder that the window's files are in.
 */
export async function runCommandLine(workerScript: URL | null, build: URL): Promise<void> {
  const { stdout, stderr } = process;
  const interruption = new AbortController();
  let isAwaited = false;
  process.once('SIGINT', () => {
    interruption.abort(new DOMException('Interrupted', 'AbortError'));
    // A pipe may be silent for ever, and nothing of what is under way is worth waiting for.
    if (!isAwaited) setTimeout(() => endInterrupted(stderr), INTERRUPTION_MILLISECONDS).unref();
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  });
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader (head, less) has seen enough: that is no error.
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    stderr.write(`starttrace: writing the output failed: ${error.message}\n`);
    process.exit(EXIT.usage);
  });
  const output = new StreamOutput(stdout);
  const context: CommandContext = {
    output,
    stderr,
    style: styleFor(stdout, process.env),
    width: stdout.isTTY ? stdout.columns : null,
    workerScript,
    build,
    flush: () => output.flush(),
    signal: interruption.signal,
    endsWithInterruption: () => {
      isAwaited = true;
    },
  };
  process.exitCode = await main(process.argv.slice(2), context, output);
}

/** How long an interrupted command may take to end in order. */
const INTERRUPTION_MILLISECONDS = 500;

function endInterrupted(stderr: NodeJS.WriteStream): never {
  // The progress line may still stand there.
  stderr.write(`${stderr.isTTY ? '\r\u001b[K' : ''}starttrace: interrupted before the result was complete.\n`);
  process.exit(EXIT.interrupted);
}

async function main(args: readonly string[], context: CommandContext, output: StreamOutput): Promise<number> {
  const { stderr, signal } = context;
  try {
    const code = await run(args, context);
    await output.flush();
    return code;
  } catch (error) {
    if (signal.aborted) endInterrupted(stderr);
    if (error instanceof UsageError || isArgumentError(error)) {
      const command = args[0] !== undefined && Object.hasOwn(COMMANDS, args[0]) ? ` ${args[0]}` : '';
      stderr.write(`starttrace: ${printable(error.message)}\nSee starttrace${command} --help.\n`);
      return EXIT.usage;
    }
    throw error;
  }
}

async function run([name, ...rest]: readonly string[], context: CommandContext): Promise<number> {
  if (name === '--version' || name === '-V') {
    await context.output.write(`starttrace ${STARTTRACE_VERSION}\n`);
    return EXIT.ok;
  }
  if (name === 'help' && rest[0] !== undefined) return run([rest[0], '--help'], context);
  if (name === '--help' || name === '-h' || name === 'help') {
    await context.output.write(MAIN_HELP);
    return EXIT.ok;
  }
  if (name === undefined) throw new UsageError('Which command? To read a capture: starttrace analyze capture.pcapng');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(unknownCommand(name));
  return command(rest, context);
}

function unknownCommand(name: string): string {
  if (name.startsWith('-')) return `${name} stands in front of the command. Options follow it: starttrace analyze …`;
  // Most likely a capture, when it looks like a path.
  return /[./\\]/.test(name)
    ? `"${name}" is no command. To read a capture: starttrace analyze ${name}`
    : `"${name}" is no command. What there is: ${Object.keys(COMMANDS).join(', ')}.`;
}

/** `parseArgs` throws these for unknown and misused options; their message names the option. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_');
}
