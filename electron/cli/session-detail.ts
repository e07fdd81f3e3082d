import type { Analysis, Certificate, Presented, Session, Side, TimelineEvent } from '../../shared/contract/analysis.ts';
import { counted, endpoint, startTlsWord, timeOfDay } from './overview.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

const LABEL_WIDTH = 12;
/** Names of a certificate that are listed one by one; a certificate may hold thousands. */
const LISTED_NAMES = 24;

/** Everything about one session, in the order in which a doubter would ask. */
export function sessionDetail(session: Session, analysis: Analysis, style: Style): string[] {
  const { client, server, firstFrame, lastFrame, smtp, tls, problems } = session;
  const file = analysis.captures.length > 1 ? ` of ${printable(analysis.captures[session.capture].file)}` : '';
  const lines = [
    `${style.accent(style.bold(session.id))}  ${style.bold(`${endpoint(client)} → ${endpoint(server)}`)}  ` +
      style.dim(`${timeOfDay(session.startedAt)}, ${duration(session)}, frames ${firstFrame}–${lastFrame}${file}`),
  ];
  const say = (label: string, text: string) => lines.push(`  ${style.dim(label.padEnd(LABEL_WIDTH))}${text}`);
  if (smtp) {
    const greeting = smtp.greeting
      ? `${smtp.greeting.code} ${printable(smtp.greeting.text.split('\n')[0])}`
      : 'no greeting captured';
    say('Greeting', greeting);
    if (smtp.clientName !== null) say('Client name', printable(smtp.clientName));
    const upgrade = smtp.upgrade
      ? ` (${smtp.upgrade.command}, reply ${smtp.upgrade.replyCode ?? 'not captured'}, frame ${smtp.upgrade.frame})`
      : '';
    say('STARTTLS', startTlsWord(session) + upgrade);
    for (const { mailFrom, rcptTo, protection } of smtp.envelopes) {
      const recipients = rcptTo
        .slice(0, 5)
        .map((address) => `<${printable(address)}>`)
        .join(', ');
      const more = rcptTo.length > 5 ? ` and ${rcptTo.length - 5} more` : '';
      say(
        'Envelope',
        `<${printable(mailFrom)}> to ${recipients || 'nobody'}${more}, in ${protection === 'tls' ? 'TLS' : 'plaintext'}`,
      );
    }
  }
  if (tls) {
    const suite = tls.cipherSuite ? `, ${tls.cipherSuite.name}` : '';
    const group = tls.keyExchangeGroup ? `, ${tls.keyExchangeGroup}` : '';
    const outcome = tls.outcome === 'failed' ? style.bad('failed') : tls.outcome;
    say(
      'TLS',
      `${tls.version ?? (tls.outcome === 'established' ? 'version not captured' : 'no version agreed')}${suite}${group}${tls.resumed ? ', resumed' : ''}: ${outcome}`,
    );
    say('Server name', tls.serverName === null ? 'none asked for (no SNI)' : printable(tls.serverName));
    for (const { from, level, description, code, frame } of tls.alerts) {
      say('Alert', style.bad(`${description} (${code}), ${level}, from the ${from}, frame ${frame}`));
    }
  }
  for (const side of ['server', 'client'] as const) {
    lines.push(...certificateLines(side, session.certificates[side], analysis, style));
  }
  for (const { message } of problems) say('Problem', style.warning(printable(message)));
  say('Timeline', '');
  lines.push(...timelineLines(session, style));
  say('Wireshark', session.displayFilter);
  return lines;
}

function certificateLines(
  side: Side,
  { visibility, explanation, chain }: Presented,
  analysis: Analysis,
  style: Style,
): string[] {
  const label = style.dim((side === 'server' ? 'Server sent' : 'Client sent').padEnd(LABEL_WIDTH));
  if (chain.length === 0 || visibility !== 'visible') {
    const first = `  ${label}${chain.length === 0 ? `no certificate to see (${visibility.replaceAll('-', ' ')}). ` : ''}${printable(explanation)}`;
    if (chain.length === 0) return [first];
    return [first, ...chainLines(chain, analysis, style)];
  }
  return [
    `  ${label}${counted(chain.length, 'certificate')} (frame ${chain[0].frame})`,
    ...chainLines(chain, analysis, style),
  ];
}

