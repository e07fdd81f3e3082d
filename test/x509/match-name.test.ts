import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { compareNameSets, matchName, presentedNames, readReferenceName } from '../../shared/x509/path/match-name.ts';
import {
  attribute,
  certificate,
  explicit,
  extension,
  hex,
  implicit,
  latin1,
  name,
  sequence,
  utf8,
} from '../support/der.ts';
import { dns } from '../support/path-certificates.ts';

const CN = '2.5.4.3';

function withNames(names: readonly Uint8Array[] | null, ...commonNames: readonly string[]): X509Certificate {
  const reading = readCertificate(
    certificate({
      subject: name(...commonNames.map((text) => attribute(CN, utf8(text)))),
      extensions: names === null ? null : [extension('2.5.29.17', sequence(...names))],
    }),
  );
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.certificate;
}

const ip = (text: string): Uint8Array => implicit(7, hex(text));

function match(presented: X509Certificate, wanted: string, commonNameFallback = false) {
  const reference = readReferenceName(wanted);
  if (reference === null) throw new Error(`${wanted} is no reference name`);
  return matchName(presented, reference, { commonNameFallback });
}

describe('readReferenceName', () => {
  it.each([
    ['Mail.Example.COM', 'mail.example.com'],
    ['mail.example.com.', 'mail.example.com'],
    [' localhost ', 'localhost'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['a_b.example', 'a_b.example'],
  ])('%s is the DNS name %s', (text, expected) => {
    expect(readReferenceName(text)).toEqual({ kind: 'dns', name: expected });
  });

  it.each([
    ['192.0.2.1', '192.0.2.1', 4],
    ['2001:DB8::1', '2001:db8::1', 16],
    ['[2001:db8:0:0::1]', '2001:db8::1', 16],
  ])('%s is the address %s', (text, address, length) => {
    const reference = readReferenceName(text);
    expect(reference).toMatchObject({ kind: 'ip', address });
    expect(reference?.kind === 'ip' && reference.bytes.length).toBe(length);
  });

  it.each([
    '',
    '.',
    '*.example.com',
    'a..b',
    '192.0.2.256',
    '1.2.3',
    'a b',
    '-a.example',
    '[mail.example]',
    'a/b',
    `${'a'.repeat(64)}.example`,
  ])('%o is none', (text) => expect(readReferenceName(text)).toBeNull());

  it('agrees with Node on internationalized names', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcäöüßéñøçαβγжщ日本語한국'), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(letters, (label) => {
        const ours = readReferenceName(`${label}.example`);
        // IDNA2008 keeps ß; so does Node.
        const theirs = domainToASCII(`${label}.example`);
        if (theirs === '') return;
        expect(ours).toEqual({ kind: 'dns', name: theirs });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        readReferenceName(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('matchName (RFC 9525 section 6)', () => {
  it.each([
    ['mail.example.com', 'MAIL.example.com', true],
    ['mail.example.com.', 'mail.example.com', true],
    ['*.example.com', 'mail.example.com', true],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', 'example.com', false],
    ['m*.example.com', 'mail.example.com', false],
    ['*il.example.com', 'mail.example.com', false],
    ['mail.*.com', 'mail.example.com', false],
    ['*.*.com', 'mail.example.com', false],
    ['*', 'localhost', false],
    ['*.com', 'example.com', true],
    ['xn--*-1b3c148a.example.com', 'xn--bliss-1b3c148a.example.com', false],
    ['xn--bcher-kva.example', 'bücher.example', true],
    ['mail.example.com\0.evil.example', 'mail.example.com', false],
    ['192.0.2.1', '192.0.2.1', false],
    ['*.0.2.1', '192.0.2.1', false],
  ])('%o for %s: %s', (presented, wanted, matches) => {
    expect(match(withNames([dns(presented)]), wanted).matches).toBe(matches);
  });

  it('addresses match octet for octet, and tell what matched', () => {
    const addressed = withNames([dns('mail.example'), ip('c0000201'), ip(`20010db8${'00'.repeat(11)}01`)]);
    expect(match(addressed, '192.0.2.1')).toEqual({ matches: true, by: 'iPAddress', presented: '192.0.2.1' });
    expect(match(addressed, '2001:db8:0::1').matches).toBe(true);
    expect(match(addressed, '::ffff:192.0.2.1').matches).toBe(false);
    expect(match(addressed, 'mail.example')).toEqual({ matches: true, by: 'dNSName', presented: 'mail.example' });
  });

  it('the common name counts only where that is allowed, and never beside alternative names', () => {
    const plain = withNames(null, 'mail.example.com');
    expect(match(plain, 'mail.example.com').matches).toBe(false);
    expect(match(plain, 'mail.example.com', true)).toEqual({
      matches: true,
      by: 'commonName',
      presented: 'mail.example.com',
    });
    expect(match(withNames(null, '192.0.2.1'), '192.0.2.1', true).by).toBe('commonName');
    expect(match(withNames(null, '*.example.com'), 'mail.example.com', true).matches).toBe(true);
    expect(match(withNames([dns('other.example')], 'mail.example.com'), 'mail.example.com', true).matches).toBe(false);
    const mailOnly = withNames([implicit(1, latin1('a@example.com'))], 'mail.example.com');
    expect(match(mailOnly, 'mail.example.com', true).matches).toBe(true);
  });

  it('a subjectAltName that cannot be read lets nothing fall back', () => {
    const reading = readCertificate(
      certificate({ subject: name(attribute(CN, 'a.example')), extensions: [extension('2.5.29.17', latin1('x'))] }),
    );
    expect(reading.kind === 'certificate' && match(reading.certificate, 'a.example', true).matches).toBe(false);
  });
});

describe('sets of names', () => {
  it('presentedNames gives each kind in order', () => {
    const many = withNames([dns('B.example'), ip('c0000201'), dns('a.example'), explicit(4, name())], 'one', 'two');
    expect(presentedNames(many)).toEqual({
      dnsNames: ['B.example', 'a.example'],
      ipAddresses: ['192.0.2.1'],
      commonNames: ['one', 'two'],
    });
  });

  it.each([
    [['A.example', 'b.example'], ['B.EXAMPLE', 'a.example'], [], []],
    [['a.example'], ['a.example', 'b.example', 'b.example'], ['b.example'], []],
    [['a.example', 'c.example', 'C.example'], ['a.example'], [], ['c.example']],
    [['xn--bcher-kva.example'], ['bücher.example'], [], []],
    [['2001:db8::1'], ['2001:DB8:0::1'], [], []],
    [['*.example.com'], ['mail.example.com'], ['mail.example.com'], ['*.example.com']],
    [[], [], [], []],
  ])('%o presented, %o expected', (presented, expected, missing, surplus) => {
    const equal = missing.length === 0 && surplus.length === 0;
    expect(compareNameSets(presented, expected)).toEqual({ equal, missing, surplus });
  });
});
