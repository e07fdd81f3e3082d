import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerDocument } from '../../shared/x509/der.ts';
import {
  commonNames,
  type DistinguishedName,
  escapeAttributeValue,
  rdnSequenceText,
  readName,
} from '../../shared/x509/names.ts';
import {
  attribute,
  element,
  hex,
  ia5,
  integer,
  latin1,
  name,
  nothing,
  octetString,
  printable,
  sequence,
  set,
  utf8,
} from '../support/der.ts';

const CN = '2.5.4.3';
const OU = '2.5.4.11';
const DC = '0.9.2342.19200300.100.1.25';
const UID = '0.9.2342.19200300.100.1.1';

function read(der: Uint8Array): { readonly name: DistinguishedName; readonly notes: readonly string[] } {
  const document = new DerDocument(der);
  const result = readName(document.reader(), 'subject');
  expect(document.failure).toBeNull();
  return { name: result, notes: document.encodingProblems.items.map((problem) => problem.code) };
}

const text = (...attributes: readonly Uint8Array[]): string => read(name(...attributes)).name.text;

describe('RFC 4514 section 4, its own examples', () => {
  const net = [attribute(DC, ia5('net')), attribute(DC, ia5('example'))];

  it('UID=jsmith,DC=example,DC=net', () => {
    expect(text(...net, attribute(UID, 'jsmith'))).toBe('UID=jsmith,DC=example,DC=net');
  });

  it('a multi-valued RDN', () => {
    const rdn = set(attribute(OU, 'Sales'), attribute(CN, 'J.  Smith'));
    const der = sequence(...net.map((item) => set(item)), rdn);
    expect(read(der).name.text).toBe('OU=Sales+CN=J.  Smith,DC=example,DC=net');
  });

  it('quotes and a comma', () => {
    const value = attribute(CN, 'James "Jim" Smith, III');
    expect(text(...net, value)).toBe('CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net');
  });

  it('a carriage return', () => {
    expect(text(...net, attribute(CN, 'Before\rAfter'))).toBe('CN=Before\\0DAfter,DC=example,DC=net');
  });

  it('a type without a name', () => {
    const value = attribute('1.3.6.1.4.1.1466.0', octetString(latin1('Hi')));
    expect(text(...net, value)).toBe('1.3.6.1.4.1.1466.0=#04024869,DC=example,DC=net');
  });

  it('letters past ASCII, which may stay as they are', () => {
    expect(text(attribute(CN, 'Lučić'))).toBe('CN=Lučić');
  });
});

describe('escaping (RFC 4514 section 2.4)', () => {
  it.each([
    ['', ''],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    [' a ', '\\ a\\ '],
    ['a b', 'a b'],
    ['#a#', '\\#a#'],
    ['a\\ ', 'a\\\\\\ '],
    ['a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h=i'],
    ['a\0b\x7f', 'a\\00b\\7F'],
    ['\x9b2J', '\\C2\\9B2J'],
  ])('%j becomes %s', (value, escaped) => {
    expect(escapeAttributeValue(value)).toBe(escaped);
  });

  it('can be undone: no two values look alike', () => {
    const undo = (escaped: string): string => {
      const octets = escaped.replace(/\\([0-9A-F]{2})|\\(.)/gu, (_, pair: string | undefined, special: string) =>
        pair === undefined ? special : String.fromCharCode(Number.parseInt(pair, 16)),
      );
      return octets.replace(/\xc2([\x80-\x9f])/g, '$1');
    };
    const character = fc.constantFrom(
      ' ',
      '#',
      ',',
      '+',
      '"',
      '\\',
      '<',
      '>',
      ';',
      '=',
      '\0',
      '\x1f',
      '\x85',
      'a',
      'é',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        const value = characters.join('');
        expect(undo(escapeAttributeValue(value))).toBe(value);
      }),
    );
  });
});

describe('string types (RFC 5280 section 4.1.2.4)', () => {
  it.each([
    ['UTF8String', utf8('Zürich 😀'), 'Zürich 😀', []],
    ['PrintableString', printable("A-z 0 '()+,-./:=?"), "A-z 0 '()+,-./:=?", []],
    ['PrintableString', printable('a@b_c&*'), 'a@b_c&*', ['string-character']],
    ['IA5String', ia5('a@b'), 'a@b', []],
    ['IA5String', ia5('\xfc'), 'ü', ['string-character']],
    ['VisibleString', element(0x1a, latin1('v ~')), 'v ~', []],
    ['NumericString', element(0x12, latin1('01 2')), '01 2', []],
    ['NumericString', element(0x12, latin1('1a')), '1a', ['string-character']],
    ['TeletexString', element(0x14, latin1('Zürich')), 'Zürich', []],
    ['BMPString', element(0x1e, hex('005a00fc')), 'Zü', []],
    ['BMPString', element(0x1e, hex('d83dde00')), '😀', []],
    ['BMPString', element(0x1e, hex('0061d83d')), 'a\ufffd', ['string-character']],
    ['BMPString', element(0x1e, hex('de000061')), '\ufffda', ['string-character']],
    ['UniversalString', element(0x1c, hex('0000005a0001f600')), 'Z😀', []],
    ['UniversalString', element(0x1c, hex('00110000')), '\ufffd', ['string-character']],
    ['UTF8String', element(0x0c, hex('c080')), 'À\x80', ['string-character', 'control-character']],
    ['UTF8String', utf8('a\0b'), 'a\0b', ['control-character']],
  ])('%s %#', (type, value, expected, notes) => {
    const result = read(name(attribute(CN, value)));
    expect(result.name.rdns[0][0]).toMatchObject({ stringType: type, text: expected, value });
    expect(result.notes).toEqual(notes);
  });

  it('shows half a BMPString character, and what is no string, as hex', () => {
    const half = read(name(attribute(CN, element(0x1e, hex('005a00')))));
    expect([half.name.text, half.notes]).toEqual(['CN=#1e03005a00', ['string-length']]);
    expect(text(attribute(CN, integer(5)))).toBe('CN=#020105');
    expect(text(attribute(CN, nothing()))).toBe('CN=#0500');
  });
});

it('names attribute types as RFC 4514 and OpenSSL do', () => {
  const types = ['2.5.4.7', '2.5.4.8', '2.5.4.10', '2.5.4.6', '2.5.4.9', '1.2.840.113549.1.9.1', '2.5.4.5', '2.5.4.97'];
  expect(text(...types.map((type) => attribute(type, 'x')))).toBe(
    'organizationIdentifier=x,serialNumber=x,emailAddress=x,STREET=x,C=x,O=x,ST=x,L=x',
  );
});

it('finds all common names in order of appearance', () => {
  const der = sequence(
    set(attribute(CN, 'first')),
    set(attribute(OU, 'unit'), attribute(CN, 'second, in a set')),
    set(attribute(CN, nothing())),
  );
  expect(commonNames(read(der).name)).toEqual(['first', 'second, in a set', '#0500']);
});

it('reads the names of a CertificateRequest by themselves', () => {
  expect(rdnSequenceText(name(attribute('2.5.4.6', 'DE'), attribute(CN, 'CA')))).toBe('CN=CA,C=DE');
  expect(rdnSequenceText(sequence())).toBe('');
  expect(rdnSequenceText(hex('3003'))).toBe('#3003');
  expect(rdnSequenceText(hex('300000'))).toBe('#300000');
});
