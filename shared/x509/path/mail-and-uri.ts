/** The parts of mail addresses and URIs that certificates are compared by. */
import { comparableName, isComparableName } from './domain-name.ts';
import { toAsciiName } from './internationalized-name.ts';

/** id-on-SmtpUTF8Mailbox (RFC 9598). */
export const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9';

/** RFC 5321 section 4.1.2, with what RFC 6531 adds to it. */
const LOCAL_PART =
  /^(?:[^\s"(),:;<>@[\\\].\x00-\x20\x7f]+(?:\.[^\s"(),:;<>@[\\\].\x00-\x20\x7f]+)*|"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*")$/;

/** A mailbox; the local part as it stands (RFC 5280 section 7.5: compared exactly), the host comparable. Null: none. */
export function parseMailbox(text: string): { readonly local: string; readonly host: string } | null {
  const at = text.lastIndexOf('@');
  if (at <= 0 || text.length > 512) return null;
  const local = text.slice(0, at);
  const host = toAsciiName(text.slice(at + 1));
  if (!LOCAL_PART.test(local) || host === null || !isComparableName(host)) return null;
  return { local, host };
}

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/;

/** The host of a URI (RFC 3986 section 3.2) where it is a domain name, comparable; else null. */
export function hostOfUri(text: string): string | null {
  const authority = URI.exec(text)?.[1];
  if (authority === undefined) return null;
  const host = comparableName(authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, ''));
  return isComparableName(host) && !/^[\d.]+$/.test(host) ? host : null;
}
