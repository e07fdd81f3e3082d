import type { Presented, Side, SmtpFacts, Visibility } from '../contract/analysis.ts';
import { isAnonymousSuite } from '../tls/registries/cipher-suite-kinds.ts';
import { cipherSuiteName } from '../tls/registries/cipher-suites.ts';
import type { TlsConversation } from './tls-conversation.ts';

/** What the certificates of a session depend on beside its TLS messages. */
export interface PresentedContext {
  readonly tls: TlsConversation | null;
  readonly smtp: Pick<SmtpFacts, 'starttls' | 'greeting' | 'upgrade'> | null;
  /** How the connection ended, as far as was captured. */
  readonly ending: 'reset' | 'closed' | 'open';
  /** Packets of the side's direction were captured. */
  readonly directionSeen: Readonly<Record<Side, boolean>>;
  /** The capture holds the beginning of the connection. */
  readonly fromTheStart: boolean;
  /** Bytes were cut from packets by the snap length. */
  readonly snapped: boolean;
  /** The server went on in plaintext although the client had begun TLS. */
  readonly plaintextAnswer: boolean;
}

/**
 * Which certificates a side presented and, where none can be shown, why not and what to do next. `own` is the capture of
 * the session's first packet.
 */
export function presented(side: Side, context: PresentedContext, own: number): Presented {
  const { tls } = context;
  const chain = (tls?.[side].chain ?? []).map(({ sha256, subject, frame, capture }) =>
    capture === own ? { sha256, subject, frame } : { sha256, subject, frame, capture },
  );
  const visibility = visibilityOf(side, context);
  return { visibility, explanation: explain(side, visibility, context), chain };
}

function visibilityOf(side: Side, context: PresentedContext): Visibility {
  const { tls } = context;
  if (!tls || context.plaintextAnswer) return 'none';
  const sent = tls[side];
  if (sent.cutShort) return 'cut';
  if (sent.chain) {
    if (sent.lostCertificates > 0) return 'lost';
    if (sent.malformed) return 'malformed';
    if (sent.chain.length > 0) return 'visible';
    return side === 'client' ? 'empty' : 'malformed';
  }
  if (sent.malformed) return 'malformed';
  if (sent.lostCertificates > 0) return 'lost';
  if (tls.resumed) return 'resumed';
  if (tls.isTls13) return 'encrypted';
  const suite = tls.serverHello?.cipherSuite ?? null;
  if (suite !== null && isAnonymousSuite(suite)) return side === 'server' ? 'anonymous' : 'not-requested';
  return side === 'server' ? serverWithoutChain(context, tls) : clientWithoutChain(context, tls);
}

function serverWithoutChain(context: PresentedContext, tls: TlsConversation): Visibility {
  if (!context.directionSeen.server || tls.server.missingBytes) return 'lost';
  if (!tls.serverHello && !tls.clientHello) return 'lost';
  // Everything up to the end of the handshake was read, and yet there is nothing: the message was in what is missing.
  if (tls.established) return 'lost';
  return 'cut';
}

function clientWithoutChain(context: PresentedContext, tls: TlsConversation): Visibility {
  if (tls.certificateRequest) {
    if (!context.directionSeen.client || tls.client.missingBytes) return 'lost';
    // SSL 3.0 says "no certificate" with an alert (RFC 6101 section 5.4).
    if (tls.alerts.some(({ from, code }) => from === 'client' && code === 41)) return 'empty';
    return tls.established || tls.client.changedCipherSpec ? 'lost' : 'cut';
  }
  if (tls.withoutClientCertificate) return 'not-requested';
  if (tls.withoutCertificateRequest) return 'not-requested';
  if (!context.directionSeen.client || tls.client.missingBytes || tls.server.missingBytes) return 'lost';
  if (!tls.serverHello && !tls.clientHello) return 'lost';
  return 'cut';
}

