import type { Certificate } from '../../shared/contract/analysis.ts';
import type {
  Verification,
  VerificationFinding,
  VerifiedCertificate,
  VerifiedName,
} from '../../shared/contract/verification.ts';
import type { CommandContext } from './command.ts';
import { hanging, INDENT, labelled, plain, shown } from './detail-text.ts';
import { counted } from './overview.ts';
import type { Style } from './style.ts';

type TextContext = Pick<CommandContext, 'style' | 'width'>;

const PROFILES: Readonly<Record<Verification['profile'], string>> = {
  path: 'RFC 5280 section 6 (profile path)',
  rfc5280: 'RFC 5280 with its certificate profile (profile rfc5280)',
  webpki: 'RFC 5280 and the CA/Browser Forum (profile webpki)',
};

/** A verification for a person: the answer, the path, what was sent, and each finding with its rule. */
export function* verificationText(verification: Verification, context: TextContext): Generator<string> {
  const { style } = context;
  const { file, outcome, at, profile, purpose, trust, name, path, completedPath, findings, differences } = verification;
  const word = { valid: 'valid', invalid: 'not valid', undetermined: 'undetermined' }[outcome];
  const paint = { valid: style.good, invalid: style.bad, undetermined: style.warning }[outcome];
  yield `${style.bold(shown(file))}: ${paint(style.bold(word))}`;
  yield* labelled('Checked', `as of ${at}, as a ${purpose}'s certificate, by ${PROFILES[profile]}`, context);
  yield* labelled('Trust', `${shown(trust.source)}: ${counted(trust.anchors, 'root')}`, context);
  if (name !== null) yield* labelled('Name', nameText(name, verification), context, name.matches ? plain : style.bad);
  yield* pathLines(pathLabel(path), path, verification, context);
  if (completedPath !== null) yield* pathLines('Completed', completedPath, verification, context);
  yield* labelled('Sent', sentText(verification), context);
  yield* labelled('Revocation', revocationText(verification), context, revocationPaint(verification, style));
  if (verification.timestamps.length > 0) yield* labelled('Timestamps', timestampsText(verification), context);
  const told = [...findings, ...differences].filter((finding) => !isSaidAbove(finding));
  if (told.length > 0) yield '';
  for (const severity of ['error', 'warning', 'note'] as const) {
    yield* findingsOf(
      told.filter((one) => one.severity === severity),
      verification,
      context,
    );
  }
}

/** Notes whose content stands behind a label already. */
function isSaidAbove({ code, severity }: VerificationFinding): boolean {
  return severity === 'note' && (code === 'timestamps-not-verified' || code === 'revocation-unknown');
}

/** Findings of one code that are shown one by one: a whole chain may have ended. */
const SHOWN_OF_ONE_CODE = 3;

function* findingsOf(
  findings: readonly VerificationFinding[],
  verification: Verification,
  context: TextContext,
): Generator<string> {
  for (const code of new Set(findings.map((finding) => finding.code))) {
    const same = findings.filter((finding) => finding.code === code);
    for (const finding of same.slice(0, SHOWN_OF_ONE_CODE)) yield* findingLines(finding, verification, context);
    const more = same.length - SHOWN_OF_ONE_CODE;
    if (more > 0) yield `    ${context.style.dim(`and ${more} more like it (${code})`)}`;
  }
}

function nameText({ asked, matches, by, presented }: VerifiedName, { path, certificates }: Verification): string {
  if (matches) return `${asked} matches the ${by} ${shown(presented ?? '')}`;
  const facts = certificates[path[0]?.sha256 ?? ''];
  const names = facts === undefined || 'unreadable' in facts ? [] : [...facts.dnsNames, ...facts.ipAddresses];
  const more = names.length > LISTED_NAMES ? ` and ${names.length - LISTED_NAMES} more` : '';
  const list = names.slice(0, LISTED_NAMES).map(shown).join(', ');
  return `${asked} is not in the certificate, which is for ${list === '' ? 'no host' : list}${more}`;
}

/** Names of a certificate that are listed one by one; a certificate may hold thousands. */
const LISTED_NAMES = 8;

function pathLabel(path: readonly VerifiedCertificate[]): string {
  return path.at(-1)?.role === 'anchor' ? 'Path' : 'Path so far';
}

