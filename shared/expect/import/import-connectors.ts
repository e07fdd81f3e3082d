/** `starttrace expect import`: from pasted connectors to an expectation file. */
import { EXPECTATIONS, type Expectations } from '../expectations.ts';
import { connectorOf, type Imported } from './connector-of.ts';
import { expectationYaml } from './expectation-yaml.ts';
import { type ConnectorCmdlet, PASTE_ADVICE, type PastedObject, type PasteProblem, toldBy } from './pasted-object.ts';
import { pastedText } from './pasted-text.ts';
import { readPaste } from './read-paste.ts';
import { SettingReader } from './setting-reader.ts';

export type ImportResult =
  | {
      readonly kind: 'imported';
      readonly expectations: Expectations;
      /** The file, with comments; the schema accepts it. */
      readonly yaml: string;
      /** In the order of the text; `name` is the connector's. */
      readonly warnings: readonly { readonly name: string; readonly message: string }[];
      /** Properties that have no meaning here. */
      readonly ignored: number;
    }
  | { readonly kind: 'problems'; readonly problems: readonly PasteProblem[] };

/** Reads pasted output of the four Get- cmdlets in any encoding of PowerShell. Never throws; all problems come at once. */
export function importConnectors(bytes: Uint8Array): ImportResult {
  const reading = readPaste(pastedText(bytes));
  if (reading.kind === 'problem') return { kind: 'problems', problems: [reading.problem] };
  const problems: PasteProblem[] = [];
  const imported: (Imported & { readonly cmdlet: ConnectorCmdlet })[] = [];
  let ignored = 0;
  for (const object of reading.objects) {
    const kind = kindOf(object);
    if (kind === null) {
      problems.push({ line: object.line, message: unknownKind(object) });
      continue;
    }
    const settings = new SettingReader(object);
    const one = connectorOf(kind, settings);
    problems.push(...settings.problems);
    ignored += settings.unused;
    imported.push({ ...one, cmdlet: kind });
  }
  if (problems.length > 0) return { kind: 'problems', problems };
  const checked = EXPECTATIONS.safeParse({ version: 1, partners: imported.map(({ partner }) => partner) });
  if (!checked.success) {
    return {
      kind: 'problems',
      problems: checked.error.issues.map(({ path, message }) => ({
        line: reading.objects[Number(path[1])]?.line ?? null,
        message: `${path.slice(2).join('.') || 'The connector'}: ${message}.`,
      })),
    };
  }
  return {
    kind: 'imported',
    expectations: checked.data,
    yaml: expectationYaml(imported),
    warnings: imported.flatMap(({ partner, warnings }) => warnings.map((message) => ({ name: partner.name, message }))),
    ignored,
  };
}

/** What the prompt said, where the properties do not contradict; else what the properties tell. */
function kindOf({ properties, cmdlet }: PastedObject): ConnectorCmdlet | null {
  const counts = new Map<ConnectorCmdlet, number>();
  for (const name of properties.keys()) {
    const told = toldBy(name);
    if (told !== null) counts.set(told, (counts.get(told) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, left], [, right]) => right - left);
  if (cmdlet !== null && (most === undefined || counts.has(cmdlet))) return cmdlet;
  return most?.[0] ?? null;
}

function unknownKind({ properties }: PastedObject): string {
  const names = [...properties.values()].slice(0, 3).map(({ name }) => name);
  return `It cannot be told what kind of connector has ${names.length === 0 ? 'no properties' : names.join(', ')}: paste the line with the cmdlet as well, or all properties. ${PASTE_ADVICE}`;
}
