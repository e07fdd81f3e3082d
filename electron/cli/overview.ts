import type { Analysis, Capture, Session } from '../../shared/contract/analysis.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The first thing a person sees: what was read, what it holds in one sentence, and one line for each session. */
export function overview(analysis: Analysis, style: Style, width: number | null): string[] {
  const lines = analysis.captures.flatMap((capture) => captureLines(capture, style));
  if (analysis.captures.length > 0) lines.push('');
  const { sessions } = analysis;
  lines.push(style.bold(summary(sessions)));
  if (sessions.length === 0) return lines;
  const manyFiles = analysis.captures.length > 1;
  const columns = [
    { title: 'ID' },
    { title: 'TIME (UTC)' },
    { title: 'CLIENT → SERVER', yields: 1 },
    { title: 'STARTTLS' },
    { title: 'TLS' },
    { title: 'SERVER CERTIFICATE', yields: 2 },
    { title: 'CLIENT CERTIFICATE', yields: 3 },
    { title: manyFiles ? 'FILE: FRAMES' : 'FRAMES' },
  ];
  const rows = sessions.map((session) => [
    session.id,
    timeOfDay(session.startedAt),
    `${endpoint(session.client)} → ${endpoint(session.server)}`,
    startTlsWord(session),
    tlsWord(session),
    certificateWord(session, 'server'),
    certificateWord(session, 'client'),
    `${manyFiles ? `${session.capture + 1}: ` : ''}${session.firstFrame}–${session.lastFrame}`,
  ]);
  const paint = (cell: string, row: number, column: number) => {
    const session = sessions[row];
    if (column === 3) return startTlsColour(session, style)(cell);
    if (column === 4 && session.tls?.outcome === 'failed') return style.bad(cell);
    if ((column === 5 || column === 6) && cell.startsWith('(')) return style.dim(cell);
    return column === 0 ? style.accent(cell) : cell;
  };
  const [head, ...body] = table(columns, rows, width, paint);
  return [...lines, '', style.dim(head), ...body];
}

function captureLines(capture: Capture, style: Style): string[] {
  const { file, format, compression, packetCount, linkTypes, firstPacketAt, lastPacketAt, problems } = capture;
  const kind = compression ? `${format} in ${compression}` : format;
  const span = firstPacketAt && lastPacketAt ? `, ${timeSpan(firstPacketAt, lastPacketAt)}` : '';
  const name = file === '-' ? 'standard input' : printable(file);
  const links = linkTypes.length > 0 ? `, ${linkTypes.join(', ')}` : '';
  return [
    `${style.bold(name)}: ${kind}, ${counted(packetCount, 'packet')}${links}${span}`,
    ...problems.map(({ message }) => `  ${style.warning('!')} ${printable(message)}`),
  ];
}

function timeSpan(first: string, last: string): string {
  const [day, start] = splitTime(first);
  const [lastDay, end] = splitTime(last);
  return `${day} ${start} to ${day === lastDay ? '' : `${lastDay} `}${end} UTC`;
}

function splitTime(time: string): [string, string] {
  const [day, rest] = time.split('T');
  return [day, rest.slice(0, 8)];
}

/** One sentence over all sessions. */
function summary(sessions: readonly Session[]): string {
  if (sessions.length === 0) return 'No SMTP session in here.';
  const smtp = sessions.filter(({ service }) => service !== 'tls').length;
  const other = sessions.length - smtp;
  const total = [
    ...(smtp > 0 ? [counted(smtp, 'SMTP session')] : []),
    ...(other > 0 ? [counted(other, 'other TLS session')] : []),
  ].join(' and ');
  const parts: string[] = [];
  const withCertificate = sessions.filter(({ certificates }) => certificates.server.chain.length > 0).length;
  if (withCertificate > 0) parts.push(`${withCertificate} with the server's certificate`);
  const hidden = sessions.filter(({ tls, certificates }) => tls && certificates.server.chain.length === 0).length;
  if (hidden > 0) parts.push(`${hidden} with TLS whose certificate cannot be seen`);
  const plaintext = sessions.filter(({ tls }) => !tls).length;
  if (plaintext > 0) parts.push(`${plaintext} without TLS`);
  const failed = sessions.filter(({ tls }) => tls?.outcome === 'failed').length;
  if (failed > 0) parts.push(`${failed} whose handshake failed`);
  return `${total}: ${parts.join(', ')}.`;
}

export function startTlsWord({ service, smtp }: Session): string {
  if (service === 'smtps') return 'implicit TLS';
  return smtp ? smtp.starttls.replaceAll('-', ' ') : '–';
}

function startTlsColour({ service, smtp }: Session, style: Style): (text: string) => string {
  if (service !== 'smtp' || smtp?.starttls === 'accepted') return style.good;
  return smtp?.starttls === 'masked' || smtp?.starttls === 'refused' ? style.bad : style.warning;
}

function tlsWord({ tls }: Session): string {
  if (!tls) return '–';
  const version = tls.version?.replace(/^TLS /, '') ?? '?';
  switch (tls.outcome) {
    case 'established':
      return version;
    case 'failed':
      return `${version} failed`;
    case 'incomplete':
      return `${version} incomplete`;
  }
}

function certificateWord({ certificates }: Session, side: 'server' | 'client'): string {
  const { visibility, chain } = certificates[side];
  if (chain.length > 0) return printable(shortName(chain[0].subject));
  if (visibility === 'none') return '–';
  return side === 'client' && visibility === 'not-requested' ? '–' : `(${visibility.replaceAll('-', ' ')})`;
}

export function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Hours to milliseconds of an ISO time. */
export function timeOfDay(time: string | null): string {
  return time === null ? 'no time' : time.slice(time.indexOf('T') + 1).replace(/(\.\d{3})\d*Z$|Z$/, '$1');
}

export function counted(count: number, what: string): string {
  return `${groupDigits(count)} ${what}${count === 1 ? '' : 's'}`;
}

export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
