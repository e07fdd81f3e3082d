/** A captured or probed session as a connector sees it. */
import type { Presented, Session, SmtpFacts, TlsFacts } from '../contract/analysis.ts';
import type { Observation, ObservedChain, ObservedHandshake, ObservedHost } from './observation.ts';

/** What only certificates tell is given; everything else is in the session. */
export function observeSession(
  session: Session,
  chains: {
    readonly server: Omit<ObservedChain, keyof Presented>;
    readonly client: Omit<ObservedChain, keyof Presented>;
  },
): Observation {
  const { smtp, tls, certificates } = session;
  return {
    client: host(session.client.address, [smtp?.clientName ?? null]),
    server: host(session.server.address, [greetingName(smtp), tls?.serverName ?? null]),
    implicitTls: session.service !== 'smtp',
    starttls: {
      state: smtp?.starttls ?? 'not-seen',
      frame: smtp?.upgrade?.frame ?? null,
      replyCode: smtp?.upgrade?.replyCode ?? null,
    },
    handshake: tls === null ? null : handshake(tls, session),
    presented: {
      server: { ...chains.server, ...certificates.server },
      client: { ...chains.client, ...certificates.client },
    },
    envelopes: smtp?.envelopes ?? [],
    refusal: refusal(session),
  };
}

function host(address: string, names: readonly (string | null)[]): ObservedHost {
  return { address, names: [...new Set(names.filter((name) => name !== null))] };
}

/** The name that a greeting begins with (RFC 5321 section 4.2). */
export function greetingName(smtp: SmtpFacts | null): string | null {
  const word = smtp?.greeting?.text.split(/\s/, 1)[0] ?? '';
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(word) ? word : null;
}

function handshake(tls: TlsFacts, { timeline }: Session): ObservedHandshake {
  const alert = tls.alerts.findLast(({ level }) => level === 'fatal') ?? null;
  const frame = timeline.findLast(({ kind }) => kind === 'tls-handshake')?.frame ?? null;
  return {
    outcome: tls.outcome,
    frame,
    alert: alert === null ? null : { from: alert.from, description: alert.description, frame: alert.frame },
  };
}

function refusal({ smtp, timeline }: Session): Observation['refusal'] {
  const greeting = smtp?.greeting ?? null;
  if (greeting === null || greeting.code < 400) return null;
  return { ...greeting, frame: timeline.find(({ kind }) => kind === 'smtp-reply')?.frame ?? null };
}
