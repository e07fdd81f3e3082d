import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPECTATIONS, type Expectations } from '../../shared/expect/expectations.ts';
import { importConnectors } from '../../shared/expect/import/import-connectors.ts';
import { readYamlDocument } from '../../shared/expect/yaml-document.ts';
import { EVERY_KIND, OUTBOUND, RECEIVE_DOUBLE_SPACED, SEND } from './pastes.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function imported(text: string | Uint8Array) {
  const result = importConnectors(typeof text === 'string' ? bytesOf(text) : text);
  if (result.kind !== 'imported') throw new Error(JSON.stringify(result.problems));
  // What is written is what was meant.
  const reading = readYamlDocument<Expectations>(result.yaml, EXPECTATIONS);
  expect(reading).toMatchObject({ kind: 'value', value: result.expectations });
  return result;
}

function connectors(text: string | Uint8Array) {
  return imported(text).expectations.partners.map(({ connector }) => connector);
}

function problems(text: string) {
  const result = importConnectors(bytesOf(text));
  if (result.kind !== 'problems') throw new Error('imported');
  return result.problems;
}

const utf16 = (text: string, littleEndian: boolean, mark: boolean) => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return new Uint8Array(littleEndian ? bytes : bytes.swap16());
};

describe('the list output of the four cmdlets', () => {
  it('Get-OutboundConnector, with a comment of two lines, the second of which looks like a property', () => {
    expect(imported(OUTBOUND)).toMatchObject({ ignored: 13, warnings: [] });
    expect(connectors(OUTBOUND)).toEqual([
      {
        kind: 'exchange-online-outbound',
        identity: 'Some Works Connector',
        enabled: true,
        connectorType: 'OnPremises',
        tlsSettings: 'CertificateValidation',
        recipientDomains: ['evotec.example'],
        smartHosts: ['poczta.evotec.example'],
      },
    ]);
  });

  it('Get-ReceiveConnector, doubled in its lines by a forum', () => {
    const [connector, ...more] = connectors(RECEIVE_DOUBLE_SPACED);
    expect(more).toEqual([]);
    expect(connector).toMatchObject({
      kind: 'exchange-server-receive',
      identity: 'Default Frontend LON-EX01',
      authMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'],
      remoteIPRanges: ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '0.0.0.0-255.255.255.255'],
      requireTLS: false,
    });
  });

  it('Get-SendConnector, with values that the console wrapped', () => {
    expect(connectors(SEND)[0]).toMatchObject({
      kind: 'exchange-server-send',
      tlsCertificateName: '<I>CN=Partner Issuing CA, O=Partner Authority, C=US<S>CN=mail.contoso.com, O=Contoso, C=US',
      addressSpaces: [
        'fabrikam.com',
        '*.fabrikam.example',
        'another-very-long-domain-name.example',
        'northwind.example',
      ],
      tlsDomain: 'mail.fabrikam.com',
    });
  });

  it('several kinds in one paste, with their prompts', () => {
    expect(connectors(EVERY_KIND).map(({ kind }) => kind)).toEqual([
      'exchange-online-outbound',
      'exchange-online-outbound',
      'exchange-online-inbound',
      'exchange-server-send',
      'exchange-server-receive',
    ]);
    expect(connectors(EVERY_KIND)[1]).toMatchObject({ enabled: false, identity: 'Old' });
  });

  it('several kinds without prompts', () => {
    const text = EVERY_KIND.replace(/^.*PS.*>.*$/gm, '');
    expect(connectors(text)).toEqual(connectors(EVERY_KIND));
  });

  it.each([
    ['UTF-16 with a mark, as Windows PowerShell redirects', utf16(EVERY_KIND, true, true)],
    ['UTF-16 big-endian', utf16(EVERY_KIND, false, true)],
    ['UTF-16 without a mark', utf16(EVERY_KIND, true, false)],
    ['UTF-8 with a mark', bytesOf(`\ufeff${EVERY_KIND}`)],
    ['CRLF', bytesOf(EVERY_KIND.replaceAll('\n', '\r\n'))],
    ['quoted by a mail program', bytesOf(EVERY_KIND.replace(/^(?=[A-Z]\w+ +:)/gm, '> '))],
    ['indented', bytesOf(EVERY_KIND.replace(/^/gm, '    '))],
  ])('%s', (_, bytes) => {
    expect(connectors(bytes)).toEqual(connectors(EVERY_KIND));
  });

  it('a list that lost its alignment', () => {
    const text = OUTBOUND.replace(/ +: /g, ' : ').replace(/^ {2,}/gm, '');
    expect(connectors(text)).toEqual(connectors(OUTBOUND));
  });

  it.each(['Wahr', 'Vrai', 'Verdadero', '$true', 'TRUE'])('%s is true', (word) => {
    expect(connectors(`Name : a\nRequireTls : ${word}\nSenderDomains : {a.example}`)[0]).toMatchObject({
      requireTls: true,
    });
  });
});

