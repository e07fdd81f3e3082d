/** Made-up sessions for the window's tests: the same for the same number, of every sort that a capture has. */
import type { JudgedRow, SessionRow } from '../../shared/contract/operations.ts';

const BEGINNING = Date.UTC(2014, 8, 3, 10, 0, 0);
const DAY = 24 * 60 * 60 * 1000;

interface Server {
  readonly address: string;
  readonly name: string;
  readonly certificate: string;
  readonly partner: string | null;
  readonly root: string;
}

const SERVERS: readonly Server[] = [
  {
    address: '10.99.0.10:25',
    name: 'mx1.eop.example',
    certificate: 'mail.protection.outlook.com',
    partner: 'Fabrikam',
    root: 'Baltimore CyberTrust Root',
  },
  {
    address: '10.99.0.9:25',
    name: 'mail.contoso.com',
    certificate: 'mail.contoso.com',
    partner: 'Contoso',
    root: 'DigiCert Global Root CA',
  },
  {
    address: '192.0.2.44:25',
    name: 'mx.northwind.example',
    certificate: 'mx.northwind.example',
    partner: 'Northwind',
    root: 'GlobalSign Root CA',
  },
  {
    address: '[2001:db8::25]:25',
    name: 'relay.adatum.example',
    certificate: 'relay.adatum.example',
    partner: null,
    root: 'GlobalSign Root CA',
  },
  {
    address: '198.51.100.7:587',
    name: 'submit.tailspin.example',
    certificate: '*.tailspin.example',
    partner: null,
    root: 'DigiCert Global Root CA',
  },
  {
    address: '203.0.113.80:465',
    name: 'smtps.woodgrove.example',
    certificate: 'smtps.woodgrove.example',
    partner: 'Woodgrove',
    root: 'DigiCert Global Root CA',
  },
];

/** `count` sessions, a third of a second apart. */
export function sessionRows(count: number): readonly SessionRow[] {
  return Array.from({ length: count }, (_, at) => sessionRow(at));
}

function sessionRow(at: number): SessionRow {
  const server = serverOf(at);
  const startedAt = new Date(BEGINNING + at * 333).toISOString();
  const row: SessionRow = {
    id: `s${at + 1}`,
    startedAt,
    client: `10.${at % 7}.${at % 200}.${(at * 13) % 250}:${30_000 + (at % 20_000)}`,
    server: server.address,
    name: server.name,
    service: server.address.endsWith(':465') ? 'smtps' : 'smtp',
    starttls: 'accepted',
    tls: at % 3 === 0 ? 'TLS 1.3' : 'TLS 1.2',
    tlsOutcome: 'established',
    certificate: server.certificate,
    visibility: 'visible',
    clientCertificate: at % 5 === 0 ? 'mail.contoso.com' : null,
    notAfter: new Date(BEGINNING + (at % 12 === 7 ? 10 : 400) * DAY).toISOString(),
  };
  switch (at % 12) {
    case 2:
      return { ...row, starttls: 'not-offered', ...PLAINTEXT };
    case 5:
      return { ...row, tls: 'TLS 1.3', certificate: null, visibility: 'encrypted', notAfter: null };
    case 8:
      return { ...row, tlsOutcome: 'failed' };
    case 10:
      return { ...row, starttls: 'masked', ...PLAINTEXT };
    default:
      return row;
  }
}

const PLAINTEXT = { tls: null, tlsOutcome: null, certificate: null, visibility: 'none', notAfter: null } as const;

export function judgedRow(row: SessionRow, at: number): JudgedRow {
  const { partner, root } = serverOf(at);
  const outcome = outcomeOf(row, partner);
  if (row.certificate === null) return { path: null, root: null, outcome, partner };
  return at % 12 === 9 ? { path: 'invalid', root: null, outcome, partner } : { path: 'valid', root, outcome, partner };
}

function outcomeOf(row: SessionRow, partner: string | null): JudgedRow['outcome'] {
  if (partner === null) return null;
  if (row.tlsOutcome === 'failed') return 'defer';
  if (partner === 'Fabrikam') return row.tls === null ? 'reject' : 'defer';
  if (row.tls === null) return 'deliver-in-plaintext';
  return row.certificate === null ? 'unknown' : 'deliver';
}

function serverOf(at: number): Server {
  return SERVERS[at % 11 === 0 ? 5 : at % 13 === 0 ? 4 : (at * 7 + Math.floor(at / 12)) % 4];
}
