/** Writes imported connectors as an expectation file with comments. */
import { Document, isMap, isScalar, Scalar, visit } from 'yaml';
import { printable } from '../../bytes/printable.ts';
import type { Imported } from './connector-of.ts';
import type { ConnectorCmdlet } from './pasted-object.ts';

const HEAD = ` What partners expect of certificates and connections, imported from Exchange.
 Format: docs/expectations.md. Check this file: starttrace expect check FILE
 servers, clients and domains say which sessions a connector judges: see whether they fit your captures.`;

/** Characters of a list that stays on one line. */
const LONGEST_LIST = 80;

export function expectationYaml(imported: readonly (Imported & { readonly cmdlet: ConnectorCmdlet })[]): string {
  const document = new Document({ version: 1, partners: imported.map(({ partner }) => partner) });
  document.commentBefore = HEAD;
  for (const [index, { cmdlet, warnings }] of imported.entries()) {
    const node = document.getIn(['partners', index]);
    if (!isMap(node)) continue;
    const lines = [`From Get-${cmdlet}.`, ...warnings.map((warning) => `Warning: ${warning}`)];
    node.commentBefore = lines.map((line) => ` ${printable(line)}`).join('\n');
    node.spaceBefore = index > 0;
  }
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string' && printable(node.value) !== node.value) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
    Seq(_key, node) {
      // Lists of words stay on one line, as people write them.
      const words = node.items.map((item) => (isScalar(item) ? String(item.value) : null));
      if (!words.includes(null) && words.join(', ').length <= LONGEST_LIST) node.flow = true;
    },
  });
  return escaped(document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}

/** Inside double quotes, what a terminal would obey is written as its code point, which means the same. */
function escaped(yaml: string): string {
  return yaml
    .split('\n')
    .map((line) =>
      printable(line) === line
        ? line
        : [...line]
            .map((character) => (printable(character) === character ? character : codePointEscape(character)))
            .join(''),
    )
    .join('\n');
}

function codePointEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
