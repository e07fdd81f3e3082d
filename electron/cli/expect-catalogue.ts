import { parseArgs } from 'node:util';
import { jsonText, printable } from '../../shared/bytes/printable.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { catalogueEntry } from '../../shared/expect/catalogue.ts';
import type { CommandContext } from './command.ts';
import { catalogueWith } from './document-problems.ts';
import { CATALOGUE_HELP } from './expect-help.ts';
import { wrap } from './layout.ts';
import { table } from './table.ts';
import { EXIT, UsageError } from './usage.ts';

/** `starttrace expect catalogue`: see its help. Returns the exit code. */
export async function expectCatalogue(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      catalogue: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { output, width } = context;
  if (values.help) {
    await output.write(CATALOGUE_HELP);
    return EXIT.ok;
  }
  if (positionals.length > 1) throw new UsageError('Give one entry, or none for the list.');
  const entries = await catalogueWith(values.catalogue, context);
  if (entries === null) return EXIT.usage;
  const [id] = positionals;
  const entry = id === undefined ? null : catalogueEntry(id, entries);
  if (id !== undefined && entry === null) {
    throw new UsageError(`The catalogue has no entry "${id}": there are ${entries.map((one) => one.id).join(', ')}.`);
  }
  const chosen = entry === null ? entries : [entry];
  const lines = values.json
    ? [jsonText({ version: 1, entries: chosen })]
    : entry === null
      ? overview(entries, width)
      : detail(entry, width);
  await output.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

const COLUMNS = [
  { title: 'ENTRY' },
  { title: 'FROM' },
  { title: 'UNTIL' },
  { title: 'ROOT', least: 12 },
  { title: 'NAMES', optional: 1 },
] as const;

function overview(entries: readonly CatalogueEntry[], width: number | null): readonly string[] {
  const rows = entries.map(({ id, from, until, names, root }) =>
    [id, from ?? '?', until ?? '', root?.title ?? 'not documented', names?.length.toString() ?? 'not documented'].map(
      printable,
    ),
  );
  const { head, body } = table(COLUMNS, rows, width);
  return [head, ...body, '', ...wrap('All of one, with its sources: starttrace expect catalogue ENTRY', width)];
}

function detail(entry: CatalogueEntry, width: number | null): readonly string[] {
  const isDocumented = (fact: CatalogueEntry['documented'][number]): string =>
    entry.documented.includes(fact) ? '' : '  (observed or assumed)';
  const rows: readonly (readonly [string, readonly string[] | null, CatalogueEntry['documented'][number]])[] = [
    ['from', single(entry.from), 'from'],
    ['until', single(entry.until ?? 'open, or not known'), 'until'],
    ['common name', entry.commonNames, 'commonNames'],
    ['DNS names', entry.names, 'names'],
    ['subject', single(entry.subject), 'subject'],
    ['root', entry.root === null ? null : [entry.root.title, `sha256:${entry.root.sha256}`], 'root'],
    ['issuer', single(entry.issuer), 'issuer'],
    ['MX host', single(entry.mx), 'mx'],
    ['sending hosts', entry.sendingHosts, 'sendingHosts'],
    ['addresses', entry.addresses, 'addresses'],
  ];
  return [
    ...wrap(printable(`${entry.id}: ${entry.title}`), width),
    ...rows.flatMap(([title, values, fact]) =>
      (values ?? ['not documented']).map(
        (value, index) =>
          `  ${(index === 0 ? title : '').padEnd(15)}${printable(value)}${index === 0 && entry[fact] !== null ? isDocumented(fact) : ''}`,
      ),
    ),
    '',
    'Sources:',
    ...entry.sources.flatMap(({ says, where }) => [
      ...wrap(printable(says), width === null ? null : width - 2).map((line) => `  ${line}`),
      `    ${printable(where)}`,
    ]),
  ];
}

function single(value: string | null): readonly string[] | null {
  return value === null ? null : [value];
}
