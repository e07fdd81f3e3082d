import { describe, expect, it } from 'vitest';
import type { Visibility } from '../../shared/contract/analysis.ts';
import type { Outcome } from '../../shared/contract/verdict.ts';
import type { Connector, Partner } from '../../shared/expect/expectations.ts';
import { judgePartner } from '../../shared/expect/judge-partner.ts';
import type { Observation } from '../../shared/expect/observation.ts';
import { chain, EOP_NAMES, identity, observation, validPath, withoutTls } from '../support/observations.ts';

function judge(connector: Connector, seen: Observation, more: Partial<Partner> = {}) {
  return judgePartner({ name: 'Fabrikam', servers: ['10.99.0.10'], ...more, connector }, seen);
}

function outcome(connector: Connector, seen: Observation, more: Partial<Partner> = {}): Outcome {
  return judge(connector, seen, more).outcome;
}

const statuses = (connector: Connector, seen: Observation) =>
  Object.fromEntries(judge(connector, seen).checks.map(({ id, status }) => [id, status]));

const server = (change: Parameters<typeof chain>[0]) =>
  observation({ presented: { ...observation().presented, server: chain(change) } });
const client = (change: Parameters<typeof chain>[0]) =>
  observation({ presented: { ...observation().presented, client: chain(change) } });

const FAILED_PATH = validPath({
  outcome: 'invalid',
  root: null,
  reasons: ['No issuer was found.'],
  remedy: 'Send it.',
});
const outbound = (
  tlsSettings: 'EncryptionOnly' | 'CertificateValidation' | 'DomainValidation' | null,
  tlsDomain?: string,
): Connector => ({ kind: 'exchange-online-outbound', tlsSettings, ...(tlsDomain ? { tlsDomain } : {}) });

describe('exchange-online-outbound', () => {
  it.each<[string, Connector, Observation, Outcome]>([
    ['$null without TLS', outbound(null), withoutTls('not-offered'), 'deliver-in-plaintext'],
    [
      '$null with a failed handshake',
      outbound(null),
      observation({ handshake: { outcome: 'failed', frame: 12, alert: null } }),
      'deliver-in-plaintext',
    ],
    ['$null with a wrong certificate', outbound(null), server({ path: FAILED_PATH }), 'deliver'],
    ['EncryptionOnly without TLS', outbound('EncryptionOnly'), withoutTls('not-offered'), 'defer'],
    ['EncryptionOnly, STARTTLS masked', outbound('EncryptionOnly'), withoutTls('masked'), 'defer'],
    ['EncryptionOnly, STARTTLS refused with 454', outbound('EncryptionOnly'), withoutTls('refused', 454), 'defer'],
    ['EncryptionOnly with a path to nowhere', outbound('EncryptionOnly'), server({ path: FAILED_PATH }), 'deliver'],
    [
      'EncryptionOnly, anonymous',
      outbound('EncryptionOnly'),
      server({ visibility: 'anonymous', identity: null, path: null }),
      'deliver',
    ],
    [
      'CertificateValidation with a path to nowhere',
      outbound('CertificateValidation'),
      server({ path: FAILED_PATH }),
      'defer',
    ],
    ['CertificateValidation under another name', outbound('CertificateValidation'), observation(), 'deliver'],
    [
      'CertificateValidation, anonymous',
      outbound('CertificateValidation'),
      server({ visibility: 'anonymous', identity: null, path: null }),
      'defer',
    ],
    [
      'DomainValidation with its name',
      outbound('DomainValidation', 'mail.protection.outlook.com'),
      observation(),
      'deliver',
    ],
    ['DomainValidation with the old pin', outbound('DomainValidation', 'mail.fabrikam.com'), observation(), 'defer'],
    [
      'DomainValidation with the right name and no path',
      outbound('DomainValidation', 'mail.protection.outlook.com'),
      server({ path: FAILED_PATH }),
      'defer',
    ],
    ['a capture that begins later', outbound('EncryptionOnly'), withoutTls('not-seen'), 'unknown'],
    ['no answer to STARTTLS', outbound('EncryptionOnly'), withoutTls('unanswered'), 'unknown'],
    ['a client that is not set up as expected', outbound('EncryptionOnly'), withoutTls('not-requested'), 'unknown'],
    [
      'a handshake that is cut',
      outbound('EncryptionOnly'),
      observation({ handshake: { outcome: 'incomplete', frame: 12, alert: null } }),
      'unknown',
    ],
  ])('%s', (_, connector, seen, expected) => {
    expect(outcome(connector, seen)).toBe(expected);
  });

  it('says what to set: the field note of 2014', () => {
    const seen = server({ identity: identity({ provider: 'Exchange Online Protection' }) });
    const verdict = judge(outbound('DomainValidation', 'mail.fabrikam.com'), seen);
    expect(verdict.serverResponse).toMatch(/^450 4\.7\.320/);
    expect(verdict.summary).toContain('where mail.fabrikam.com is required');
    const name = verdict.checks.find(({ id }) => id === 'certificate-name');
    expect(name).toMatchObject({ status: 'failed', frame: 13 });
    expect(name?.remedy).toBe(
      'Set TlsDomain to mail.protection.outlook.com: Exchange Online Protection cannot present your certificate.',
    );
  });

  it('a rule that does not hold decides, whatever else cannot be told', () => {
    const seen = observation({ handshake: { outcome: 'incomplete', frame: 12, alert: null } });
    expect(outcome(outbound('DomainValidation', 'mail.fabrikam.com'), seen)).toBe('defer');
  });

  it('DomainValidation without TlsDomain is a contradiction, not a verdict', () => {
    const verdict = judge(outbound('DomainValidation'), observation());
    expect(verdict.outcome).toBe('unknown');
    expect(verdict.checks).toMatchObject([{ id: 'configuration', status: 'failed' }]);
  });

  it('unknown revocation delivers, labelled; known revocation does not', () => {
    expect(statuses(outbound('CertificateValidation'), observation())).toMatchObject({ revocation: 'unknown' });
    expect(outcome(outbound('CertificateValidation'), observation())).toBe('deliver');
    expect(outcome(outbound('CertificateValidation'), server({ path: validPath({ revocation: 'revoked' }) }))).toBe(
      'defer',
    );
  });

  it('a path that this platform cannot check leaves the outcome open', () => {
    const path = validPath({ outcome: 'undetermined', reasons: ['Ed448 is not supported.'] });
    expect(outcome(outbound('CertificateValidation'), server({ path }))).toBe('unknown');
  });

  it('a disabled connector says nothing', () => {
    expect(outcome({ kind: 'exchange-online-outbound', enabled: false }, observation())).toBe('unknown');
  });
});

