import { describe, expect, it } from 'vitest';
import { compareChain, shortName } from '../../renderer/views/certificates/chain-comparison.ts';
import { compareNames, countNames } from '../../renderer/views/certificates/name-set.ts';
import { validityScale } from '../../renderer/views/certificates/validity-scale.ts';
import type { Certificate } from '../../shared/contract/analysis.ts';
import type { JudgedCertificate, JudgedPath, Recognition } from '../../shared/contract/verdict.ts';

const sent = (...names: string[]) => names.map((name) => ({ sha256: name, subject: `CN=${name}`, frame: 13 }));

function item(name: string, role: JudgedCertificate['role'], wasSent = true): JudgedCertificate {
  return { sha256: name, subject: `CN=${name}`, notAfter: '2030-01-01T00:00:00Z', role, sent: wasSent };
}

function path(
  items: readonly JudgedCertificate[],
  completedPath: readonly JudgedCertificate[] | null = null,
): JudgedPath {
  return {
    side: 'server',
    moment: 'capture',
    asOf: '2014-09-03T10:00:04Z',
    outcome: completedPath === null ? 'valid' : 'invalid',
    path: items,
    revocation: 'unknown',
    findings: [],
    completedPath,
  };
}

const PATH = [item('leaf', 'target'), item('middle', 'intermediate'), item('root', 'anchor', false)];

describe('what was sent beside the verified path', () => {
  it('says nothing of what stands where it should, and where the root comes from', () => {
    const { sent: left, path: right } = compareChain(sent('leaf', 'middle'), path(PATH));
    expect(left.map(({ inPath, remark }) => [inPath, remark])).toEqual([
      [0, null],
      [1, null],
    ]);
    expect(right.map(({ remark }) => remark)).toEqual([null, null, 'trusted root, from the trust policy']);
  });

  it('names surplus certificates, and those sent twice', () => {
    const { sent: left } = compareChain(sent('leaf', 'stranger', 'leaf'), path(PATH));
    expect(left.map(({ remark }) => remark)).toEqual([null, 'surplus: not in the path', 'surplus: sent again']);
  });

  it('names the wrong order (RFC 5246 section 7.4.2)', () => {
    const items = [item('leaf', 'target'), item('a', 'intermediate'), item('b', 'intermediate')];
    const { sent: left } = compareChain(sent('leaf', 'b', 'a'), path(items));
    expect(left.map(({ remark }) => remark)).toEqual([null, null, 'wrong order: belongs further up']);
  });

  it('names a missing intermediate in the path that would work', () => {
    const works = [item('leaf', 'target'), item('middle', 'intermediate', false), item('root', 'anchor', false)];
    const compared = compareChain(sent('leaf'), path([item('leaf', 'target')], works));
    expect(compared.completed).toBe(true);
    expect(compared.path.map(({ missing }) => missing)).toEqual([false, true, false]);
    expect(compared.path[1].remark).toBe('missing: should have been sent');
  });

  it('calls nothing surplus before a path is known', () => {
    expect(compareChain(sent('leaf'), null).sent[0].remark).toBeNull();
  });
});

describe('the short name of a subject (RFC 4514)', () => {
  it.each([
    ['CN=mail.contoso.com,O=Contoso', 'mail.contoso.com'],
    ['O=Contoso\\, Ltd.,CN=a\\,b', 'a,b'],
    ['O=no common name', 'O=no common name'],
    ['', 'no subject'],
    ['OU=x+CN=multi,C=US', 'multi'],
  ])('%s is %s', (subject, name) => expect(shortName(subject)).toBe(name));

  it('is said to be unreadable where it is', () => expect(shortName(null)).toBe('unreadable certificate'));
});

describe('names as a set', () => {
  const certificate = {
    commonNames: ['a.example'],
    dnsNames: ['a.example', 'B.example'],
    ipAddresses: ['192.0.2.1'],
  } as unknown as Certificate;
  const recognition = { match: 'partial', missing: ['c.example'], surplus: ['b.example'] } as unknown as Recognition;

  it('tells equal, missing and surplus, whatever the case', () => {
    const names = compareNames(certificate, recognition);
    expect(names).toEqual([
      { name: 'c.example', status: 'missing' },
      { name: 'B.example', status: 'surplus' },
      { name: 'a.example', status: 'equal' },
      { name: '192.0.2.1', status: 'equal' },
    ]);
    expect(countNames(names)).toBe('2 equal · 1 missing · 1 surplus');
  });

  it('compares with nothing where no provider is known', () => {
    expect(compareNames(certificate, null).map(({ status }) => status)).toEqual([
      'presented',
      'presented',
      'presented',
    ]);
  });
});

describe('the axis of validity', () => {
  const scale = validityScale({ notBefore: '2014-01-01T00:00:00Z', notAfter: '2016-01-01T00:00:00Z' }, [
    '2015-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z',
  ]);

  it('holds the target and every moment', () => {
    const bar = scale?.bar('2014-01-01T00:00:00Z', '2016-01-01T00:00:00Z');
    expect(bar).toMatchObject({ before: false, after: false });
    expect(scale?.position('2026-01-01T00:00:00Z')).toBeLessThan(1);
    expect(scale?.position('2015-01-01T00:00:00Z')).toBeCloseTo(((bar?.start ?? 0) + (bar?.end ?? 0)) / 2, 3);
  });

  it('cuts what is valid for much longer, and what begins at an unknown time', () => {
    expect(scale?.bar('2000-01-01T00:00:00Z', '2050-01-01T00:00:00Z')).toEqual({
      start: 0,
      end: 1,
      before: true,
      after: true,
    });
    expect(scale?.bar(null, '2016-01-01T00:00:00Z').before).toBe(true);
  });

  it('is none where a time cannot be read', () => {
    expect(validityScale({ notBefore: '', notAfter: '2016-01-01T00:00:00Z' }, [])).toBeNull();
  });
});
