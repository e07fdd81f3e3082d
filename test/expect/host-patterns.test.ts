import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6, parseAddress } from '../../shared/bytes/address.ts';
import { isInDomain, matchAnyHost, readHostPattern } from '../../shared/expect/host-patterns.ts';

const at = (address: string, ...names: string[]) => ({ address, names });

describe('host patterns', () => {
  it.each([
    ['10.99.0.10', '10.99.0.10', true],
    ['10.99.0.0/24', '10.99.0.10', true],
    ['10.99.0.0/24', '10.99.1.10', false],
    ['10.99.0.77/25', '10.99.0.3', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['10.0.0.1-10.0.0.9', '10.0.0.9', true],
    ['10.0.0.1-10.0.0.9', '10.0.0.10', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::1', true],
  ])('%s and %s: %s', (pattern, address, matches) => {
    expect(matchAnyHost([pattern], at(address)) !== null).toBe(matches);
  });

  it('names match without regard to case, wildcards only below', () => {
    const host = at('10.0.0.1', 'CO1.Mail.Protection.Outlook.com');
    expect(matchAnyHost(['*.mail.protection.outlook.com'], host)?.by).toBe('CO1.Mail.Protection.Outlook.com');
    expect(matchAnyHost(['mail.protection.outlook.com'], host)).toBeNull();
    expect(matchAnyHost(['*.protection.outlook.com'], at('10.0.0.1', 'protection.outlook.com'))).toBeNull();
  });

  it.each([
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1/33',
    '10.0.0.9-10.0.0.1',
    '::1/129',
    'mail.*.com',
    'a b',
    '',
    '*',
    '01.2.3.4',
  ])('"%s" is no pattern', (text) => {
    expect(readHostPattern(text)).toBeNull();
  });

  it('a domain is no suffix of letters', () => {
    expect(isInDomain('mail.fabrikam.com', 'fabrikam.com')).toBe(true);
    expect(isInDomain('notfabrikam.com', 'fabrikam.com')).toBe(false);
  });
});

describe('addresses', () => {
  it('read back as they were written (RFC 5952)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseAddress(formatIpv6(bytes, 0))).toEqual(bytes);
        expect(parseAddress(formatIpv4(bytes, 0))).toEqual(bytes.slice(0, 4));
      }),
    );
  });

  it.each(['1::2::3', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::1.2.3', '1.2.3.4::', 'fe80::1%eth0', '12345::'])(
    '%s is no address',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );
});
