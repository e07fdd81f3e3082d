import { describe, expect, it } from 'vitest';
import { matchTlsDomain } from '../../shared/expect/tls-domain.ts';
import { identity } from '../support/observations.ts';

const names = (dnsNames: readonly string[], commonNames: readonly string[] = []) => identity({ dnsNames, commonNames });

describe('TlsDomain', () => {
  it.each<[string, readonly string[], boolean]>([
    ['mail.contoso.com', ['mail.contoso.com'], true],
    ['MAIL.contoso.com.', ['mail.Contoso.com'], true],
    ['mail.contoso.com', ['*.contoso.com'], true],
    ['a.mail.contoso.com', ['*.contoso.com'], false],
    ['contoso.com', ['*.contoso.com'], false],
    ['*.contoso.com', ['mail.contoso.com'], true],
    ['*.contoso.com', ['mail.contoso.com.evil.example'], false],
    ['*.contoso.com', ['evilcontoso.com'], false],
  ])('%s and %s: %s, as documented', (setting, presented, matches) => {
    expect(matchTlsDomain(setting, names(presented), undefined)).toMatchObject({ matches, assumed: [] });
  });

  it.each([
    ['contoso.com', 'wildcardMatchesApex', false],
    ['a.b.contoso.com', 'wildcardMatchesDeeperLabels', true],
    ['*.contoso.com', 'wildcardMatchesWildcard', true],
  ] as const)(
    '*.contoso.com and %s hangs on %s, which is %s unless the file says otherwise',
    (presented, choice, byDefault) => {
      for (const value of [undefined, true, false]) {
        const match = matchTlsDomain(
          '*.contoso.com',
          names([presented]),
          value === undefined ? undefined : { [choice]: value },
        );
        expect(match.matches).toBe(value ?? byDefault);
        expect(match.assumed.join()).toContain(`assumptions.${choice}`);
      }
    },
  );

  it('the common name beside other names counts by assumption only', () => {
    const certificate = names(['other.example'], ['mail.contoso.com']);
    expect(matchTlsDomain('mail.contoso.com', certificate, undefined).matches).toBe(true);
    expect(matchTlsDomain('mail.contoso.com', certificate, { commonName: 'without-names' }).matches).toBe(false);
    expect(
      matchTlsDomain('mail.contoso.com', names([], ['mail.contoso.com']), { commonName: 'without-names' }).matches,
    ).toBe(true);
    const never = matchTlsDomain('mail.contoso.com', certificate, { commonName: 'never' });
    expect(never.matches).toBe(false);
    expect(never.assumed.join()).toContain('assumptions.commonName');
  });
});