describe('why there is no certificate decides what is known', () => {
  it.each<[Visibility, Outcome]>([
    ['encrypted', 'unknown'],
    ['resumed', 'unknown'],
    ['lost', 'unknown'],
    ['cut', 'unknown'],
    ['anonymous', 'defer'],
    ['malformed', 'defer'],
  ])('%s: %s', (visibility, expected) => {
    const seen = server({ visibility, identity: null, path: null, explanation: 'Supply a key log.' });
    const verdict = judge(outbound('CertificateValidation'), seen);
    expect(verdict.outcome).toBe(expected);
    if (expected === 'unknown') expect(verdict.checks.at(-1)?.remedy).toBe('Supply a key log.');
  });
});

describe('exchange-server-send', () => {
  const send = (change: object): Connector => ({ kind: 'exchange-server-send', ...change });
  const required = { requireTLS: true, tlsAuthLevel: 'DomainValidation' } as const;

  it.each<[string, Connector, Observation, Outcome]>([
    ['without RequireTLS', send({}), withoutTls('not-offered'), 'deliver-in-plaintext'],
    ['IgnoreSTARTTLS', send({ ignoreSTARTTLS: true }), observation(), 'deliver-in-plaintext'],
    ['RequireTLS without TLS', send({ requireTLS: true }), withoutTls('not-offered'), 'defer'],
    ['RequireTLS with any certificate', send({ requireTLS: true }), server({ path: FAILED_PATH }), 'deliver'],
    [
      'the name of TlsDomain',
      send({ ...required, tlsDomain: 'mail.protection.outlook.com' }),
      observation(),
      'deliver',
    ],
    ['TlsAuthLevel without RequireTLS', send({ tlsAuthLevel: 'CertificateValidation' }), observation(), 'unknown'],
    ['RequireTLS with IgnoreSTARTTLS', send({ requireTLS: true, ignoreSTARTTLS: true }), observation(), 'unknown'],
    [
      'smart hosts and DomainValidation without TlsDomain',
      send({ ...required, smartHosts: ['mx.example'] }),
      observation(),
      'unknown',
    ],
    [
      'DomainSecureEnabled with smart hosts',
      send({ domainSecureEnabled: true, smartHosts: ['mx.example'] }),
      observation(),
      'unknown',
    ],
  ])('%s', (_, connector, seen, expected) => {
    expect(outcome(connector, seen)).toBe(expected);
  });

  it("without TlsDomain the recipient's domain is compared", () => {
    expect(outcome(send(required), observation(), { domains: ['outlook.com'] })).toBe('deliver');
    expect(outcome(send(required), observation(), { domains: ['fabrikam.com'] })).toBe('defer');
    const envelopes = [{ mailFrom: 'a@contoso.com', rcptTo: ['b@outlook.com'], protection: 'plaintext' as const }];
    expect(outcome(send(required), observation({ envelopes }), { domains: ['fabrikam.com'] })).toBe('deliver');
    expect(outcome(send(required), observation())).toBe('unknown');
  });
});

