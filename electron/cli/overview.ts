import { printable } from '../../shared/bytes/printable.ts';
import type { Analysis, Capture, Session } from '../../shared/contract/analysis.ts';
import type { JudgedPath, JudgedSession, Judgement } from '../../shared/contract/verdict.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';
import { outcomeColour, outcomeWord } from './judgement-detail.ts';
import { columnsOf, cutToFit, wrap } from './layout.ts';
import type { Style } from './style.ts';
import { type Column, naturalWidth, table } from './table.ts';

/** Longest certificate name in the overview: the upper bound of a common name (RFC 5280 appendix A.1). */
const NAME_COLUMNS = 64;

/**
 * The first thing a person sees: what was read, what it holds in one sentence, and one line for each session. `width`
 * is the terminal's, or null: then nothing is cut and nothing wrapped.
 */
export function overview(
  analysis: Analysis,
  judgement: Judgement | null,
  style: Style,
  width: number | null,
): string[] {
  const { captures, sessions } = analysis;
  const lines = captures.flatMap((capture, index) =>
    captureLines(capture, captures.length > 1 ? `${index + 1}  ` : '', style, width),
  );
  if (captures.length > 0) lines.push('');
  lines.push(...wrap(summary(sessions), width).map(style.bold));
  if (sessions.length === 0) return lines;
  if (judgement !== null) lines.push(...judgementSummary(judgement).flatMap((line) => wrap(line, width)));
  return [...lines, '', ...sessionTable(analysis, judgement, style, width)];
}

/** By what was judged, what came of it, and names that several certificates answer for. */
function judgementSummary({ judgedBy, sessions, pools }: Judgement): string[] {
  const { trust, at, expectations } = judgedBy;
  const issued = trust.issued === null ? '' : ` of ${trust.issued}`;
  const when = at === 'capture' ? "at the capture's time" : at === 'now' ? 'now' : `on ${at}`;
  const lines = [`Judged ${when} by the trust policy ${printable(trust.name)}${issued}.`];
  if (expectations !== null) {
    const outcomes = [...sessions.values()].flatMap(({ verdict }) => (verdict === null ? [] : [verdict.outcome]));
    const counts = OUTCOMES.map((outcome) => ({ outcome, count: outcomes.filter((one) => one === outcome).length }));
    const words = counts
      .filter(({ count }) => count > 0)
      .map(({ outcome, count }) => `${count} ${outcomeWord(outcome)}`);
    const unmatched = sessions.size - outcomes.length;
    if (unmatched > 0) words.push(`${unmatched} of no partner`);
    lines.push(`Expectations of ${printable(expectations)}: ${words.join(', ')}.`);
  }
  return [...lines, ...pools.map(({ message }) => printable(message))];
}

const OUTCOMES = ['reject', 'defer', 'deliver-in-plaintext', 'unknown', 'deliver'] as const;

/** Which columns there are, in this order. */
const COLUMNS = ['id', 'time', 'endpoints', 'starttls', 'tls', 'server', 'client', 'judged', 'frames'] as const;

function sessionTable(
  { captures, sessions }: Analysis,
  judgement: Judgement | null,
  style: Style,
  width: number | null,
): string[] {
  const manyFiles = captures.length > 1;
  const manyDays = new Set(sessions.map(({ startedAt }) => startedAt?.slice(0, 10))).size > 1;
  const columns: readonly Column[] = [
    { title: 'ID' },
    { title: 'TIME UTC', optional: 3 },
    { title: 'CLIENT → SERVER', least: 25 },
    { title: 'STARTTLS' },
    { title: 'TLS', optional: 1 },
    { title: 'SERVER CERTIFICATE', least: 18 },
    { title: 'CLIENT CERTIFICATE', least: 18, optional: 4 },
    ...(judgement === null
      ? []
      : [{ title: judgement.judgedBy.expectations === null ? 'PATH' : 'VERDICT', least: 12 }]),
    { title: manyFiles ? 'FILE: FRAMES' : 'FRAMES', optional: 5 },
  ];
  const rows = (form: 'long' | 'short') =>
    sessions.map((session) => {
      const time = timeOfDay(session.startedAt);
      const day = manyDays && session.startedAt !== null ? `${session.startedAt.slice(0, 10)} ` : '';
      const client = form === 'long' ? endpoint(session.client) : session.client.address;
      return [
        session.id,
        form === 'long' || session.startedAt === null ? day + time : day.slice(5) + time.slice(0, 8),
        `${client} → ${endpoint(session.server)}`,
        startTlsWord(session),
        tlsWord(session),
        certificateWord(session, 'server'),
        certificateWord(session, 'client'),
        ...(judgement === null ? [] : [judgedWord(session, judgement)]),
        framesWord(session, manyFiles),
      ];
    });
  const long = rows('long');
  // A narrow terminal does without milliseconds and the client's port first.
  const fitting = width === null || naturalWidth(columns, long) <= width ? long : rows('short');
  const shownColumns = COLUMNS.filter((name) => judgement !== null || name !== 'judged');
  const paint = (cell: string, row: number, column: number) => {
    const session = sessions[row];
    switch (shownColumns[column]) {
      case 'id':
        return style.accent(cell);
      case 'starttls':
        return startTlsColour(session, style)(cell);
      case 'tls':
        return session.tls?.outcome === 'failed' ? style.bad(cell) : cell;
      case 'judged':
        return judgedColour(session, judgement, style)(cell);
      case 'server':
      case 'client':
        return cell.startsWith('(') ? style.dim(cell) : cell;
      default:
        return cell;
    }
  };
  const { head, body, omitted } = table(columns, fitting, width, paint);
  const note = `Left out for want of room: ${omitted.join(', ').toLowerCase()}.`;
  return [style.dim(head), ...body, ...(omitted.length > 0 ? wrap(note, width).map(style.dim) : [])];
}