function explain(side: Side, visibility: Visibility, context: PresentedContext): string {
  const { tls } = context;
  const who = side === 'server' ? 'The server' : 'The client';
  switch (visibility) {
    case 'visible':
      return `${who} sent ${count(tls?.[side].chain?.length ?? 0)} in plaintext during the handshake.`;
    case 'decrypted':
      return `${who} sent ${count(tls?.[side].chain?.length ?? 0)}, decrypted with the keys given.`;
    case 'encrypted':
      return (
        `TLS 1.3 encrypts certificates: supply a key log of either side (SSLKEYLOGFILE)` +
        (side === 'server'
          ? ', or probe the server.'
          : '; the trace alone does not even tell whether one was asked for.')
      );
    case 'resumed':
      return (
        'The session was resumed, and a resumed session sends no certificates: ' +
        'look at the earlier session of the same two hosts, or capture after one side has restarted.'
      );
    case 'anonymous': {
      const suite = tls?.serverHello?.cipherSuite;
      return (
        `The two sides agreed on ${suite == null ? 'a suite' : cipherSuiteName(suite)}, which needs no certificate: ` +
        'to see one, make the client exclude anonymous suites (Postfix: smtp_tls_exclude_ciphers = aNULL) or probe the server.'
      );
    }
    case 'lost':
      return explainLost(side, context);
    case 'cut':
      return explainCut(side, context);
    case 'malformed': {
      const problem = tls?.[side].malformed;
      return (
        `${who}'s Certificate message cannot be decoded${problem ? ` (${lowerFirst(problem.message.replace(/\.$/, ''))})` : ''}: ` +
        'look at its bytes in Wireshark at the frame named.'
      );
    }
    case 'not-requested':
      return (
        'The server did not ask the client for a certificate: ' +
        'if it should, make it request one (Exchange: a receive connector with TlsDomainCapabilities; Postfix: smtpd_tls_ask_ccert).'
      );
    case 'empty':
      return 'The server asked for a certificate and the client sent none: configure a client certificate on the sending side.';
    case 'none':
      return explainNone(context);
  }
}

function explainLost(side: Side, context: PresentedContext): string {
  const { tls } = context;
  if (context.snapped) {
    return 'The packets were captured with a short snap length and the certificate is in what was cut: capture again with the full packet length (dumpcap -s 0).';
  }
  if (!context.directionSeen[side]) {
    return `Packets from the ${side} were not captured (one direction only): capture where both directions pass, or on the host itself.`;
  }
  if (!context.fromTheStart && !tls?.clientHello && !tls?.serverHello) {
    return 'The capture begins after the handshake: start it before the connection opens, or probe the server.';
  }
  const partly = (tls?.[side].chain?.length ?? 0) > 0 ? ' in part; the certificates shown were captured whole' : '';
  return `Packets with the ${side}'s Certificate message are missing from the capture${partly}: capture again with a larger buffer (dumpcap -B), or probe the server.`;
}

function explainCut(side: Side, context: PresentedContext): string {
  const { tls } = context;
  const alert = tls?.client.fatalAlert ?? tls?.server.fatalAlert;
  if (alert) {
    return `The ${alert.from} ended the handshake with the alert ${alert.description} before the ${side} had sent a certificate: see the alert's frame, ${alert.frame}.`;
  }
  const what = tls?.[side].cutShort ? 'its whole Certificate message' : 'a certificate';
  switch (context.ending) {
    case 'reset':
      return `The connection was reset before the ${side} had sent ${what}: look for a firewall or a crash on the way, then capture again.`;
    case 'closed':
      return `The connection was closed before the ${side} had sent ${what}: see the log of the side that closed it.`;
    case 'open':
      return `The capture ends before the ${side} had sent ${what}: capture until the connection closes.`;
  }
}

function explainNone(context: PresentedContext): string {
  const { smtp } = context;
  if (context.plaintextAnswer && !smtp) {
    return 'The server answered the ClientHello in plaintext, so there was no TLS: check which protocol is spoken on this port.';
  }
  if (context.plaintextAnswer) {
    return 'The server agreed to STARTTLS and then answered the ClientHello in plaintext, so there was no TLS: check what stands between the two hosts.';
  }
  if (!smtp) return 'No TLS was seen on this connection.';
  switch (smtp.starttls) {
    case 'accepted':
      return 'The server agreed to STARTTLS but no TLS followed: see how the connection ended.';
    case 'refused':
      return `The server refused STARTTLS${smtp.upgrade?.replyCode ? ` with ${smtp.upgrade.replyCode}` : ''}: see the server's log for the reason (often a missing or mismatched certificate).`;
    case 'unanswered':
      return 'The client asked for STARTTLS and got no answer: see how the connection ended.';
    case 'not-offered':
      return 'The server did not offer STARTTLS: enable TLS on it, or check whether a middlebox removes the offer.';
    case 'masked':
      return "A middlebox overwrote the server's STARTTLS offer (XXXXXXXA): switch off SMTP inspection on the firewall.";
    case 'not-requested':
      return 'The server offered STARTTLS and the client did not use it: enable TLS on the sending side.';
    case 'not-seen':
      return smtp.greeting && smtp.greeting.code >= 400
        ? `The server turned the client away in its greeting (${smtp.greeting.code}), before STARTTLS.`
        : 'The dialogue did not reach STARTTLS, or that part was not captured: see how the connection ended.';
  }
}

function count(certificates: number): string {
  return certificates === 1 ? 'one certificate' : `${certificates} certificates`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