describe("exchange-online-inbound judges the client's certificate", () => {
  const inbound = (change: object): Connector => ({ kind: 'exchange-online-inbound', requireTls: true, ...change });
  const restricted = inbound({ restrictDomainsToCertificate: true, tlsSenderCertificateName: 'mail.contoso.com' });

  it.each<[string, Connector, Observation, Outcome]>([
    ['TLS', inbound({}), observation(), 'deliver'],
    ['no TLS', inbound({}), withoutTls('not-requested'), 'reject'],
    [
      'no TLS where it is not required',
      inbound({ requireTls: false }),
      withoutTls('not-requested'),
      'deliver-in-plaintext',
    ],
    ['the name of the certificate', restricted, observation(), 'deliver'],
    ['another name', restricted, client({ identity: identity() }), 'reject'],
    [
      'no certificate asked for',
      restricted,
      client({ visibility: 'not-requested', identity: null, path: null }),
      'reject',
    ],
    ['none sent', restricted, client({ visibility: 'empty', identity: null, path: null }), 'reject'],
    ['encrypted', restricted, client({ visibility: 'encrypted', identity: null, path: null }), 'unknown'],
    [
      'from its address',
      inbound({ restrictDomainsToIPAddresses: true, senderIPAddresses: ['10.99.0.0/28'] }),
      observation(),
      'deliver',
    ],
    [
      'from another address',
      inbound({ restrictDomainsToIPAddresses: true, senderIPAddresses: ['10.98.0.0/16'] }),
      observation(),
      'reject',
    ],
    [
      'RestrictDomainsToCertificate without a name',
      inbound({ restrictDomainsToCertificate: true }),
      observation(),
      'unknown',
    ],
  ])('%s', (_, connector, seen, expected) => {
    expect(outcome(connector, seen)).toBe(expected);
  });

  it('a hybrid renewal under another name is refused with 5.7.64', () => {
    const connector = inbound({ connectorType: 'OnPremises', tlsSenderCertificateName: 'mail.contoso.com' });
    const verdict = judge(
      connector,
      client({ identity: identity({ commonNames: ['hybrid.contoso.com'], dnsNames: [] }) }),
    );
    expect(verdict).toMatchObject({ outcome: 'reject', serverResponse: expect.stringContaining('550 5.7.64') });
  });
});

describe('exchange-server-receive', () => {
  const receive = (change: object): Connector => ({ kind: 'exchange-server-receive', ...change });
  const capable = {
    tlsDomainCapabilities: [{ domain: 'mail.protection.outlook.com', capabilities: ['AcceptOorgProtocol'] }],
  };

  it('RequireTLS without TLS is refused with 530 (RFC 3207 section 4)', () => {
    const verdict = judge(receive({ requireTLS: true }), withoutTls('not-requested'));
    expect(verdict).toMatchObject({ outcome: 'reject', serverResponse: expect.stringMatching(/^530 5\.7\.0/) });
  });

  it('AuthMechanism without Tls contradicts RequireTLS', () => {
    expect(outcome(receive({ requireTLS: true, authMechanism: ['Integrated'] }), observation())).toBe('unknown');
  });

  it('what becomes of mail without the capabilities is an assumption that the file switches', () => {
    const seen = client({ identity: identity({ commonNames: ['mail.contoso.com'], dnsNames: ['mail.contoso.com'] }) });
    const refusing = judge(receive(capable), seen);
    expect(refusing.outcome).toBe('reject');
    const delivering = judge(receive({ ...capable, assumptions: { onCapabilityFailure: 'deliver' } }), seen);
    expect(delivering.outcome).toBe('deliver');
    expect(delivering.checks.find(({ id }) => id === 'certificate-name')?.status).toBe('warning');
    expect(delivering.summary).toMatch(/^Delivers/);
  });

  it('a client outside of RemoteIPRanges meets another connector', () => {
    expect(outcome(receive({ remoteIPRanges: ['192.0.2.0-192.0.2.255'] }), observation())).toBe('unknown');
    expect(outcome(receive({ remoteIPRanges: ['0.0.0.0-255.255.255.255'] }), observation())).toBe('deliver');
  });
});

