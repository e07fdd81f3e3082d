import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';

/** What of the machine decides where trust is found. */
export interface TrustHost {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** Runs a program of the system to its end, without a shell; resolves to what it printed. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
}

const RUN_MILLISECONDS = 60_000;
/** All roots of Windows are half a megabyte. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

export function thisHost(): TrustHost {
  const options = { timeout: RUN_MILLISECONDS, maxBuffer: OUTPUT_BYTES, windowsHide: true };
  return {
    platform: process.platform,
    environment: process.env,
    home: homedir(),
    now: Date.now() / 1000,
    run: async (program, args) => (await promisify(execFile)(program, [...args], options)).stdout,
  };
}
