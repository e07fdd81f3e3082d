import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program that tests run, and the Debian package that brings it; the table is also what `npm test` sets up from. */
export interface SystemTool {
  readonly command: string;
  readonly package: string;
  /** Whether the package would start a service. */
  readonly service: boolean;
  readonly neededBy: string;
}

export const SYSTEM_TOOLS: readonly SystemTool[] = JSON.parse(
  readFileSync(new URL('../../build/system-tools.json', import.meta.url), 'utf8'),
);

/**
 * Whether a tool is on this machine: for `describe.skipIf(!hasTool('tshark'))`. Throws for one that is not in
 * build/system-tools.json, so that no suite stays skipped because nobody installs its tool.
 */
export function hasTool(command: string): boolean {
  if (!SYSTEM_TOOLS.some((tool) => tool.command === command)) {
    throw new Error(`${command} is not in build/system-tools.json`);
  }
  return [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}