describe('JSON', () => {
  const one = {
    Name: 'a',
    TlsSettings: 'DomainValidation',
    TlsDomain: 'mail.a.example',
    RecipientDomains: ['a.example'],
    Enabled: true,
  };

  it('one object, an array, behind a prompt, and several behind theirs', () => {
    const json = JSON.stringify(one, null, 4);
    const [expected] = connectors(json);
    expect(expected).toMatchObject({ kind: 'exchange-online-outbound', tlsDomain: 'mail.a.example', enabled: true });
    expect(connectors(`[${json}, ${json}]`)).toEqual([expected, expected]);
    expect(connectors(`PS C:\\> Get-OutboundConnector | ConvertTo-Json\n${json}\nPS C:\\>`)).toEqual([expected]);
    expect(connectors(`[PS] C:\\>Get-X | ConvertTo-Json\n${json}\n\n[PS] C:\\>Get-X\n[${json}]\n`)).toEqual([
      expected,
      expected,
    ]);
  });

  it('objects that carry their text in a field', () => {
    const json = {
      Name: 'a',
      TlsAuthLevel: { value: 3, Value: 'DomainValidation' },
      RequireTLS: true,
      AddressSpaces: ['SMTP:a.example;1'],
      TlsDomain: { Domain: 'a.example' },
    };
    expect(connectors(JSON.stringify(json))[0]).toMatchObject({
      tlsAuthLevel: 'DomainValidation',
      tlsDomain: 'a.example',
    });
  });

  it('numbers in place of words are refused with the option that mends it', () => {
    const [{ message }] = problems(JSON.stringify({ ...one, TlsSettings: 4 }));
    expect(message).toContain('-EnumsAsStrings');
  });

  it('broken JSON is refused with its line', () => {
    expect(problems('[\n{ "Name": "a",\n  "TlsSettings" "x" }\n]')[0]).toMatchObject({ line: 3 });
    expect(problems('[{ "Name": "a"')[0].message).toContain('ends too early');
  });
});

describe('what cannot be read is refused with its line and the next step', () => {
  it('tables', () => {
    const table = 'Name        TlsSettings\n----        -----------\nTo Fabrikam DomainValidation\n';
    expect(problems(`PS C:\\> Get-OutboundConnector\n\n${table}`)).toMatchObject([
      { line: 4, message: expect.stringContaining('Format-List') },
    ]);
  });

  it.each(['...', '…'])('a value that PowerShell cut off with %s', (dots) => {
    const text = `Name             : a\nTlsSettings      : EncryptionOnly\nRecipientDomains : {a.example, b.example, c.example, d.example${dots}}\n`;
    expect(problems(text)).toMatchObject([{ line: 3, message: expect.stringContaining('$FormatEnumerationLimit') }]);
  });

  it('a cut value that does not matter is no problem', () => {
    expect(
      connectors('Name : a\nTlsSettings : EncryptionOnly\nComment : {x, y...}\nRecipientDomains : {a.example}'),
    ).toHaveLength(1);
  });

  it('all mistakes at once', () => {
    const text = 'Name : a\nTlsSettings : Sometimes\nRecipientDomains : {a.example}\nEnabled : perhaps\n';
    expect(problems(text).map(({ line }) => line)).toEqual([2, 4]);
  });

  it('text that is none', () => {
    expect(problems('')[0].message).toContain('empty');
    expect(problems('hello')[0].message).toContain('no connector');
    expect(problems('Name : a\nGuid : 1')[0].message).toContain('what kind');
    expect(problems('Name : a\nRemoteIPRanges : {everywhere}')[0]).toMatchObject({ line: 2 });
    expect(problems('Name : a\nTlsSettings : DomainValidation\nTlsDomain : a.*.example')[0].message).toContain(
      'tlsDomain',
    );
  });
});

