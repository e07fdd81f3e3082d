import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { CATALOGUE_FILE } from '../../shared/expect/catalogue/schema.ts';
import { CATALOGUE, catalogueEntry, mxHost, pinsOf, recognize, staleness } from '../../shared/expect/catalogue.ts';

const EOP = new X509Certificate(readFileSync(join(import.meta.dirname, '../lab/pki/eop.crt.pem')));
const NAMES = {
  commonNames: [/^CN=(.*)$/m.exec(EOP.subject)?.[1] ?? ''],
  dnsNames: (EOP.subjectAltName ?? '').split(', ').map((name) => name.replace('DNS:', '')),
};
const entry = (id: string) => {
  const found = catalogueEntry(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const ROOTS = Object.fromEntries(CATALOGUE.map(({ id, root }) => [id, root?.sha256 ?? '']));

describe('the built-in catalogue', () => {
  it('is what a catalogue file may be', () => {
    expect(CATALOGUE_FILE.safeParse({ version: 1, entries: CATALOGUE }).success).toBe(true);
  });

  it('has each id once, and a source for each entry', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { sources } of CATALOGUE) expect(sources.length).toBeGreaterThan(0);
  });

  it('names the five names of the field note of 2014, and nobody else says names that nobody documents', () => {
    expect(entry('eop-2014').names).toHaveLength(5);
    for (const { id, names, documented } of CATALOGUE) {
      expect(documented.includes('names'), id).toBe(names !== null);
    }
  });

  it('has the fingerprints of the DigiCert roots that Node carries', () => {
    const carried = new Map(
      rootCertificates.map((pem) => {
        const { subject, fingerprint256 } = new X509Certificate(pem);
        return [/^CN=(.*)$/m.exec(subject)?.[1] ?? '', fingerprint256.replaceAll(':', '').toLowerCase()];
      }),
    );
    expect(ROOTS['eop-2021']).toBe(carried.get('DigiCert Global Root CA'));
    expect(ROOTS['eop-2026']).toBe(carried.get('DigiCert Global Root G2'));
  });

  it('names the MX host of a domain with dashes', () => {
    expect(mxHost(entry('eop-2014'), 'Fabrikam.com')).toBe('fabrikam-com.mail.protection.outlook.com');
    expect(mxHost(entry('mx.microsoft'), 'fabrikam.com')).toBeNull();
  });
});

describe('recognition', () => {
  it("knows the story's certificate by its set of names, whatever its root", () => {
    const found = recognize(NAMES, CATALOGUE, { at: '2014-09-03', rootSha256: 'ab'.repeat(32) });
    expect(found).toMatchObject({ match: 'exact', missing: [], surplus: [] });
    expect(found?.entry.id).toBe('eop-2014');
  });

  it('compares sets: order and case do not matter', () => {
    const dnsNames = NAMES.dnsNames.map((name) => name.toUpperCase()).reverse();
    expect(recognize({ commonNames: [], dnsNames })?.match).toBe('exact');
  });

  it('tells what is missing and what is surplus', () => {
    const dnsNames = [...NAMES.dnsNames.slice(1), 'mx.example'];
    const found = recognize({ ...NAMES, dnsNames }, CATALOGUE, { at: '2014-09-03', rootSha256: null });
    expect(found).toMatchObject({ match: 'partial', missing: ['*.mail.eo.outlook.com'], surplus: ['mx.example'] });
  });

  it.each([
    ['2016-01-01', null, 'eop-2014'],
    ['2019-01-01', null, 'eop-2018'],
    ['2023-01-01', null, 'eop-2021'],
    ['2026-06-01', null, 'eop-2026'],
    // The root says more than the date: eras overlap.
    ['2026-04-18', ROOTS['eop-2021'], 'eop-2021'],
    ['2021-01-01', ROOTS['eop-2018'], 'eop-2018'],
  ])('of eras with one common name chooses by date and root: %s %s', (at, rootSha256, id) => {
    const names = {
      commonNames: ['mail.protection.outlook.com'],
      dnsNames: ['mail.protection.outlook.com', 'x.example'],
    };
    expect(recognize(names, CATALOGUE, { at, rootSha256 })?.entry.id).toBe(id);
  });

  it('knows hosts below mx.microsoft', () => {
    const dnsNames = ['*.h-v1.mx.microsoft'];
    expect(recognize({ commonNames: [], dnsNames })?.entry.id).toBe('mx.microsoft');
  });

  it('does not know others, nor names that only end alike', () => {
    for (const name of [
      'mail.fabrikam.com',
      'evilmail.protection.outlook.com',
      'mail.protection.outlook.com.example',
    ]) {
      expect(recognize({ commonNames: [name], dnsNames: [name] }), name).toBeNull();
    }
    expect(recognize({ commonNames: [], dnsNames: [] })).toBeNull();
  });

  it('prefers the entries of a user', () => {
    const own = { ...entry('eop-2014'), title: 'ours' };
    expect(recognize(NAMES, [own, ...CATALOGUE])?.entry.title).toBe('ours');
    expect(catalogueEntry('eop-2014', [own, ...CATALOGUE])?.title).toBe('ours');
  });
});

describe('stale pins', () => {
  const pinned = (connector: object) => pinsOf({ kind: 'pinned', ...connector } as Parameters<typeof pinsOf>[0]);

  it("a name of the partner's own host, although a provider answers now", () => {
    const [stale] = staleness(pinned({ commonName: 'mail.fabrikam.com' }), entry('eop-2014'));
    expect(stale).toMatchObject({ pin: 'name', value: 'mail.fabrikam.com', era: null });
    expect(stale.message).toContain('Exchange Online Protection answers now');
  });

  it('a root of an earlier era, but not one of a later era or of somebody else', () => {
    const root = (id: string) => pinned({ root: `sha256:${ROOTS[id]}` });
    expect(staleness(root('eop-2014'), entry('eop-2021'))[0]?.era?.id).toBe('eop-2014');
    expect(staleness(root('eop-2021'), entry('eop-2014'))).toEqual([]);
    expect(staleness(pinned({ root: `sha256:${'0'.repeat(64)}` }), entry('eop-2021'))).toEqual([]);
  });

  it('a set of names of an earlier era, or of the own host', () => {
    const names = { exactly: [...(entry('eop-2014').names ?? [])].reverse() };
    expect(staleness(pinned({ names }), entry('eop-2021'))[0]).toMatchObject({ pin: 'names' });
    expect(staleness(pinned({ names }), entry('eop-2014'))).toEqual([]);
    const own = { exactly: ['mail.fabrikam.com'] };
    expect(staleness(pinned({ names: own }), entry('eop-2014'))[0]).toMatchObject({ pin: 'names', era: null });
  });

  it('not a name that the provider has', () => {
    for (const tlsDomain of ['mail.protection.outlook.com', '*.mail.protection.outlook.com', 'outlook.com']) {
      const pins = pinsOf({ kind: 'exchange-online-outbound', tlsDomain });
      expect(staleness(pins, entry('eop-2014')), tlsDomain).toEqual([]);
    }
  });
});
