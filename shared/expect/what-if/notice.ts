/** The notice to whoever runs a connector: plain text for a mail, without marks of any format. */
import { printable } from '../../bytes/printable.ts';
import type { WhatIfChange } from '../../contract/what-if.ts';
import type { CatalogueEntry } from '../catalogue/schema.ts';
import { mxHost } from '../catalogue.ts';

export interface NoticeFacts {
  readonly partner: string;
  readonly identity: string | null;
  readonly direction: 'inbound' | 'outbound';
  readonly domain: string | null;
  readonly entry: CatalogueEntry;
  /** What happens if nothing is changed; null: the mail goes on flowing. */
  readonly consequence: string | null;
  readonly changes: readonly WhatIfChange[];
  readonly commands: readonly string[];
}

const COLUMNS = 76;

/** Lines of at most 76 columns, but for commands and fingerprints; text from the file is made harmless. */
export function notice(facts: NoticeFacts): string {
  const { entry, changes, commands, direction } = facts;
  const domain = printable(facts.domain ?? '[DOMAIN]');
  const lines = [
    `Subject: Mail ${direction === 'inbound' ? 'for' : 'from'} ${domain} moves to ${printable(entry.provider)} on [DATE]`,
    '',
    `To: ${printable(facts.partner)}${facts.identity === null ? '' : `, for the connector "${printable(facts.identity)}"`}`,
    '',
    ...wrapped(opening(facts, domain)),
    '',
    ...certificate(facts),
    '',
    ...wrapped(consequence(facts)),
    ...(changes.length === 0 ? [] : ['', 'Please change before [DATE]:', '', ...changes.flatMap(changeLines)]),
    ...(commands.length === 0 ? [] : ['', 'In Exchange PowerShell:', '', ...commands.map((line) => `  ${line}`)]),
    '',
    ...wrapped(
      'Please do not rely on one root or one certificate for ever: both change from time to time. Trust in roots should follow a policy that can be updated.',
    ),
    '',
    'Questions: [NAME], [TELEPHONE], [MAIL ADDRESS]',
  ];
  return `${lines.join('\n')}\n`;
}

function opening({ direction, entry, domain: own }: NoticeFacts, domain: string): string {
  const provider = printable(entry.provider);
  if (direction === 'outbound') {
    const hosts =
      entry.sendingHosts === null ? '' : ` The hosts that send have names like ${entry.sendingHosts.join(', ')}.`;
    return `From [DATE] on, mail from ${domain} is sent by ${provider}. Your server will see another client certificate and other addresses than today.${hosts}`;
  }
  const host = own === null ? null : mxHost(entry, own);
  const where = host === null ? '' : ` The MX host is ${printable(host)}.`;
  return `From [DATE] on, mail for ${domain} is received by ${provider}.${where} Your server will be shown another certificate than today.`;
}

function certificate({ entry }: NoticeFacts): readonly string[] {
  const unknown = 'not documented; see the first session after the move';
  const rows: [string, readonly string[]][] = [
    ['Common name', entry.commonNames ?? [unknown]],
    ['DNS names', entry.names ?? [unknown]],
    ['Root', entry.root === null ? [unknown] : [entry.root.title, `SHA-256 ${entry.root.sha256}`]],
    ...(entry.issuer === null ? [] : ([['Issued by', [entry.issuer]]] as [string, readonly string[]][])),
  ];
  return [
    `The certificate of ${printable(entry.provider)}:`,
    '',
    ...rows.flatMap(([title, values]) =>
      values.map((value, index) => `  ${(index === 0 ? title : '').padEnd(13)}${printable(value)}`),
    ),
    '',
    ...wrapped(`${printable(entry.provider)} cannot present a certificate of our own.`),
  ];
}

function consequence({ consequence: what, changes }: NoticeFacts): string {
  if (what !== null) return `With the settings that we know of: ${printable(what)}`;
  return changes.length === 0
    ? 'With the settings that we know of, nothing has to be changed: the mail goes on flowing.'
    : 'With the settings that we know of, the mail goes on flowing, but the following should follow the move.';
}

function changeLines({ setting, from, to, reason }: WhatIfChange): readonly string[] {
  return [
    `  ${printable(setting)}`,
    ...wrapped(`now: ${printable(from ?? '(not set)')}`, '    '),
    ...wrapped(`new: ${to === null ? '(see below)' : printable(to)}`, '    '),
    ...wrapped(printable(reason), '    '),
  ];
}

function wrapped(text: string, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
