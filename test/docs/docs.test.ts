import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pictures } from '../../docs/pictures/make.ts';
import { COMMAND, ensureBuilt, HAS_SCRIPT, ROOT, run, STORY } from '../support/command.ts';

beforeAll(ensureBuilt);

const DOCS = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', 'CHANGELOG.md', ...DOCS.map((name) => `docs/${name}`), 'test/lab/README.md'];
const text = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

function sourceFiles(): string[] {
  return ['shared', 'electron'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

describe('links', () => {
  const links = PAGES.flatMap((page) =>
    [...text(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, markdown, html]) => [page, markdown ?? html] as const,
    ),
  ).filter(([, target]) => !/^[a-z]+:/.test(target));

  it('there are some on every page of the first hour', () => {
    for (const page of ['README.md', 'docs/json.md', 'docs/contributing.md']) {
      expect(links.filter(([from]) => from === page).length, page).toBeGreaterThan(1);
    }
  });

  it.each(links)('%s → %s', (page, target) => {
    const [path, anchor] = target.split('#');
    const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
    expect(existsSync(file), `${relative(ROOT, file)} is not there`).toBe(true);
    if (anchor === undefined) return;
    const anchors = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });

  it('README leads to every page of docs/', () => {
    const readme = text('README.md');
    for (const name of DOCS) expect(readme).toContain(`(docs/${name})`);
  });
});

/** Lines in code blocks without a language: those are commands. */
function commands(page: string): string[] {
  return [...text(page).matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block.split('\n')).filter(Boolean);
}

/** What a command line's file names stand for, where it names files of the reader. */
const READERS_FILES = /\b(east\.pcapng|west\.pcapng|trace\.pcapng|capture\.pcapng(\.zst)?)\b/;

describe('command lines', () => {
  const starttrace = ['README.md', 'docs/using.md', 'docs/json.md', 'docs/trust-policies.md'].flatMap((page) =>
    commands(page)
      .flatMap((line) => line.split('&&').map((part) => part.trim()))
      .filter((line) => /^(npx )?starttrace /.test(line))
      .map((line) => [page, line] as const),
  );
  const runnable = starttrace.filter(([, line]) => line.startsWith('npx '));

  it('there are some', () => expect(runnable.length).toBeGreaterThanOrEqual(6));

  it.each(runnable)('%s: %s', (_, line) => {
    const shell = line
      .replace(/^npx starttrace/, `'${process.execPath}' '${COMMAND}'`)
      .replace(/ > \S+$/, ' > /dev/null');
    const { status, stderr } = spawnSync('bash', ['-c', shell], { cwd: ROOT, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('those that name files of the reader are understood: only the files are missing', async () => {
    const theirs = starttrace.filter(([, line]) => !line.startsWith('npx '));
    for (const [, line] of theirs.filter(([, one]) => READERS_FILES.test(one) && !one.includes('<('))) {
      const { code, stderr } = await run(line.split(' ').slice(1), { cwd: join(ROOT, 'docs') });
      expect(code, line).toBe(2);
      expect(stderr, line).toMatch(/there is no such file/);
      expect(stderr, line).not.toMatch(/--help/);
    }
  });

  it('npx starttrace is the file that the build makes', () => {
    const { bin } = JSON.parse(text('package.json'));
    expect(join(ROOT, bin.starttrace)).toBe(COMMAND);
  });

  it('every npm script that a page names is in package.json', () => {
    const { scripts } = JSON.parse(text('package.json'));
    const named = PAGES.flatMap((page) => [...text(page).matchAll(/\bnpm run ([a-z:]+)/g)].map(([, name]) => name));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('README names the command that CI runs', () => {
    expect(text('README.md')).toContain('\nnpm ci && npm test\n');
    expect(text('.ci/run')).toContain('\nnpm ci && npm test\n');
  });
});

const HAS_JQ = spawnSync('jq', ['--version']).status === 0;

describe.skipIf(!HAS_JQ)('jq', () => {
  const programs = [...text('docs/using.md').matchAll(/^```jq\n([\s\S]*?)^```$/gm)].map(([, program]) =>
    program.trim(),
  );

  it('there are some', () => expect(programs.length).toBeGreaterThanOrEqual(6));

  it.each(programs)('%s', async (program) => {
    const { stdout } = await run(['analyze', '--json', STORY]);
    const result = spawnSync('jq', ['-r', program], { input: stdout, encoding: 'utf8' });
    expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
    // The one about failed handshakes has nothing to say about the story.
    if (!program.includes('"failed"')) expect(result.stdout.trim()).not.toBe('');
  });
});

describe('options', () => {
  it('every option of the help is in using.md, and every option there is in a help', async () => {
    const helps = await Promise.all([
      run(['--help']),
      run(['analyze', '--help']),
      run(['verify', '--help']),
      run(['trust', '--help']),
      run(['open', '--help']),
      run(['serve', '--help']),
      ...['import', 'check', 'what-if', 'catalogue', 'schema'].map((part) => run(['expect', part, '--help'])),
    ]);
    const inHelp = new Set(
      helps.flatMap(({ stdout }) => [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option)),
    );
    const tables = text('docs/using.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const inPage = new Set(
      tables.flatMap((line) => [...line.split('|')[1].matchAll(/--[a-z-]+/g)].map(([option]) => option)),
    );
    expect([...inPage].sort()).toEqual([...inHelp].sort());
  });

  it('every exit code of the help is in using.md', async () => {
    const { stdout } = await run(['analyze', '--help']);
    const codes = [...stdout.slice(stdout.indexOf('Exit codes:')).matchAll(/^ {2}(\d+) /gm)].map(([, code]) => code);
    expect(codes).toEqual(['0', '1', '2', '130']);
    for (const code of codes) expect(text('docs/using.md')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('json.md', () => {
  const page = text('docs/json.md');
  const named = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code.split(/[^A-Za-z0-9-]+/)));

  it('names every field of the contract', () => {
    const contract = ['contract/analysis.ts', 'contract/verdict.ts', 'contract/verification.ts', 'bytes/problem.ts']
      .map((file) => text(`shared/${file}`))
      .join('\n');
    const fields = new Set([...contract.matchAll(/readonly (\w+)\??:/g)].map(([, field]) => field));
    expect(fields.size).toBeGreaterThan(70);
    expect([...fields].filter((field) => !named.has(field))).toEqual([]);
  });

  it('names every value of the unions of the contract', () => {
    const contract = text('shared/contract/analysis.ts') + text('shared/contract/verdict.ts');
    const values = [...contract.matchAll(/^ {2}\| '([a-z-]+)'|'([a-z-]+)'(?= \||;)/gm)].map(
      ([, first, second]) => first ?? second,
    );
    expect(values.length).toBeGreaterThan(40);
    expect([...new Set(values)].filter((value) => !named.has(value))).toEqual([]);
  });

  it('names every problem code that the source can emit, and no other', () => {
    const emitted = new Set(
      sourceFiles().flatMap((file) =>
        [
          ...readFileSync(file, 'utf8').matchAll(
            /(?:\bcode:\s*|\b(?:fail|note|malformed|foreign|problem|addProblem)\(\s*)'([a-z][a-z0-9-]*)'/g,
          ),
        ].map(([, code]) => code),
      ),
    );
    expect(emitted.size).toBeGreaterThan(100);
    expect([...emitted].filter((code) => !named.has(code)).sort()).toEqual([]);
    const problems = page.slice(page.indexOf('## A problem'), page.indexOf('## A session of the story'));
    const listed = [...problems.matchAll(/^\| (`[^|]+) \|/gm)]
      .flatMap(([, cell]) => [...cell.matchAll(/`([a-z][a-z0-9]*(?:-[a-z0-9]+)+|truncated)`/g)])
      .map(([, code]) => code);
    expect(listed.length).toBeGreaterThan(80);
    expect(listed.filter((code) => !emitted.has(code))).toEqual([]);
  });

  it('names every finding code about names and revocation', () => {
    const given = /(?:\bcode:\s*|\b(?:finding|unknown|warn|warning)\(\s*)'([a-z][a-z0-9-]*)'/g;
    const sources = sourceFiles().filter((file) => /x509\/revocation\/|verify-chain\.ts$/.test(file));
    const codes = new Set(
      sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(given)].map(([, code]) => code)),
    );
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !named.has(code)).sort()).toEqual([]);
  });

  it('its example is JSON', () => {
    const [, example] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(JSON.parse(example).certificates.server.visibility).toBe('visible');
  });
});

describe('trust-policies.md', () => {
  const page = text('docs/trust-policies.md');
  const named = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code));

  it('names every field of the contract', () => {
    const fields = [...text('shared/contract/trust.ts').matchAll(/readonly (\w+)\??:/g)].map(([, field]) => field);
    expect(fields.length).toBeGreaterThan(30);
    expect(fields.filter((field) => !named.has(field))).toEqual([]);
  });

  it('names every key of the document', () => {
    const schema = text('docs/schemas/trust-policy.schema.json');
    const keys = [...schema.matchAll(/"(\w+)": \{/g)].map(([, key]) => key);
    const words = new Set(['properties', 'items']);
    expect(keys.length).toBeGreaterThan(25);
    expect(keys.filter((key) => !words.has(key) && !named.has(key))).toEqual([]);
  });

  it('names every policy that comes along', async () => {
    const { stdout } = await run(['trust', 'list'], { env: { XDG_DATA_HOME: '/nowhere' } });
    const names = stdout
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0]);
    expect(names.filter((name) => name !== '' && !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('dependencies.md', () => {
  it('has a line for each package, and none for another', () => {
    const { dependencies = {}, devDependencies } = JSON.parse(text('package.json'));
    const listed = [...text('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });
});

describe('architecture.md', () => {
  it('has a line for each layer', () => {
    const page = text('docs/architecture.md');
    for (const folder of ['shared', 'electron']) {
      for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((one) => one.isDirectory())) {
        expect(page).toContain(`| \`${folder}/${entry.name}\` |`);
      }
    }
  });
});

describe('pictures', () => {
  it.skipIf(!HAS_SCRIPT)('are what the command prints: npx tsx docs/pictures/make.ts makes them anew', () => {
    for (const [name, svg] of pictures()) expect(text(`docs/pictures/${name}`) === svg, name).toBe(true);
  });

  it('say in words what they show', () => {
    expect(text('docs/pictures/story-light.svg')).toMatch(/aria-label="[^"]{40,}"/);
    expect(text('README.md')).toMatch(/alt="[^"]{40,}"/);
  });
});

describe('every page', () => {
  it.each(PAGES)('%s names no path of a machine, no package registry, and no date to come', (page) => {
    expect(text(page)).not.toMatch(/\/(home|root|work|Users)\/|registry\.|npmjs/);
  });
});
