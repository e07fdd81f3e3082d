import type { Certificate, Session, Side, UnreadableCertificate } from '../../shared/contract/analysis.ts';
import type { SessionRow } from '../../shared/contract/operations.ts';
import { greetingName } from '../../shared/expect/observe-session.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';

/** One line of the table of sessions. `certificates` are those of the run. */
export function sessionRow(
  session: Session,
  certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>,
): SessionRow {
  const { id, startedAt, client, server, service, smtp, tls } = session;
  const [leaf] = session.certificates.server.chain;
  const facts = leaf ? certificates[leaf.sha256] : undefined;
  return {
    id,
    startedAt,
    client: endpoint(client),
    server: endpoint(server),
    name: greetingName(smtp) ?? tls?.serverName ?? null,
    service,
    starttls: smtp?.starttls ?? 'not-requested',
    tls: tls?.version ?? null,
    tlsOutcome: tls?.outcome ?? null,
    certificate: certificateName(session, 'server'),
    visibility: session.certificates.server.visibility,
    clientCertificate: certificateName(session, 'client'),
    notAfter: facts && 'notAfter' in facts ? facts.notAfter : null,
  };
}

function endpoint({ address, port }: Session['client']): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function certificateName({ certificates }: Session, side: Side): string | null {
  const [leaf] = certificates[side].chain;
  return leaf ? shortName(leaf.subject) : null;
}
