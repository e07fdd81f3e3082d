import type { Envelope, Session } from '../../shared/contract/analysis.ts';
import { type DetailContext, fileName, labelled, plain, shown, wrapped } from './detail-text.ts';
import { sinceText } from './elapsed.ts';
import { judgementLines } from './judgement-detail.ts';
import { counted, endpoint, lastCapture, startTlsWord, timeOfDay } from './overview.ts';
import { presentedLines } from './presented-detail.ts';
import { timelineLines } from './timeline-detail.ts';

/** Envelopes that are listed; a bulk sender puts hundreds into one session. */
const LISTED_ENVELOPES = 20;
const LISTED_RECIPIENTS = 5;

/** Everything about one session, in the order in which a doubter would ask. */
export function sessionDetail(session: Session, context: DetailContext): string[] {
  const { style } = context;
  const { smtp, tls, problems, displayFilter } = session;
  const lines = heading(session, context);
  const say = (label: string, text: string, paint: (line: string) => string = plain) =>
    lines.push(...labelled(label, text, context, paint));
  if (smtp) {
    say(
      'Greeting',
      smtp.greeting ? `${smtp.greeting.code} ${shown(smtp.greeting.text.split('\n')[0])}` : 'no greeting captured',
    );
    if (smtp.clientName !== null) say('Client name', shown(smtp.clientName));
    const upgrade = smtp.upgrade
      ? ` (${smtp.upgrade.command}, reply ${smtp.upgrade.replyCode ?? 'not captured'}, frame ${smtp.upgrade.frame})`
      : '';
    say('STARTTLS', startTlsWord(session) + upgrade);
    for (const envelope of smtp.envelopes.slice(0, LISTED_ENVELOPES)) say('Envelope', envelopeText(envelope));
    if (smtp.envelopes.length > LISTED_ENVELOPES) {
      say('', `and ${counted(smtp.envelopes.length - LISTED_ENVELOPES, 'further envelope')}`);
    }
  }
  if (tls) {
    const { version, cipherSuite, keyExchangeGroup, resumed, outcome, serverName, alerts } = tls;
    const agreed = [
      version ?? (outcome === 'established' ? 'version not captured' : 'no version agreed'),
      ...(cipherSuite ? [cipherSuite.name] : []),
      ...(keyExchangeGroup ? [keyExchangeGroup] : []),
      ...(resumed ? ['resumed'] : []),
    ];
    say('TLS', `${agreed.join(', ')}: ${outcome}`, outcome === 'failed' ? style.bad : plain);
    say('Server name', serverName === null ? 'none asked for (no SNI)' : shown(serverName));
    for (const { from, level, description, code, frame } of alerts) {
      say('Alert', `${description} (${code}), ${level}, from the ${from}, frame ${frame}`, style.bad);
    }
  }
  lines.push(...presentedLines(session, context));
  const judged = context.judgement?.sessions.get(session.id);
  if (judged) lines.push(...judgementLines(judged, context));
  for (const { message } of problems) say('Problem', shown(message), style.warning);
  lines.push(`  ${style.dim('Timeline')}`, ...timelineLines(session, context));
  // In one line, however long: it is there to be copied.
  lines.push(`  ${style.dim('Wireshark')}    ${displayFilter}`);
  return lines;
}

/** Who spoke to whom, when, and where in which file. */
function heading(session: Session, { analysis, style, width }: DetailContext): string[] {
  const { id, client, server, startedAt, endedAt } = session;
  const endpoints = `${endpoint(client)} → ${endpoint(server)}`;
  const start =
    startedAt === null
      ? 'no times'
      : `${startedAt.slice(0, 10)} ${timeOfDay(startedAt)} UTC, ${sinceText(startedAt, endedAt)}`;
  const [title, ...rest] = wrapped(`${id}  ${endpoints}  ${start}, ${framesText(session, analysis)}`, width, '    ');
  const lead = `${id}  ${endpoints}`;
  return [
    title.startsWith(lead)
      ? style.accent(style.bold(id)) + style.bold(`  ${endpoints}`) + style.dim(title.slice(lead.length))
      : style.bold(title),
    ...rest.map((line) => `    ${style.dim(line)}`),
  ];
}

function framesText(session: Session, { captures }: DetailContext['analysis']): string {
  const { capture, firstFrame, lastFrame } = session;
  if (captures.length === 1) return `frames ${firstFrame}–${lastFrame}`;
  const first = fileName(captures[capture].file);
  const last = lastCapture(session);
  return last === capture
    ? `frames ${firstFrame}–${lastFrame} of ${first}`
    : `frame ${firstFrame} of ${first} to frame ${lastFrame} of ${fileName(captures[last].file)}`;
}

function envelopeText({ mailFrom, rcptTo, protection }: Envelope): string {
  const recipients = rcptTo.slice(0, LISTED_RECIPIENTS).map((address) => `<${shown(address)}>`);
  const more = rcptTo.length > LISTED_RECIPIENTS ? ` and ${rcptTo.length - LISTED_RECIPIENTS} more` : '';
  const to = recipients.length === 0 ? 'nobody' : recipients.join(', ') + more;
  return `<${shown(mailFrom)}> to ${to}, in ${protection === 'tls' ? 'TLS' : 'plaintext'}`;
}
