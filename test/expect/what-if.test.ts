import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { catalogueEntry } from '../../shared/expect/catalogue.ts';
import type { Connector, Partner } from '../../shared/expect/expectations.ts';
import { judgePartner } from '../../shared/expect/judge-partner.ts';
import { quoted } from '../../shared/expect/what-if/powershell.ts';
import { type TrustView, whatIf } from '../../shared/expect/what-if.ts';

const TRUSTED: TrustView = { name: 'test', anchor: () => ({ subject: 'CN=Root', problem: null }) };
const WITHOUT: TrustView = { name: 'test', anchor: () => null };
const EXPIRED: TrustView = {
  name: 'test',
  anchor: () => ({ subject: 'CN=Root', problem: 'The root CN=Root expired on 2025-05-12.' }),
};

function entry(id: string, change: Partial<CatalogueEntry> = {}): CatalogueEntry {
  const found = catalogueEntry(id);
  if (!found) throw new Error(`no ${id}`);
  return { ...found, ...change };
}

function ask(partners: readonly Partner[], more: Partial<Parameters<typeof whatIf>[0]> = {}) {
  return whatIf({
    expectations: { version: 1, partners: [...partners] },
    entry: entry('eop-2014'),
    only: null,
    direction: 'both',
    trust: TRUSTED,
    partnerTrust: new Map(),
    asOf: '2014-09-03T00:00:00Z',
    judge: judgePartner,
    ...more,
  });
}

const partner = (connector: Connector, more: Partial<Partner> = {}): Partner => ({
  name: 'Fabrikam',
  domains: ['fabrikam.com'],
  ...more,
  connector,
});

function one(connector: Connector, more: Partial<Parameters<typeof whatIf>[0]> = {}, of: Partial<Partner> = {}) {
  const [answer] = ask([partner(connector, of)], more).partners;
  return { ...answer, outcomes: `${answer.before.outcome} → ${answer.after.outcome}` };
}

const changed = ({ changes }: ReturnType<typeof one>) =>
  Object.fromEntries(changes.map(({ setting, from, to }) => [setting, [from, to]]));