describe('contradictions are warnings, also in the file', () => {
  const warnings = (text: string) =>
    imported(text)
      .warnings.map(({ message }) => message)
      .join(' ');

  it.each([
    [
      'Name : a\nAddressSpaces : {SMTP:a.example;1}\nTlsAuthLevel : DomainValidation\nRequireTLS : False',
      'needs RequireTLS',
    ],
    [
      'Name : a\nAddressSpaces : {SMTP:a.example;1}\nTlsAuthLevel : DomainValidation\nRequireTLS : True\nSmartHosts : {b.example}',
      'no name to compare',
    ],
    ['Name : a\nAddressSpaces : {SMTP:*;1}\nRequireTLS : True\nIgnoreSTARTTLS : True', 'contradicts'],
    ['Name : a\nTlsSettings : DomainValidation\nRecipientDomains : {a.example}', 'TlsDomain is empty'],
    ['Name : a\nSenderDomains : {smtp:a.example;1}', 'documented both ways'],
    [
      'Name : a\nSenderDomains : {a.example}\nRequireTls : False\nRestrictDomainsToCertificate : True',
      'a certificate needs TLS',
    ],
    [
      'Name : a\nRemoteIPRanges : {10.0.0.0(255.255.255.0)}\nAuthMechanism : Integrated\nRequireTLS : True',
      'lacks Tls',
    ],
  ])('%s', (text, part) => {
    expect(warnings(text)).toContain(part);
    expect(imported(text).yaml).toContain('# Warning: ');
  });
});

describe('hostile text', () => {
  it('in names reaches neither the terminal nor the structure of the file', () => {
    const name = 'a\u001b[31m\u202eb: "c" # d \u{e0041}';
    const { yaml, expectations } = imported(
      `Name : ${name}\nTlsSettings : EncryptionOnly\nRecipientDomains : {a.example}`,
    );
    expect(expectations.partners[0].name).toBe(name);
    expect(yaml).not.toMatch(/[\u001b\u202e]|\u{e0041}/u);
  });

  it('in warnings stays in their comment', () => {
    const { yaml } = imported(
      'Name : a\nSenderDomains : {a.example}\nRequireTls : True\nTlsSenderCertificateName : <I>x\u2028partners: []<S>CN=y.example',
    );
    expect(readYamlDocument(yaml, EXPECTATIONS).kind).toBe('value');
    expect(yaml).not.toContain('\u2028');
  });

  const line = fc.oneof(
    fc.constantFrom(
      'Name : a',
      'TlsSettings : EncryptionOnly',
      'RecipientDomains : {a.example,',
      '   b.example}',
      '',
      'PS C:\\> Get-SendConnector',
      '---- ----',
      '{',
      '[{"Name":1}]',
      'RemoteIPRanges : {10.0.0.1-10.0.0.9, ::1}',
      'Enabled : True',
      'AddressSpaces : {SMTP:*;1}',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .tuple(
        fc.constantFrom('Name', 'TlsDomain', 'SmartHosts', 'Identity', 'AuthMechanism'),
        fc.string({ unit: 'binary', maxLength: 40 }),
      )
      .map(([name, value]) => `${name} : ${value}`),
  );

  it('never throws, and what it writes the schema accepts', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const result = importConnectors(bytesOf(lines.join('\n')));
        if (result.kind === 'problems') expect(result.problems.length).toBeGreaterThan(0);
        else
          expect(readYamlDocument(result.yaml, EXPECTATIONS)).toMatchObject({
            kind: 'value',
            value: result.expectations,
          });
      }),
      { numRuns: 1500 },
    );
  });

  it('never throws on mutated real output, in any encoding', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(EVERY_KIND.length), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = bytesOf(EVERY_KIND);
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        expect(['imported', 'problems']).toContain(importConnectors(bytes).kind);
      }),
      { numRuns: 300 },
    );
  });

  it('of millions of characters is read in linear time, or refused', () => {
    const bomb = [
      'Name : a',
      'TlsSettings : EncryptionOnly',
      `RecipientDomains : {${'a.example, '.repeat(150_000)}b}`,
    ].join('\n');
    expect(importConnectors(bytesOf(bomb)).kind).toBe('problems');
    expect(importConnectors(bytesOf(`Name : a\n${'  x\n'.repeat(500_000)}TlsSettings : EncryptionOnly`)).kind).toBe(
      'problems',
    );
    expect(importConnectors(bytesOf(`[${'['.repeat(1_000_000)}`)).kind).toBe('problems');
    expect(importConnectors(bytesOf('Name : a\nTlsSettings :\n'.repeat(2000))).kind).toBe('problems');
    expect(importConnectors(new Uint8Array(9 * 1024 * 1024).fill(65)).kind).toBe('problems');
    expect(importConnectors(bytesOf(`${'-- '.repeat(200_000)}x`)).kind).toBe('problems');
    expect(importConnectors(bytesOf(`${'a '.repeat(200_000)}!\n---`)).kind).toBe('problems');
  });
});