describe('pinned', () => {
  const pinned = (change: object): Connector => ({ kind: 'pinned', ...change });

  it.each<[string, Connector, Observation, Outcome]>([
    ['the common name', pinned({ commonName: 'Mail.Protection.Outlook.com' }), observation(), 'deliver'],
    ['the old common name', pinned({ commonName: 'mail.fabrikam.com' }), observation(), 'defer'],
    [
      'the old common name, where the partner rejects',
      pinned({ commonName: 'mail.fabrikam.com', onFailure: 'reject' }),
      observation(),
      'reject',
    ],
    [
      'a name needs a path',
      pinned({ commonName: 'mail.protection.outlook.com' }),
      server({ path: FAILED_PATH }),
      'defer',
    ],
    [
      'unless told otherwise',
      pinned({ commonName: 'mail.protection.outlook.com', validation: false }),
      server({ path: FAILED_PATH }),
      'deliver',
    ],
    [
      'a fingerprint needs none',
      pinned({ fingerprints: [`sha256:${'AA'.repeat(32)}`] }),
      server({ path: FAILED_PATH }),
      'deliver',
    ],
    ['another fingerprint', pinned({ fingerprints: [`sha256:${'ab'.repeat(32)}`] }), observation(), 'defer'],
    [
      'the key survives a renewal',
      pinned({ publicKeys: [`sha256:${'bb'.repeat(32)}`] }),
      server({ identity: identity({ sha256: 'dd'.repeat(32) }) }),
      'deliver',
    ],
    ['another root', pinned({ root: `sha256:${'ab'.repeat(32)}` }), observation(), 'defer'],
    ['the set, in another order', pinned({ names: { exactly: [...EOP_NAMES].reverse() } }), observation(), 'deliver'],
    ['only part of the set', pinned({ names: { includes: ['outlook.com'] } }), observation(), 'deliver'],
    ['TLS is needed to present a certificate', pinned({ commonName: 'x.example' }), withoutTls('not-offered'), 'defer'],
    [
      'addresses alone let plaintext pass',
      pinned({ addresses: ['10.99.0.10'] }),
      withoutTls('not-offered'),
      'deliver-in-plaintext',
    ],
    ['another address', pinned({ addresses: ['10.98.0.0/16'] }), observation(), 'defer'],
    ["the client's certificate", pinned({ side: 'client', commonName: 'mail.contoso.com' }), observation(), 'deliver'],
  ])('%s', (_, connector, seen, expected) => {
    expect(outcome(connector, seen)).toBe(expected);
  });

  it('a host name is compared with what the peer calls itself', () => {
    const hosts = (name: string) => outcome(pinned({ hosts: [name] }), observation());
    expect(hosts('*.mail.protection.outlook.com')).toBe('deliver');
    expect(hosts('mail.fabrikam.com')).toBe('defer');
    const nameless = observation({ server: { address: '10.99.0.10', names: [] } });
    expect(outcome(pinned({ hosts: ['mail.fabrikam.com'] }), nameless)).toBe('unknown');
  });

  it('names what is missing from a set and what is surplus', () => {
    const verdict = judge(pinned({ names: { exactly: ['outlook.com', 'mail.fabrikam.com'] } }), observation());
    expect(verdict.summary).toContain('missing: mail.fabrikam.com; surplus: *.mail.eo.outlook.com');
  });
});

describe('every connector', () => {
  const connectors: readonly Connector[] = [
    { kind: 'opportunistic' },
    outbound('DomainValidation', 'mail.protection.outlook.com'),
    { kind: 'exchange-server-send', requireTLS: true },
    { kind: 'exchange-online-inbound', requireTls: true },
    { kind: 'exchange-server-receive' },
    { kind: 'pinned', commonName: 'mail.protection.outlook.com' },
  ];

  it.each(connectors)('$kind: a greeting with 554 rejects, one with 421 defers', (connector) => {
    const refused = (code: number) =>
      outcome(connector, { ...withoutTls('not-seen'), refusal: { code, text: 'go away', frame: 4 } });
    expect(refused(554)).toBe('reject');
    expect(refused(421)).toBe('defer');
  });

  it.each(connectors)('$kind: what failed has a remedy and a source', (connector) => {
    const states = ['refused', 'unanswered', 'not-offered', 'masked', 'not-requested', 'not-seen'] as const;
    for (const seen of [
      ...states.map((state) => withoutTls(state)),
      server({ path: FAILED_PATH, identity: identity({ commonNames: ['x.example'], dnsNames: [] }) }),
    ]) {
      for (const check of judge(connector, seen).checks) {
        expect(check.source).not.toBe('');
        if (check.status === 'failed') expect(check.remedy, check.id).not.toBeNull();
      }
    }
  });
});
