/** What becomes of the mail when a domain moves: the report for a person. */
import { printable } from '../../shared/bytes/printable.ts';
import type { WhatIf, WhatIfChange, WhatIfPartner, WhatIfProvider } from '../../shared/contract/what-if.ts';
import { wrap } from './layout.ts';
import type { Style } from './style.ts';

const INDENT = '  ';

export function* whatIfText(answer: WhatIf, style: Style, width: number | null): Generator<string> {
  const { partners, movesTo, only, asOf } = answer;
  const paragraph = (text: string, indent = ''): string[] =>
    wrap(text, width === null ? null : width - indent.length).map((line) => indent + line);
  yield* paragraph(printable(`${only ?? 'The domain'} moves to ${movesTo.title} (${movesTo.id})`)).map(style.bold);
  yield* provider(movesTo, asOf, style, paragraph);
  yield '';
  yield* paragraph(totals(partners));
  for (const partner of partners) {
    yield '';
    yield* one(partner, style, paragraph);
  }
  if (movesTo.path !== 'valid') {
    yield '';
    yield* paragraph('By another trust policy: --trust POLICY; as of another day: --at DATE.').map(style.dim);
  }
  if (partners.some(({ effect }) => effect !== 'none')) {
    yield '';
    yield* paragraph('The notices to send, ready to paste: the same command with --notice.').map(style.dim);
  }
}

type Paragraph = (text: string, indent?: string) => string[];

function* provider(
  { commonNames, names, root, trust, path, pathReason, source }: WhatIfProvider,
  asOf: string,
  style: Style,
  paragraph: Paragraph,
): Generator<string> {
  const row = (title: string, text: string): string[] => {
    const [first, ...rest] = paragraph(printable(text), ' '.repeat(15));
    return [`${INDENT}${title.padEnd(13)}${first.trimStart()}`, ...rest];
  };
  yield* row('common name', commonNames?.join(', ') ?? 'not documented');
  yield* row('names', names?.join(', ') ?? 'not documented; one captured or probed session shows them');
  yield* row('root', root?.title ?? 'not documented');
  // Fingerprints and addresses are copied: whole, however narrow the terminal is.
  if (root !== null) yield `${INDENT}${'sha256'.padEnd(13)}${root.sha256}`;
  const state = `${path} for ${trust} on ${asOf.slice(0, 10)}${pathReason === null ? '' : `: ${pathReason}`}`;
  const painted = row('path', state);
  yield* path === 'valid' ? painted : painted.map(style.warning);
  yield `${INDENT}${'source'.padEnd(13)}${printable(source)}`;
}

function totals(partners: readonly WhatIfPartner[]): string {
  const count = (effect: WhatIfPartner['effect']): number => partners.filter((one) => one.effect === effect).length;
  const [breaks, uncertain, none] = [count('breaks'), count('uncertain'), count('none')];
  const parts = [
    `${breaks} ${breaks === 1 ? 'breaks' : 'break'}`,
    ...(uncertain > 0 ? [`${uncertain} cannot be told`] : []),
    `${none} ${none === 1 ? 'goes' : 'go'} on as before`,
  ];
  return `${partners.length} ${partners.length === 1 ? 'connector' : 'connectors'}: ${parts.join(', ')}.`;
}

function* one(partner: WhatIfPartner, style: Style, paragraph: Paragraph): Generator<string> {
  const { direction, before, after, effect, changes, commands, connector, identity } = partner;
  const role = direction === 'inbound' ? 'sends to the domain' : 'receives from the domain';
  const named = identity === null || identity === partner.partner ? '' : `, "${identity}"`;
  const paint = effect === 'breaks' ? style.bad : effect === 'uncertain' ? style.warning : style.good;
  const mark = effect === 'breaks' ? 'BREAKS' : effect === 'uncertain' ? 'UNCERTAIN' : 'goes on';
  yield* paragraph(printable(partner.partner)).map(style.bold);
  yield* paragraph(printable(`${connector}${named}: ${role}`), INDENT).map(style.dim);
  yield INDENT + paint(mark);
  yield* paragraph(printable(`now    ${before.outcome === 'deliver' ? 'Delivers.' : before.summary}`), INDENT);
  yield* paragraph(printable(`after  ${after.summary}`), INDENT);
  for (const change of changes) yield* changeLines(change, paragraph);
  if (commands.length > 0) {
    yield `${INDENT}in Exchange PowerShell:`;
    // Whole, so that they can be copied.
    for (const command of commands) yield `${INDENT}${INDENT}${style.accent(command)}`;
  }
}

function* changeLines({ setting, from, to, reason }: WhatIfChange, paragraph: Paragraph): Generator<string> {
  const target = to === null ? '(see below)' : to;
  yield* paragraph(printable(`change ${setting}: ${from ?? '(not set)'} → ${target}`), INDENT);
  yield* paragraph(printable(reason), INDENT.repeat(2));
}
