/**
 * Types of otherName whose value is a character string: Microsoft's UPN, RFC 9598 (SmtpUTF8Mailbox), RFC 6120
 * (XmppAddr), RFC 4985 (SRVName), RFC 7585 (NAIRealm).
 */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.4.1.311.20.2.3', 'userPrincipalName'],
  ['1.3.6.1.5.5.7.8.5', 'xmppAddr'],
  ['1.3.6.1.5.5.7.8.7', 'srvName'],
  ['1.3.6.1.5.5.7.8.8', 'naiRealm'],
  ['1.3.6.1.5.5.7.8.9', 'smtpUTF8Mailbox'],
]);
