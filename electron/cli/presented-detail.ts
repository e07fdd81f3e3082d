import type { Certificate, Presented, Session, Visibility } from '../../shared/contract/analysis.ts';
import { type DetailContext, hanging, INDENT, labelled, shown } from './detail-text.ts';
import { counted } from './overview.ts';

/** Names of a certificate that are listed one by one; a certificate may hold thousands. */
const LISTED_NAMES = 24;

/** Where there was no certificate on the wire, rather than one that cannot be shown. */
const SENT_NONE: ReadonlySet<Visibility> = new Set(['resumed', 'anonymous', 'not-requested', 'empty', 'none']);

/** What both sides of a session presented, or why there is nothing to see. */
export function presentedLines({ id, certificates }: Session, context: DetailContext): string[] {
  const { server, client } = certificates;
  // Without TLS both sides have the same reason.
  if (server.visibility === 'none' && client.visibility === 'none' && server.explanation === client.explanation) {
    return labelled('Certificates', `none. ${shown(server.explanation)}`, context);
  }
  return [...sideLines('Server sent', server, id, context), ...sideLines('Client sent', client, id, context)];
}

function sideLines(label: string, presented: Presented, id: string, context: DetailContext): string[] {
  const { visibility, explanation, chain } = presented;
  if (chain.length === 0) {
    const none = SENT_NONE.has(visibility) ? 'no certificate' : 'no certificate to see';
    return labelled(label, `${none} (${visibility.replaceAll('-', ' ')}). ${shown(explanation)}`, context);
  }
  const loss = visibility === 'visible' ? '' : `. ${shown(explanation)}`;
  return [
    ...labelled(label, `${counted(chain.length, 'certificate')} (frame ${chain[0].frame})${loss}`, context),
    ...chain.flatMap(({ sha256 }, index) => certificateLines(sha256, `${index + 1} `, id, context)),
  ];
}

/** A certificate in full in the first session that shows it, and afterwards by name and fingerprint. */
function certificateLines(sha256: string, number: string, id: string, context: DetailContext): string[] {
  const { analysis, style, shownIn } = context;
  const certificate = analysis.certificates[sha256];
  if (!certificate) return [];
  const inner = INDENT + ' '.repeat(number.length);
  const title = (text: string, paint: (line: string) => string) =>
    hanging(INDENT + number, inner, text, context, paint);
  const fact = (label: string, text: string) =>
    hanging(inner + style.dim(label.padEnd(8)), `${inner}        `, text, context);
  // In one line, however narrow the terminal: it is there to be copied.
  const hash = (text: string) => `${inner}${style.dim('sha256  ')}${text}`;
  if ('unreadable' in certificate) {
    const { byteLength, unreadable } = certificate;
    return [
      ...title(`unreadable (${counted(byteLength, 'byte')}): ${shown(unreadable.message)}`, style.bad),
      hash(sha256),
    ];
  }
  const { subject, issuer, notBefore, notAfter } = certificate;
  const lines = title(shown(subject) || '(no subject)', style.bold);
  const before = shownIn.get(sha256);
  if (before !== undefined) return [...lines, hash(`${sha256} (see ${before})`)];
  shownIn.set(sha256, id);
  const names = namesOf(certificate);
  if (names !== '') lines.push(...fact('names', names));
  lines.push(...fact('issuer', subject === issuer ? 'itself' : shown(issuer)));
  lines.push(...fact('valid', `${notBefore} to ${notAfter}`));
  lines.push(...fact('key', keyOf(certificate)));
  lines.push(hash(sha256));
  return lines;
}

function keyOf({ publicKey, signatureAlgorithm, isCertificateAuthority }: Certificate): string {
  const size = publicKey.curve ?? (publicKey.bits === null ? '' : `${publicKey.bits} bits`);
  const key = [publicKey.algorithm, size].filter(Boolean).join(' ');
  return `${key}, signed with ${signatureAlgorithm}${isCertificateAuthority ? ', a certificate authority' : ''}`;
}

function namesOf({ dnsNames, ipAddresses, otherNames }: Certificate): string {
  const all = [...dnsNames, ...ipAddresses, ...otherNames.map(({ type, value }) => `${type}:${value}`)];
  const more = all.length > LISTED_NAMES ? ` and ${all.length - LISTED_NAMES} more` : '';
  return all.slice(0, LISTED_NAMES).map(shown).join(', ') + more;
}
