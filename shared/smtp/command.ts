import { LIMITS } from '../bytes/limits.ts';
import { decodeLenient } from '../bytes/text.ts';

/**
 * A client's line, reduced to what may be kept. Arguments are kept for the few commands whose arguments are facts of
 * the dialogue (names, paths, sizes); everything else may hold credentials or content and is dropped here.
 */
export type SmtpCommand =
  | { readonly kind: 'hello'; readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string }
  | { readonly kind: 'upgrade'; readonly verb: 'STARTTLS' | 'X-ANONYMOUSTLS' }
  | { readonly kind: 'auth'; readonly verb: 'AUTH' | 'X-EXPS'; readonly mechanism: string }
  | { readonly kind: 'mail'; readonly verb: 'MAIL'; readonly path: string }
  | { readonly kind: 'rcpt'; readonly verb: 'RCPT'; readonly path: string }
  | { readonly kind: 'data'; readonly verb: 'DATA' }
  /** `size` bytes follow the line at once. */
  | { readonly kind: 'bdat'; readonly verb: 'BDAT'; readonly size: number; readonly last: boolean }
  /** `size` bytes follow when the server says 354 ([MS-XEXCH50]). */
  | { readonly kind: 'xexch50'; readonly verb: 'XEXCH50'; readonly size: number }
  | { readonly kind: 'other'; readonly verb: OtherVerb }
  | { readonly kind: 'unrecognized'; readonly masked: boolean; readonly byteLength: number };

type OtherVerb = (typeof OTHER_VERBS)[number];

/** RFC 5321, 1985, 2645, 1870 … and what Exchange and Postfix add. Their arguments are not kept. */
const OTHER_VERBS = [
  'RSET',
  'NOOP',
  'QUIT',
  'VRFY',
  'EXPN',
  'HELP',
  'ETRN',
  'ATRN',
  'TURN',
  'SEND',
  'SOML',
  'SAML',
  'XCLIENT',
  'XFORWARD',
  'XVERP',
  'XSHADOW',
  'XSHADOWREQUEST',
  'XQDISCARD',
  'XPROXY',
  'XPROXYFROM',
  'XPROXYTO',
  'XSESSIONPARAMS',
  'XMESSAGEVALUE',
  'XRDST',
  'X-DEST',
  'X-LINK2STATE',
] as const;

const OTHER: ReadonlySet<string> = new Set(OTHER_VERBS);

/**
 * The mechanisms that are met (IANA's SASL registry, and Exchange's own). Only these names are kept: a client that
 * leaves the mechanism out puts its credentials in that place.
 */
const MECHANISMS: ReadonlySet<string> = new Set([
  'ANONYMOUS',
  'CRAM-MD5',
  'DIGEST-MD5',
  'EXCHANGEAUTH',
  'EXTERNAL',
  'GS2-KRB5',
  'GSS-SPNEGO',
  'GSSAPI',
  'KERBEROS_V4',
  'LOGIN',
  'NTLM',
  'OAUTHBEARER',
  'OTP',
  'PLAIN',
  'SCRAM-SHA-1',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-512-PLUS',
  'XOAUTH',
  'XOAUTH2',
]);

/** A middlebox overwrites a command it does not like with the letter X, all of it or all but the last letter. */
const MASKED = /^X{4,}[A-Z]?$/;

/**
 * Reads one line without its line end. Verbs are case-insensitive (RFC 5321 section 2.4). Paths without angle brackets
 * are taken where the line is sure to be a command (`lenient`); elsewhere "Mail from: Bob" is content.
 */
export function parseCommand(bytes: Uint8Array, start: number, end: number, lenient = true): SmtpCommand {
  const kept = Math.min(end, start + LIMITS.smtpTextCharacters);
  const line = decodeLenient(bytes, start, kept).trimEnd();
  const space = line.search(/[\s:]/);
  const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
  const rest = space < 0 ? '' : line.slice(space).trim();
  switch (verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return { kind: 'hello', verb, name: rest };
    case 'STARTTLS':
    case 'X-ANONYMOUSTLS':
      if (rest === '') return { kind: 'upgrade', verb };
      break;
    case 'AUTH':
    case 'X-EXPS': {
      const mechanism = rest.split(/\s/, 1)[0].toUpperCase();
      return { kind: 'auth', verb, mechanism: MECHANISMS.has(mechanism) ? mechanism : '' };
    }
    case 'MAIL':
    case 'RCPT': {
      const match = /^(?:FROM|TO)\s*:\s*(?:<([^>]*)>|(\S*))/i.exec(rest);
      if (!match) break;
      const path = match[1] ?? (lenient ? match[2] : null) ?? null;
      if (path === null) break;
      return verb === 'MAIL' ? { kind: 'mail', verb, path } : { kind: 'rcpt', verb, path };
    }
    case 'DATA':
      if (rest === '') return { kind: 'data', verb };
      break;
    case 'BDAT': {
      const match = /^(\d{1,15})(\s+LAST)?$/i.exec(rest);
      if (match) return { kind: 'bdat', verb, size: Number(match[1]), last: match[2] !== undefined };
      break;
    }
    case 'XEXCH50': {
      const match = /^(\d{1,15})(\s+\d+)?$/.exec(rest);
      if (match) return { kind: 'xexch50', verb, size: Number(match[1]) };
      break;
    }
    default:
      if (OTHER.has(verb)) return { kind: 'other', verb: verb as OtherVerb };
  }
  return { kind: 'unrecognized', masked: MASKED.test(line), byteLength: end - start };
}

/** The command as a timeline shows it. */
export function describeCommand(command: SmtpCommand): string {
  switch (command.kind) {
    case 'hello':
      return command.name === '' ? command.verb : `${command.verb} ${command.name}`;
    case 'upgrade':
    case 'data':
      return command.verb;
    case 'auth':
      return `${[command.verb, command.mechanism].filter(Boolean).join(' ')} (credentials not kept)`;
    case 'mail':
      return `MAIL FROM:<${command.path}>`;
    case 'rcpt':
      return `RCPT TO:<${command.path}>`;
    case 'bdat':
      return `BDAT ${command.size}${command.last ? ' LAST' : ''}`;
    case 'xexch50':
      return `XEXCH50 ${command.size}`;
    case 'other':
      return command.verb;
    case 'unrecognized':
      return command.masked
        ? `a command masked with X by a middlebox (${command.byteLength} bytes)`
        : `unrecognized line (${command.byteLength} bytes, not kept)`;
  }
}