function chainLines(chain: Presented['chain'], analysis: Analysis, style: Style): string[] {
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  return chain.flatMap(({ sha256 }, index) => {
    const certificate = analysis.certificates[sha256];
    if (!certificate) return [];
    const number = `${index + 1} `;
    if ('unreadable' in certificate) {
      return [
        `${indent}${number}${style.bad(`unreadable (${certificate.byteLength} bytes): ${printable(certificate.unreadable.message)}`)}`,
        `${indent}  sha256 ${sha256}`,
      ];
    }
    const { subject, issuer, notBefore, notAfter, publicKey, signatureAlgorithm } = certificate;
    const key = [publicKey.algorithm, publicKey.curve ?? (publicKey.bits === null ? '' : `${publicKey.bits} bits`)]
      .filter(Boolean)
      .join(' ');
    const names = namesOf(certificate);
    return [
      `${indent}${number}${style.bold(printable(subject) || '(no subject)')}`,
      ...(names ? [`${indent}  names   ${names}`] : []),
      `${indent}  issuer  ${subject === issuer ? 'itself' : printable(issuer)}`,
      `${indent}  valid   ${notBefore} to ${notAfter}`,
      `${indent}  key     ${key}, signed with ${signatureAlgorithm}${certificate.isCertificateAuthority ? ', a certificate authority' : ''}`,
      `${indent}  sha256  ${sha256}`,
    ];
  });
}

function namesOf({ dnsNames, ipAddresses, otherNames }: Certificate): string {
  const all = [...dnsNames, ...ipAddresses, ...otherNames.map(({ type, value }) => `${type}:${value}`)].map(printable);
  const more = all.length > LISTED_NAMES ? ` and ${all.length - LISTED_NAMES} more` : '';
  return all.slice(0, LISTED_NAMES).join(', ') + more;
}

function timelineLines({ timeline, startedAt }: Session, style: Style): string[] {
  const frameWidth = Math.max(5, ...timeline.map(({ frame }) => String(frame).length));
  return timeline.map((event) => {
    const arrow = event.from === 'client' ? 'client ─▶' : '◀─ server';
    return `    ${since(startedAt, event.at).padStart(10)}  ${style.dim(String(event.frame).padStart(frameWidth))}  ${arrow}  ${paint(event, style)}`;
  });
}

function paint({ kind, summary }: TimelineEvent, style: Style): string {
  const text = printable(summary);
  switch (kind) {
    case 'tls-alert':
    case 'tcp-reset':
    case 'smtp-injection':
    case 'tls-damage':
    case 'tcp-conflict':
      return style.bad(text);
    case 'tcp-gap':
    case 'tcp-retransmission':
      return style.warning(text);
    case 'tls-start':
    case 'tls-certificate':
      return style.accent(text);
    case 'tcp-open':
    case 'tcp-close':
    case 'proxy-header':
    case 'smtp-reply':
    case 'smtp-command':
    case 'smtp-content':
    case 'tls-handshake':
    case 'tls-change-cipher-spec':
    case 'tls-encrypted':
    case 'tls-data':
      return text;
  }
}

function duration({ startedAt, endedAt }: Session): string {
  return startedAt === null || endedAt === null
    ? 'no times'
    : milliseconds(Date.parse(endedAt) - Date.parse(startedAt));
}

function since(start: string | null, at: string | null): string {
  return start === null || at === null ? '' : milliseconds(microseconds(at, start) / 1000);
}

/** Date.parse stops at milliseconds; the difference of two times of one session does not have to. */
function microseconds(later: string, earlier: string): number {
  const fraction = (time: string) => Number((/\.(\d+)Z$/.exec(time)?.[1] ?? '').padEnd(6, '0').slice(0, 6));
  const second = (time: string) => Date.parse(time.replace(/\.\d+Z$/, 'Z'));
  return (second(later) - second(earlier)) * 1000 + fraction(later) - fraction(earlier);
}

function milliseconds(value: number): string {
  if (Math.abs(value) < 10_000) return `${value.toFixed(Math.abs(value) < 1000 ? 1 : 0)} ms`;
  return `${(value / 1000).toFixed(1)} s`;
}