describe('inbound: partners who send to the moved domain judge the server', () => {
  it('exchange-online-outbound with the old name breaks; the command sets the new one', () => {
    const answer = one({
      kind: 'exchange-online-outbound',
      identity: 'To Fabrikam',
      tlsSettings: 'DomainValidation',
      tlsDomain: 'mail.fabrikam.com',
    });
    expect(answer).toMatchObject({ direction: 'inbound', outcomes: 'deliver → defer', effect: 'breaks' });
    expect(changed(answer)).toEqual({ TlsDomain: ['mail.fabrikam.com', 'mail.protection.outlook.com'] });
    expect(answer.commands).toEqual([
      "Set-OutboundConnector -Identity 'To Fabrikam' -TlsDomain 'mail.protection.outlook.com'",
    ]);
  });

  it.each([
    [{ tlsSettings: null }, 'deliver → deliver'],
    [{ tlsSettings: 'EncryptionOnly' }, 'deliver → deliver'],
    [{ tlsSettings: 'CertificateValidation' }, 'deliver → deliver'],
    [{ tlsSettings: 'DomainValidation', tlsDomain: '*.mail.protection.outlook.com' }, 'deliver → deliver'],
  ] as const)('exchange-online-outbound with %o: %s', (settings, outcomes) => {
    const answer = one({ kind: 'exchange-online-outbound', ...settings });
    expect(answer).toMatchObject({ outcomes, effect: 'none', changes: [], commands: [] });
  });

  it("exchange-server-send without TlsDomain compared the recipient's domain", () => {
    const answer = one({
      kind: 'exchange-server-send',
      identity: 'S',
      requireTLS: true,
      tlsAuthLevel: 'DomainValidation',
    });
    expect(answer).toMatchObject({ outcomes: 'deliver → defer', effect: 'breaks' });
    expect(changed(answer)).toEqual({ TlsDomain: [null, 'mail.protection.outlook.com'] });
  });

  it('a smart host does not follow the MX record', () => {
    const answer = one({ kind: 'exchange-server-send', identity: 'S', smartHosts: ['10.99.0.10'] });
    expect(answer.effect).toBe('none');
    expect(changed(answer)).toEqual({ SmartHosts: ['10.99.0.10', 'fabrikam-com.mail.protection.outlook.com'] });
    expect(answer.notice).toContain('should follow the move');
  });

  it('a contradiction of the settings shows before and after', () => {
    const answer = one({ kind: 'exchange-server-send', tlsAuthLevel: 'DomainValidation' });
    expect(answer).toMatchObject({ outcomes: 'unknown → unknown', effect: 'uncertain' });
  });

  it('Domain Security gives way to TlsAuthLevel', () => {
    const answer = one({ kind: 'exchange-server-send', identity: 'S', domainSecureEnabled: true });
    expect(answer.outcomes).toBe('deliver → defer');
    expect(answer.commands[0]).toContain('-DomainSecureEnabled $false');
    expect(answer.commands[0]).toContain("-TlsDomain 'mail.protection.outlook.com'");
  });

  it('pinned names, set, root, certificate and key', () => {
    const hash = `sha256:${'ab'.repeat(32)}`;
    const answer = one({
      kind: 'pinned',
      commonName: 'mail.fabrikam.com',
      names: { exactly: ['mail.fabrikam.com'] },
      root: hash,
      fingerprints: [hash],
      publicKeys: [hash],
    });
    expect(answer).toMatchObject({ outcomes: 'deliver → defer', commands: [] });
    expect(changed(answer)).toEqual({
      commonName: ['mail.fabrikam.com', 'mail.protection.outlook.com'],
      'names.exactly': ['mail.fabrikam.com', entry('eop-2014').names?.join(', ')],
      root: [hash, `sha256:${entry('eop-2014').root?.sha256}`],
      fingerprints: [hash, null],
      publicKeys: [hash, null],
    });
  });

  it("a pinned certificate alone is the present host's: it breaks, as onFailure says", () => {
    const answer = one({ kind: 'pinned', fingerprints: [`sha256:${'ab'.repeat(32)}`], onFailure: 'reject' });
    expect(answer).toMatchObject({ outcomes: 'deliver → reject', effect: 'breaks' });
  });

  it('opportunistic goes on', () => {
    expect(one({ kind: 'opportunistic' })).toMatchObject({ outcomes: 'deliver → deliver', changes: [] });
  });
});

describe('outbound: partners who receive from the moved domain judge the client', () => {
  it('exchange-online-inbound by certificate', () => {
    const answer = one({
      kind: 'exchange-online-inbound',
      identity: 'From Fabrikam',
      requireTls: true,
      restrictDomainsToCertificate: true,
      tlsSenderCertificateName: 'mail.fabrikam.com',
    });
    expect(answer).toMatchObject({ direction: 'outbound', outcomes: 'deliver → reject', effect: 'breaks' });
    expect(answer.commands).toEqual([
      "Set-InboundConnector -Identity 'From Fabrikam' -TlsSenderCertificateName 'mail.protection.outlook.com'",
    ]);
    expect(answer.changes[0].reason).toContain('does not prove whose mail it is');
  });

  it('exchange-online-inbound by address, whose list has the present host', () => {
    const connector: Connector = {
      kind: 'exchange-online-inbound',
      identity: 'I',
      requireTls: true,
      restrictDomainsToIPAddresses: true,
      senderIPAddresses: ['10.99.0.0/24'],
    };
    const answer = one(connector);
    expect(answer).toMatchObject({ outcomes: 'deliver → reject', effect: 'breaks', commands: [] });
    expect(changed(answer)).toEqual({ SenderIPAddresses: ['10.99.0.0/24', null] });
    const listed = one(connector, { entry: entry('eop-2014', { addresses: ['192.0.2.0/24', '2001:db8::/32'] }) });
    expect(listed.commands).toEqual([
      "Set-InboundConnector -Identity 'I' -SenderIPAddresses @{Add='192.0.2.0/24','2001:db8::/32'}",
    ]);
    const covered = one(
      { ...connector, senderIPAddresses: ['192.0.2.0/24'] },
      { entry: entry('eop-2014', { addresses: ['192.0.2.128/25'] }) },
    );
    expect(covered).toMatchObject({ outcomes: 'deliver → deliver', changes: [] });
  });

  it('exchange-server-receive by TlsDomainCapabilities', () => {
    const answer = one({
      kind: 'exchange-server-receive',
      identity: 'R',
      tlsDomainCapabilities: [{ domain: 'mail.fabrikam.com', capabilities: ['AcceptOorgProtocol'] }],
      remoteIPRanges: ['0.0.0.0-255.255.255.255'],
    });
    expect(answer).toMatchObject({ outcomes: 'deliver → reject', effect: 'breaks' });
    expect(answer.commands).toEqual([
      "Set-ReceiveConnector -Identity 'R' -TlsDomainCapabilities @{Add='mail.protection.outlook.com:AcceptOorgProtocol'}",
    ]);
  });

  it('a pinned client', () => {
    expect(one({ kind: 'pinned', side: 'client', commonName: 'mail.fabrikam.com' })).toMatchObject({
      direction: 'outbound',
      effect: 'breaks',
    });
  });
});

