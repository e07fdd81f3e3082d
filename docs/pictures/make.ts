/** Makes the pictures of README.md from what the command really prints: `npm run build && npx tsx docs/pictures/make.ts` */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DARK, LIGHT, terminalSvg } from './terminal.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const STORY = 'test/captures/contoso-to-fabrikam-via-eop.pcapng';
const COLUMNS = 120;
const ALTERNATIVE =
  'Terminal: starttrace analyze prints twelve SMTP sessions in a table, and the first one in full with the certificate mail.protection.outlook.com and its five names.';

/** The pictures by file name: the overview and the first session, on a terminal of util-linux's `script`. */
export function pictures(): ReadonlyMap<string, string> {
  const output = execFileSync(
    'script',
    ['-qec', `stty cols ${COLUMNS} rows 60; '${process.execPath}' dist/starttrace.js analyze ${STORY}`, '/dev/null'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const all = output.replaceAll('\r', '').split('\n');
  const lineWith = (text: string, from = 0) => all.findIndex((line, at) => at >= from && plain(line).includes(text));
  const client = lineWith('Client sent');
  const timeline = lineWith('  Timeline');
  const certificate = lineWith('Certificate ×2', timeline);
  const display = lineWith('  Wireshark');
  const dots = '\u001b[2m      ⋮\u001b[22m';
  const lines = [
    `\u001b[2m$\u001b[22m npx starttrace analyze ${STORY}`,
    ...all.slice(0, client),
    dots,
    ...all.slice(timeline, certificate + 1),
    dots,
    shortened(all[display]),
  ];
  return new Map([
    ['story-light.svg', terminalSvg(lines, COLUMNS, LIGHT, ALTERNATIVE)],
    ['story-dark.svg', terminalSvg(lines, COLUMNS, DARK, ALTERNATIVE)],
  ]);
}

/** The display filter is in one line, whatever the terminal's width. */
function shortened(line: string): string {
  return `${line.slice(0, COLUMNS)}…`;
}

function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;]*m/g, '');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, svg] of pictures()) writeFileSync(join(import.meta.dirname, name), svg);
}