/** From the target to the anchor, each issuer under what it issued. */
function* pathLines(
  label: string,
  path: readonly VerifiedCertificate[],
  { certificates, sent, trust }: Verification,
  context: TextContext,
): Generator<string> {
  const { style } = context;
  for (const [depth, { sha256, subject, role, source }] of path.entries()) {
    const inner = `${INDENT}${'  '.repeat(depth)}`;
    const first =
      depth === 0 ? `  ${style.dim(label.padEnd(INDENT.length - 2))}` : `${inner.slice(2)}${style.dim('└ ')}`;
    yield* hanging(first, inner, shown(subject) || '(no subject)', context, style.bold);
    const facts = certificates[sha256];
    const described = facts === undefined || 'unreadable' in facts ? [] : describe(facts);
    const position = sent.findIndex((one) => one.sha256 === sha256) + 1;
    const origin = [
      ...(role === 'anchor' ? [trustedBy(source, trust.source)] : []),
      ...(position > 0 ? [`sent as number ${position}`] : role === 'anchor' ? [] : ['not sent']),
    ];
    const isMissing = role !== 'anchor' && position === 0;
    yield* hanging(inner, inner, [...described, ...origin].join(', '), context, isMissing ? style.warning : plain);
  }
}

/** A folder's file is where the root is; what a policy says of its roots is for `trust show`. */
function trustedBy(source: string | null, trust: string): string {
  return `trusted by ${shown(source?.startsWith(trust) === true ? source : trust)}`;
}

function describe({ notBefore, notAfter, publicKey }: Certificate): string[] {
  const size = publicKey.curve ?? (publicKey.bits === null ? '' : `${publicKey.bits} bits`);
  return [
    `valid ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`,
    [publicKey.algorithm, size].filter(Boolean).join(' '),
  ];
}

function sentText({ sent, path }: Verification): string {
  const used = sent.filter(({ sha256 }) => path.some((element) => element.sha256 === sha256)).length;
  const whole = used === sent.length ? (used === 1 ? '' : ', all in the path') : `, ${used} of them in the path`;
  return `${counted(sent.length, 'certificate')}${whole}`;
}

function revocationText({ path, revocation: { status, lists, required } }: Verification): string {
  const given = lists.length === 0 ? 'no CRL was given, and nothing is fetched' : counted(lists.length, 'CRL');
  switch (status) {
    case 'good':
      if (path.length === 1) return 'the certificate is trusted itself: nobody is above it who could revoke it';
      return `good: ${given}, and none lists a certificate of the path`;
    case 'revoked':
      return `revoked: ${given}`;
    case 'unknown':
      if (lists.length > 0) return `unknown: ${given} given, but not every certificate of the path is covered`;
      return `unknown: ${given}${required ? '' : '; give CRLs with --crl'}`;
  }
}

function revocationPaint({ revocation: { status } }: Verification, style: Style): (text: string) => string {
  return status === 'revoked' ? style.bad : status === 'unknown' ? style.warning : plain;
}

/** Certificates carry two to five. */
const LISTED_TIMESTAMPS = 8;

function timestampsText({ timestamps }: Verification): string {
  const times = timestamps
    .slice(0, LISTED_TIMESTAMPS)
    .map(({ logId, at }) => `${at.slice(0, 10)} by log ${logId.slice(0, 8)}…`);
  return `${times.join(', ')} (signatures not checked)`;
}

const MARKS: Readonly<Record<VerificationFinding['severity'], string>> = { error: '✗', warning: '!', note: '·' };

function* findingLines(
  { severity, message, rule, certificate, profile }: VerificationFinding,
  { certificates, profile: asked }: Verification,
  context: TextContext,
): Generator<string> {
  const { style } = context;
  const colour = { error: style.bad, warning: style.warning, note: style.dim }[severity];
  const facts = certificate === null ? undefined : certificates[certificate];
  const subject = facts === undefined || 'unreadable' in facts ? null : facts.subject;
  // Many sentences name their certificate; the others need it said.
  const about = subject === null || subject === '' || message.includes(subject) ? '' : `${shown(subject)}: `;
  const stricter =
    severity === 'warning' && profile !== null && profile !== asked ? `; refused by --profile ${profile}` : '';
  const text = `${about}${shown(message)} (${rule}${stricter})`;
  yield* hanging(`  ${colour(MARKS[severity])} `, '    ', text, context);
}