/** The verdict with its partner; without expectations whether the server's path is valid at the moment that counts. */
function judgedWord({ id }: Session, judgement: Judgement): string {
  const judged = judgement.sessions.get(id);
  if (!judged) return '–';
  if (judgement.judgedBy.expectations !== null) {
    const { verdict } = judged;
    return verdict === null ? '–' : `${outcomeWord(verdict.outcome)} (${printable(verdict.partner)})`;
  }
  const path = decisivePath(judged, judgement);
  return path === undefined ? '–' : path.outcome;
}

function decisivePath({ paths }: JudgedSession, { judgedBy }: Judgement): JudgedPath | undefined {
  const moment = judgedBy.at === 'capture' || judgedBy.at === 'now' ? judgedBy.at : 'date';
  return paths.find((path) => path.side === 'server' && path.moment === moment);
}

function judgedColour({ id }: Session, judgement: Judgement | null, style: Style): (text: string) => string {
  const judged = judgement?.sessions.get(id);
  if (!judged || judgement === null) return style.dim;
  if (judged.verdict !== null) return outcomeColour(judged.verdict.outcome, style);
  const outcome = judgement.judgedBy.expectations === null ? decisivePath(judged, judgement)?.outcome : undefined;
  return outcome === 'valid' ? style.good : outcome === 'invalid' ? style.bad : style.dim;
}

/** First and last frame, with the number of the file where there are several: each counts its own frames. */
function framesWord(session: Session, manyFiles: boolean): string {
  const { capture, firstFrame, lastFrame } = session;
  if (!manyFiles) return `${firstFrame}–${lastFrame}`;
  const last = lastCapture(session);
  return last === capture
    ? `${capture + 1}: ${firstFrame}–${lastFrame}`
    : `${capture + 1}: ${firstFrame} – ${last + 1}: ${lastFrame}`;
}

/** The file in which a session ends: that of the last event that is not in its first file. */
export function lastCapture({ capture, timeline }: Session): number {
  return timeline.reduce((last, event) => event.capture ?? last, capture);
}

function captureLines(capture: Capture, number: string, style: Style, width: number | null): string[] {
  const { file, format, compression, packetCount, linkTypes, firstPacketAt, lastPacketAt, problems } = capture;
  const kind = compression ? `${format} in ${compression}` : format;
  const span = firstPacketAt && lastPacketAt ? `, ${timeSpan(firstPacketAt, lastPacketAt)}` : '';
  const name = file === '-' ? 'standard input' : printable(file);
  const links = linkTypes.length > 0 ? `, ${linkTypes.join(', ')}` : '';
  const facts = `${kind}, ${counted(packetCount, 'packet')}${links}${span}`;
  const indent = ' '.repeat(number.length + 2);
  // What is wrapped stands behind the indent, so that all lines leave room for it.
  const fitsInOne = width === null || columnsOf(`${number}${name}: ${facts}`) <= width;
  const room = fitsInOne ? null : width - indent.length;
  const [first, ...rest] = wrap(`${number}${name}: ${facts}`, room);
  return [
    first.startsWith(`${number}${name}:`)
      ? number + style.bold(name) + first.slice(number.length + name.length)
      : first,
    ...rest.map((line) => indent + line),
    ...problems.flatMap(({ message }) => noted(printable(message), indent, style, width)),
  ];
}

/** A problem behind an exclamation mark, wrapped under itself. */
function noted(text: string, indent: string, style: Style, width: number | null): string[] {
  return wrap(text, width === null ? null : width - indent.length - 2).map(
    (line, index) => `${indent}${index === 0 ? style.warning('!') : ' '} ${line}`,
  );
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
  if (chain.length > 0) return cutToFit(printable(shortName(chain[0].subject)), NAME_COLUMNS);
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
