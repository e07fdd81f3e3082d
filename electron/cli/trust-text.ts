import type { DescribedAnchor, DescribedAuthority, DescribedPolicy } from '../../shared/contract/trust.ts';
import type { CommandContext } from './command.ts';
import { hanging, labelled, shown, wrapped } from './detail-text.ts';
import { counted } from './overview.ts';
import { type Column, table } from './table.ts';

type Context = Pick<CommandContext, 'style' | 'width'>;

const COLUMNS: readonly Column[] = [
  { title: 'Policy' },
  { title: 'Issued', optional: 1 },
  { title: 'Roots' },
  { title: 'Ends' },
  { title: 'From', least: 12, optional: 2 },
  { title: 'What it is', least: 20 },
];

/** All policies, one a line. */
export function* policyList(policies: readonly DescribedPolicy[], { style, width }: Context): Generator<string> {
  const rows = policies.map((policy) => [
    shown(policy.name),
    policy.issued ?? '-',
    String(policy.anchors.length),
    endsOf(policy.anchors),
    origin(policy, false),
    shown(policy.title),
  ]);
  const { head, body } = table(COLUMNS, rows, width, (cell, row, column) => {
    if (column === 0) return style.bold(cell);
    const isOver = column === 3 && policies[row].anchors.every(({ state }) => state === 'over');
    return isOver ? style.warning(cell) : cell;
  });
  yield style.dim(head);
  yield* body;
  if (width === null) return;
  yield '';
  yield style.dim(`One of them in full: starttrace trust show ${policies[0]?.name ?? 'mozilla'}`);
}

/** When the last root ends; and how many are over before that. */
function endsOf(anchors: readonly DescribedAnchor[]): string {
  const over = anchors.filter(({ state }) => state === 'over').length;
  const last = anchors.reduce((latest, anchor) => (lastDay(anchor) > latest ? lastDay(anchor) : latest), '');
  if (over === anchors.length) return `over since ${last}`;
  return over === 0 ? last : `${last}, ${over} over`;
}

function lastDay({ notAfter, trustedUntil }: DescribedAnchor): string {
  return (trustedUntil !== null && trustedUntil < notAfter ? trustedUntil : notAfter).slice(0, 10);
}

function origin({ origin: from, file, replacesBuiltIn }: DescribedPolicy, full: boolean): string {
  const instead = replacesBuiltIn ? ', in place of the built-in one' : '';
  switch (from) {
    case 'built-in':
      return full ? 'comes with StartTrace' : 'built in';
    case 'user':
      return full ? `your policy in ${shown(file ?? '')}${instead}` : `yours${instead}`;
    case 'given':
      return shown(file ?? '');
  }
}

/** One policy in full. */
export function* policyLines(policy: DescribedPolicy, context: Context): Generator<string> {
  const { style } = context;
  const { name, title, issued, source, description, anchors, intermediates } = policy;
  yield `${style.bold(shown(name))}  ${shown(title)}`;
  yield* labelled('Kept', origin(policy, true), context);
  if (issued !== null) yield* labelled('Issued', issued, context);
  if (source !== name) yield* labelled('Source', shown(source), context);
  if (description !== null) yield* labelled('About', shown(description.trim().replaceAll(/\s*\n\s*/g, ' ')), context);
  yield* labelled('Rules', rulesText(policy), context);
  yield '';
  yield `${style.bold(counted(anchors.length, 'root'))}${overText(anchors)}`;
  for (const [index, anchor] of anchors.entries()) {
    yield* authorityLines(anchor, index, context);
    const inner = (label: string, text: string) => fact(label, text, context);
    yield* inner('ends', endText(anchor));
    const dates = datesText(anchor);
    if (dates !== '') yield* inner('trusted', dates);
    if (anchor.source !== source) yield* inner('from', shown(anchor.source));
    yield* hashes(anchor, context);
  }
  if (intermediates.length === 0) return;
  yield '';
  yield style.bold(counted(intermediates.length, 'intermediate'));
  for (const [index, one] of intermediates.entries()) {
    yield* authorityLines(one, index, context);
    yield* fact('ends', one.notAfter, context);
    yield* hashes(one, context);
  }
}

const FACT_INDENT = '       ';
const FACT_COLUMNS = 9;

function fact(label: string, text: string, { style, width }: Context): string[] {
  const first = FACT_INDENT + style.dim(label.padEnd(FACT_COLUMNS));
  return hanging(first, FACT_INDENT + ' '.repeat(FACT_COLUMNS), text, { width });
}

/** In one line each, however narrow the terminal: they are there to be copied. */
function hashes({ sha256, sha1 }: DescribedAuthority, { style }: Context): string[] {
  return [
    `${FACT_INDENT}${style.dim('sha256'.padEnd(FACT_COLUMNS))}${sha256}`,
    `${FACT_INDENT}${style.dim('sha1'.padEnd(FACT_COLUMNS))}${sha1}`,
  ];
}

function authorityLines(
  { subject, publicKey }: DescribedAuthority,
  index: number,
  { style, width }: Context,
): string[] {
  const size = publicKey.curve ?? (publicKey.bits === null ? '' : `${publicKey.bits} bits`);
  const key = [publicKey.algorithm, size].filter(Boolean).join(' ');
  const number = `${String(index + 1).padStart(5)}  `;
  const name = `${shown(subject) || '(no subject)'} (${key})`;
  return wrapped(name, width, number).map((line, at) => (at === 0 ? number : FACT_INDENT) + style.bold(line));
}

function endText({ notBefore, notAfter, trustedUntil, state }: DescribedAnchor): string {
  const isOwnEnd = trustedUntil === null || notAfter <= trustedUntil;
  switch (state) {
    case 'over':
      return isOwnEnd ? `${notAfter}: it is over` : `${notAfter}; the policy's trust is over`;
    case 'not-yet':
      return `${notAfter}; begins ${notBefore}`;
    case 'current':
      return notAfter;
  }
}

function datesText({ trustedFrom, trustedUntil, distrustAfter }: DescribedAnchor): string {
  return [
    trustedFrom === null ? '' : `from ${trustedFrom}`,
    trustedUntil === null ? '' : `until ${trustedUntil}`,
    distrustAfter === null ? '' : `for certificates issued until ${distrustAfter}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function overText(anchors: readonly DescribedAnchor[]): string {
  const over = anchors.filter(({ state }) => state === 'over').length;
  if (over === 0) return '';
  return over === anchors.length ? `, over today` : `, ${over} of them over today`;
}

const PROFILES: Readonly<Record<DescribedPolicy['rules']['profile'], string>> = {
  path: 'paths as RFC 5280 section 6 has them (profile path)',
  rfc5280: 'paths and certificates as RFC 5280 has them (profile rfc5280)',
  webpki: 'paths and certificates as the CA/Browser Forum has them (profile webpki)',
};

function rulesText({ rules }: DescribedPolicy): string {
  const { profile, sha1, minimumRsaBits, commonNameFallback, requireRevocation, time } = rules;
  const decides = { capture: 'the time of the capture decides', now: 'the present decides' };
  return [
    PROFILES[profile],
    sha1 ? 'signatures over SHA-1 count' : 'no signatures over SHA-1',
    `RSA keys of ${minimumRsaBits} bits and more`,
    commonNameFallback ? 'the common name counts where there are no other names' : 'the common name does not count',
    requireRevocation ? 'revocation must be known' : 'revocation may be unknown',
    ...(time === null ? [] : [decides[time]]),
  ].join('; ');
}