describe('the root', () => {
  const connector: Connector = { kind: 'exchange-online-outbound', tlsSettings: 'CertificateValidation' };

  it('that the policy lacks has to be added', () => {
    const answer = one(connector, { trust: WITHOUT });
    expect(answer.effect).toBe('breaks');
    expect(answer.changes[0]).toMatchObject({
      setting: 'trusted roots',
      from: 'test',
      to: expect.stringContaining('16af57a9'),
    });
  });

  it('that has expired cannot be mended', () => {
    const answer = one(connector, { trust: EXPIRED });
    expect(answer.effect).toBe('breaks');
    expect(answer.changes[0]).toMatchObject({ to: null, reason: expect.stringContaining('expired on 2025-05-12') });
  });

  it('is judged by the policy of the partner, where it has one', () => {
    const partnerTrust = new Map([['own', WITHOUT]]);
    expect(one(connector, { partnerTrust }, { trust: 'own' }).effect).toBe('breaks');
    expect(one(connector, { partnerTrust }).effect).toBe('none');
  });
});

describe('what nobody documents', () => {
  it('mx.microsoft: a name of the own host is certainly not in it, one of the provider perhaps', () => {
    const moved = { entry: entry('mx.microsoft') };
    const connector = (tlsDomain: string): Connector => ({
      kind: 'exchange-online-outbound',
      tlsSettings: 'DomainValidation',
      tlsDomain,
    });
    const own = one(connector('mail.fabrikam.com'), moved);
    expect(own).toMatchObject({ effect: 'breaks', commands: [], changes: [{ setting: 'TlsDomain', to: null }] });
    expect(own.after.summary).toContain('not one for mail.fabrikam.com');
    for (const name of ['mail.protection.outlook.com', 'fabrikam-com.a-v1.mx.microsoft']) {
      expect(one(connector(name), moved), name).toMatchObject({ outcomes: 'deliver → unknown', effect: 'uncertain' });
    }
    for (const tlsSettings of ['EncryptionOnly', 'CertificateValidation'] as const) {
      expect(one({ kind: 'exchange-online-outbound', tlsSettings }, moved).effect).toBe('none');
    }
  });

  it('a set with the name of an era whose set is not known', () => {
    const names = { exactly: ['mail.protection.outlook.com', '*.mail.protection.outlook.com'] };
    const answer = one({ kind: 'pinned', names }, { entry: entry('eop-2021') });
    expect(answer).toMatchObject({ outcomes: 'deliver → unknown', effect: 'uncertain' });
    expect(
      one({ kind: 'pinned', names: { exactly: ['mail.fabrikam.com'] } }, { entry: entry('eop-2021') }).effect,
    ).toBe('breaks');
  });
});

