/** A made-up session in full, as its row promises. */
import type { Certificate, Session, TimelineEvent, TimelineKind } from '../../shared/contract/analysis.ts';
import type { CertificateDetail, SessionRow } from '../../shared/contract/operations.ts';
import type { JudgedSession } from '../../shared/contract/verdict.ts';

export function fakeSession(row: SessionRow): Session {
  const [server] = fakeCertificate(row);
  const began = Date.parse(row.startedAt ?? '2014-09-03T10:00:00Z');
  const event = (
    after: number,
    frame: number,
    from: 'client' | 'server',
    kind: TimelineKind,
    summary: string,
  ): TimelineEvent => ({
    at: new Date(began + after).toISOString(),
    frame,
    from,
    kind,
    summary,
  });
  const plain = [
    event(0, 1, 'client', 'tcp-open', 'TCP connection'),
    event(12, 4, 'server', 'smtp-reply', `220 ${row.name ?? 'mail'} ESMTP`),
    event(14, 5, 'client', 'smtp-command', 'EHLO mail.contoso.com'),
    event(26, 6, 'server', 'smtp-reply', '250 SIZE, STARTTLS, 8BITMIME'),
  ];
  const encrypted = [
    event(28, 7, 'client', 'smtp-command', 'STARTTLS'),
    event(40, 8, 'server', 'smtp-reply', '220 2.0.0 Ready to start TLS'),
    event(43, 9, 'client', 'tls-handshake', 'ClientHello'),
    event(55, 10, 'server', 'tls-handshake', `ServerHello ${row.tls ?? ''}`),
    event(55, 10, 'server', 'tls-certificate', `Certificate ${row.certificate ?? ''}`),
    event(1900, 14, 'client', 'tls-data', 'Application data'),
  ];
  return {
    id: row.id,
    capture: 0,
    client: endpoint(row.client),
    server: endpoint(row.server),
    startedAt: row.startedAt,
    endedAt: new Date(began + 2000).toISOString(),
    firstFrame: 1,
    lastFrame: 16,
    displayFilter: 'tcp.port == 25',
    service: row.service,
    smtp: {
      greeting: { code: 220, text: `${row.name ?? 'mail'} ESMTP` },
      clientName: 'mail.contoso.com',
      extensions: ['SIZE', 'STARTTLS'],
      starttls: 'accepted',
      upgrade: row.tls === null ? null : { command: 'STARTTLS', replyCode: 220, frame: 8 },
      envelopes: [],
    },
    tls:
      row.tls === null
        ? null
        : {
            version: row.tls,
            cipherSuite: { code: '0xc030', name: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' },
            serverName: row.name,
            applicationProtocol: null,
            keyExchangeGroup: 'secp256r1',
            resumed: false,
            certificateRequest: null,
            stapledOcsp: false,
            outcome: row.tlsOutcome ?? 'incomplete',
            alerts: [],
            fingerprints: { ja3: null, ja3s: null, ja4: null },
          },
    certificates: {
      server: {
        visibility: row.visibility,
        explanation:
          row.certificate === null ? 'No certificate is visible here: probe the server.' : 'The server sent it.',
        chain: server === undefined ? [] : [{ sha256: server.sha256, subject: server.subject, frame: 10 }],
      },
      client: { visibility: 'not-requested', explanation: 'The server asked for none.', chain: [] },
    },
    timeline: row.tls === null ? plain : [...plain, ...encrypted],
    problems: [],
  };
}

/** None or one. */
export function fakeCertificate(row: SessionRow): readonly Certificate[] {
  if (row.certificate === null) return [];
  const sha256 = [...row.certificate]
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .padEnd(64, '0')
    .slice(0, 64);
  return [
    {
      sha256,
      sha1: sha256.slice(0, 40),
      subject: `CN=${row.certificate}`,
      issuer: 'CN=Made-up Authority',
      serialNumber: '01',
      notBefore: '2014-01-01T00:00:00Z',
      notAfter: row.notAfter ?? '2015-10-08T00:00:00Z',
      commonNames: [row.certificate],
      dnsNames: [row.certificate],
      ipAddresses: [],
      otherNames: [],
      publicKey: { algorithm: 'RSA', bits: 2048, curve: null },
      signatureAlgorithm: 'sha256WithRSAEncryption',
      isCertificateAuthority: false,
      extensions: [],
    },
  ];
}

export function fakeCertificateDetail(sha256: string): CertificateDetail {
  return {
    sha256,
    groups: [{ title: 'Subject', fields: [{ label: 'Common name', value: 'made up' }] }],
    pem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  };
}

export function fakeJudgedSession(row: SessionRow): JudgedSession {
  return {
    paths: [],
    recognized: [],
    verdicts: [
      {
        partner: 'Fabrikam',
        connector: 'exchange-outbound',
        matchedBy: `the server's address ${row.server}`,
        moment: 'capture',
        asOf: row.startedAt,
        outcome: 'defer',
        summary: 'The mail stays in the queue: the certificate does not name mail.fabrikam.com.',
        serverResponse: null,
        checks: [
          {
            id: 'certificate-name',
            status: 'failed',
            rule: 'The certificate names mail.fabrikam.com.',
            source: 'made up',
            frame: 10,
            evidence: `It names ${row.certificate ?? 'nothing'}.`,
            remedy: 'Expect mail.protection.outlook.com.',
          },
        ],
      },
    ],
    verdict: null,
  };
}

function endpoint(text: string): Session['client'] {
  const colon = text.lastIndexOf(':');
  return { address: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) };
}