describe('which expectations', () => {
  const partners = [
    partner(
      { kind: 'exchange-online-outbound', tlsSettings: 'DomainValidation', tlsDomain: 'mail.fabrikam.com' },
      { domains: ['fabrikam.com'] },
    ),
    partner(
      { kind: 'exchange-online-outbound', tlsSettings: 'DomainValidation', tlsDomain: 'mail.northwind.example' },
      { name: 'Northwind', domains: ['northwind.example'] },
    ),
    partner(
      { kind: 'exchange-online-inbound', requireTls: true, senderDomains: ['fabrikam.com'] },
      { name: 'From', domains: ['*.fabrikam.com'] },
    ),
    { name: 'By host', servers: ['mx.fabrikam.com'], connector: { kind: 'opportunistic' } } satisfies Partner,
    {
      name: 'By pin',
      servers: ['10.0.0.1'],
      connector: { kind: 'pinned', commonName: 'mail.fabrikam.com' },
    } satisfies Partner,
    {
      name: 'Neither',
      servers: ['notfabrikam.com', '10.0.0.2'],
      connector: { kind: 'opportunistic' },
    } satisfies Partner,
  ];
  const names = (more: object) => ask(partners, more).partners.map((answer) => answer.partner);

  it('all, those of a domain, those of a direction', () => {
    expect(names({})).toHaveLength(6);
    expect(names({ only: 'fabrikam.com' })).toEqual(['Fabrikam', 'From', 'By host', 'By pin']);
    expect(names({ only: 'fabrikam.com', direction: 'outbound' })).toEqual(['From']);
    expect(names({ direction: 'inbound' })).not.toContain('From');
    expect(names({ only: 'contoso.com' })).toEqual([]);
  });

  it('a disabled connector breaks nothing', () => {
    const answer = one({
      kind: 'exchange-online-outbound',
      enabled: false,
      tlsSettings: 'DomainValidation',
      tlsDomain: 'mail.fabrikam.com',
    });
    expect(answer).toMatchObject({ effect: 'none', changes: [], commands: [] });
  });
});

describe('PowerShell and the notice', () => {
  it.each([
    ['To Fabrikam', "'To Fabrikam'"],
    ["a'; Remove-Item C:\\ -Recurse; '", "'a''; Remove-Item C:\\ -Recurse; '''"],
    ['$(Get-Date) `n "x"', '\'$(Get-Date) `n "x"\''],
    // PowerShell takes these for the straight quote.
    ['a’b‘c‚d‛e', "'a’’b‘‘c‚‚d‛‛e'"],
    ['a\nb', "('a' + [string][char]::ConvertFromUtf32(0xa) + 'b')"],
  ])('quotes %j', (text, literal) => expect(quoted(text)).toBe(literal));

  it('a literal has its quotes in pairs, and nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const literal = quoted(text);
        expect(literal).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        const outside = literal.replace(/'(?:[^'‘’‚‛]|''|‘‘|’’|‚‚|‛‛)*'/g, '');
        expect(outside).toMatch(/^(?:|\((?: \+ |\[string\]\[char\]::ConvertFromUtf32\(0x[0-9a-f]+\))*\))$/);
      }),
    );
  });

  it('the notice says what changes, which names and which root, and what to set; at most 76 columns of prose', () => {
    const { notice } = one({
      kind: 'exchange-online-outbound',
      identity: 'To Fabrikam',
      tlsSettings: 'DomainValidation',
      tlsDomain: 'mail.fabrikam.com',
    });
    for (const part of [
      'fabrikam-com.mail.protection.outlook.com',
      ...(entry('eop-2014').names ?? []),
      'Baltimore CyberTrust Root',
      '16af57a9f676',
      'Set-OutboundConnector',
      '[DATE]',
      '[NAME]',
    ]) {
      expect(notice).toContain(part);
    }
    for (const line of notice.split('\n').filter((text) => !/SHA-256|Set-|^Subject|^To:/.test(text)))
      expect(line.length).toBeLessThanOrEqual(76);
  });

  it('hostile names cannot add lines to the notice', () => {
    const { notice } = one(
      {
        kind: 'exchange-online-outbound',
        identity: 'x\nBcc: y',
        tlsSettings: 'DomainValidation',
        tlsDomain: 'a.example',
      },
      {},
      { name: 'Fabrikam\nBcc: z@example\u001b[2J' },
    );
    expect(notice).not.toMatch(/^Bcc/m);
    expect(notice).not.toContain('\u001b');
  });
});
