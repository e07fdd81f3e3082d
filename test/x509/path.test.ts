import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { PathRequest, PathResult, Profile } from '../../shared/x509/path/model.ts';
import { validatePath } from '../../shared/x509/path/validate-path.ts';
import { keyUsage, seconds } from '../support/authority.ts';
import {
  attribute,
  type Bytes,
  boolean,
  explicit,
  extension,
  hex,
  implicit,
  integer,
  latin1,
  name,
  nothing,
  oid,
  printable,
  sequence,
  utf8,
} from '../support/der.ts';
import {
  AT,
  anchor,
  authority,
  type CertificateOptions,
  CLIENT_AUTH,
  dns,
  entity,
  errorCodes,
  extendedKeyUsage,
  request,
  SERVER_AUTH,
  server,
  subjectAltName,
  validate,
} from '../support/path-certificates.ts';

const ROOT = entity('Root');
const ISSUING = entity('Issuing');
const MAIL = entity('mail.example.com');
const root = authority(ROOT, ROOT);
const issuing = authority(ISSUING, ROOT);
const mail = server(MAIL, ISSUING);

interface Changes {
  readonly root?: CertificateOptions;
  readonly issuing?: CertificateOptions;
  readonly mail?: CertificateOptions;
}

/** Root, issuing authority and server, with something changed. */
function chain(changes: Changes, given: Partial<PathRequest> = {}): Promise<PathResult> {
  return validate({
    target: server(MAIL, ISSUING, changes.mail),
    intermediates: [authority(ISSUING, ROOT, changes.issuing)],
    anchors: [anchor(authority(ROOT, ROOT, changes.root))],
    ...given,
  });
}

const subjects = ({ path }: PathResult): string[] => path.map(({ certificate }) => certificate.subject.text);

describe('a path', () => {
  it.each(['path', 'rfc5280', 'webpki'] as const)('without fault has no findings under %s', async (profile) => {
    const result = await validate({ target: mail, intermediates: [issuing], anchors: [anchor(root)], profile });
    expect(result.outcome).toBe('valid');
    expect(result.findings).toEqual([]);
    expect(result.path.map(({ role }) => role)).toEqual(['target', 'intermediate', 'anchor']);
    expect(result.anchor?.certificate).toBe(root);
    expect(result.signaturesChecked).toBe(2);
    expect(result.revocation).toBe('unknown');
  });

  it('is the target alone where that is an anchor', async () => {
    const own = server(MAIL, MAIL);
    const result = await validate({ target: own, anchors: [anchor(own)] });
    expect(result.outcome).toBe('valid');
    expect(result.path.map(({ role }) => role)).toEqual(['anchor']);
  });

  it('may end at an intermediate that the policy trusts', async () => {
    const result = await validate({ target: mail, intermediates: [root], anchors: [anchor(issuing)] });
    expect(result.outcome).toBe('valid');
    expect(subjects(result)).toEqual(['CN=mail.example.com', 'CN=Issuing']);
  });

  it('that lacks an intermediate names the issuer', async () => {
    const result = await validate({ target: mail, anchors: [anchor(root)] });
    expect(result.outcome).toBe('invalid');
    expect(errorCodes(result)).toEqual(['issuer-not-found']);
    expect(result.findings[0].message).toMatch(/CN=Issuing/);
    expect(result.anchor).toBeNull();
  });

  it('to a root that nobody trusts is told from one without issuer', async () => {
    const other = entity('Other');
    const result = await validate({
      target: mail,
      intermediates: [issuing, root],
      anchors: [anchor(authority(other, other))],
    });
    expect(errorCodes(result)).toEqual(['self-signed-not-trusted']);
    expect(subjects(result)).toHaveLength(3);
  });

  it('with a signature by another key of the same name is a bad signature', async () => {
    const imposter = entity('Issuing');
    const result = await validate({
      target: server(MAIL, imposter),
      intermediates: [issuing],
      anchors: [anchor(root)],
    });
    expect(result.outcome).toBe('invalid');
    expect(errorCodes(result)).toEqual(['signature-invalid']);
  });

  it('whose signature the platform cannot verify is undetermined, never bad', async () => {
    const result = await validate({
      target: mail,
      intermediates: [issuing],
      anchors: [anchor(root)],
      verifySignature: async () => 'unsupported',
    });
    expect(result.outcome).toBe('undetermined');
    expect(new Set(errorCodes(result))).toEqual(new Set(['signature-unsupported']));
    expect(result.path).toHaveLength(3);
  });

  it('with an unverifiable signature and an expired certificate is invalid', async () => {
    const result = await validate({
      target: mail,
      intermediates: [issuing],
      anchors: [anchor(root)],
      at: seconds('2025-01-01T00:00:00Z'),
      verifySignature: async () => 'unsupported',
    });
    expect(result.outcome).toBe('invalid');
  });
});

describe('validity (section 4.1.2.5)', () => {
  it.each([
    ['2020-01-01T00:00:00Z', 'valid'],
    ['2020-12-31T23:59:59Z', 'valid'],
    ['2019-12-31T23:59:59Z', 'invalid'],
    ['2021-01-01T00:00:00Z', 'invalid'],
  ])('both ends are inclusive: %s is %s', async (at, outcome) => {
    const result = await chain({ root: LONG, issuing: LONG }, { at: seconds(at) });
    expect(result.outcome).toBe(outcome);
  });

  it('fractions of a second are cut off', async () => {
    const result = await chain({ root: LONG, issuing: LONG }, { at: seconds('2020-12-31T23:59:59Z') + 0.9 });
    expect(result.outcome).toBe('valid');
  });

  it.each([
    ['mail', 'expired'],
    ['issuing', 'expired'],
    ['root', 'anchor-expired'],
  ])('%s expired: %s', async (which, code) => {
    const ended = { notAfter: '2020-03-01T00:00:00Z' };
    const result = await chain({ [which]: ended });
    expect(errorCodes(result)).toEqual([code]);
    expect(result.findings[0].message).toMatch(/2020-03-01T00:00:00Z/);
  });

  it.each([
    ['mail', 'not-yet-valid'],
    ['root', 'anchor-not-yet-valid'],
  ])('%s of the future: %s', async (which, code) => {
    const result = await chain({ [which]: { notBefore: '2020-09-01T00:00:00Z' } });
    expect(errorCodes(result)).toEqual([code]);
  });

  it.each([
    [{ trustedFrom: AT + 1 }, 'anchor-not-yet-trusted'],
    [{ trustedUntil: AT - 1 }, 'anchor-no-longer-trusted'],
    [{ distrustAfter: seconds('2019-06-01T00:00:00Z') }, 'anchor-distrusts-newer'],
    [{ trustedFrom: AT, trustedUntil: AT, distrustAfter: seconds('2020-01-01T00:00:00Z') }, null],
  ])('the policy’s dates for an anchor: %o', async (dates, code) => {
    const result = await validate({ target: mail, intermediates: [issuing], anchors: [anchor(root, dates)] });
    expect(errorCodes(result)).toEqual(code === null ? [] : [code]);
  });
});

const LONG = { notBefore: '2000-01-01T00:00:00Z', notAfter: '2040-01-01T00:00:00Z' };

const basic = (...fields: readonly Uint8Array[]): Uint8Array => extension('2.5.29.19', sequence(...fields), true);
const critical = (type: string, value: Uint8Array): Uint8Array => extension(type, value, true);

describe('one thing wrong', () => {
  const unknown = '1.3.6.1.4.1.55738.1';
  const cases: readonly (readonly [what: string, profile: Profile, code: string, changes: Changes])[] = [
    // Section 6.
    [
      'an intermediate without cA',
      'path',
      'not-a-certificate-authority',
      { issuing: { replace: { basicConstraints: basic() } } },
    ],
    [
      'an intermediate without basicConstraints',
      'path',
      'basic-constraints-missing',
      { issuing: { replace: { basicConstraints: null } } },
    ],
    [
      'an intermediate without keyCertSign',
      'path',
      'key-usage-forbids-signing-certificates',
      { issuing: { replace: { keyUsage: keyUsage(6) } } },
    ],
    [
      'a root without keyCertSign',
      'path',
      'key-usage-forbids-signing-certificates',
      { root: { replace: { keyUsage: keyUsage(0) } } },
    ],
    [
      'an unknown critical extension in the target',
      'path',
      'critical-extension-unknown',
      { mail: { add: [critical(unknown, nothing())] } },
    ],
    [
      'an unknown critical extension in an intermediate',
      'path',
      'critical-extension-unknown',
      { issuing: { add: [critical(unknown, nothing())] } },
    ],
    [
      'an unknown critical extension in the root',
      'path',
      'critical-extension-unknown',
      { root: { add: [critical(unknown, nothing())] } },
    ],
    [
      'basicConstraints that cannot be read',
      'path',
      'extension-unreadable',
      { issuing: { replace: { basicConstraints: extension('2.5.29.19', latin1('no'), true) } } },
    ],
    [
      'an extension twice',
      'path',
      'extension-duplicate',
      { mail: { add: [extension(unknown, nothing()), extension(unknown, nothing())] } },
    ],
    [
      'a target for clients only',
      'path',
      'extended-key-usage-unsuitable',
      { mail: { replace: { extendedKeyUsage: extendedKeyUsage(CLIENT_AUTH) } } },
    ],
    [
      'an intermediate for mail only',
      'path',
      'extended-key-usage-unsuitable',
      { issuing: { add: [extendedKeyUsage('1.3.6.1.5.5.7.3.4')] } },
    ],
    [
      'two algorithms',
      'path',
      'signature-algorithm-mismatch',
      { mail: { parts: { signature: sequence(oid('1.2.840.10045.4.3.3')) } } },
    ],
    [
      'policyMappings of anyPolicy',
      'path',
      'policy-mapping-any',
      { issuing: { add: [extension('2.5.29.33', sequence(sequence(oid('2.5.29.32.0'), oid('1.2.3'))))] } },
    ],
    // Section 4.
    [
      'a target without authorityKeyIdentifier',
      'rfc5280',
      'authority-key-identifier-missing',
      { mail: { replace: { authorityKeyIdentifier: null } } },
    ],
    [
      'an authority without subjectKeyIdentifier',
      'rfc5280',
      'subject-key-identifier-missing',
      { issuing: { replace: { subjectKeyIdentifier: null } } },
    ],
    [
      'a root without basicConstraints',
      'rfc5280',
      'basic-constraints-missing',
      { root: { replace: { basicConstraints: null, keyUsage: null } } },
    ],
    [
      'basicConstraints that are not critical',
      'rfc5280',
      'extension-criticality',
      { issuing: { replace: { basicConstraints: extension('2.5.29.19', sequence(boolean(true))) } } },
    ],
    [
      'policyConstraints that are not critical',
      'rfc5280',
      'extension-criticality',
      { issuing: { add: [extension('2.5.29.36', sequence(implicit(1, hex('05'))))] } },
    ],
    [
      'a critical authorityKeyIdentifier',
      'rfc5280',
      'extension-criticality',
      {
        mail: {
          replace: { authorityKeyIdentifier: critical('2.5.29.35', sequence(implicit(0, ISSUING.keyIdentifier))) },
        },
      },
    ],
    ['a serial number of zero', 'rfc5280', 'serial-number', { mail: { serial: 0 } }],
    ['a negative serial number', 'rfc5280', 'serial-number', { mail: { serial: -5 } }],
    [
      'a serial number of 21 octets',
      'rfc5280',
      'serial-number',
      { mail: { parts: { serialNumber: integer(1n << 160n) } } },
    ],
    [
      'keyCertSign without cA',
      'rfc5280',
      'key-usage-inconsistent',
      { mail: { replace: { keyUsage: keyUsage(0, 5) } } },
    ],
    [
      'a pathLenConstraint without cA',
      'rfc5280',
      'path-length-misplaced',
      { mail: { replace: { basicConstraints: basic(integer(0)) } } },
    ],
    ['a keyUsage of nothing', 'rfc5280', 'key-usage-empty', { mail: { replace: { keyUsage: keyUsage() } } }],
    [
      'a dNSName with an underscore',
      'rfc5280',
      'subject-alternative-name-malformed',
      { mail: { dnsNames: ['mail.example.com', 'a_b.example.com'] } },
    ],
    [
      'an address as dNSName',
      'rfc5280',
      'subject-alternative-name-malformed',
      { mail: { dnsNames: ['mail.example.com', '192.0.2.1'] } },
    ],
    [
      'an empty subject without critical names',
      'rfc5280',
      'subject-empty',
      { mail: { parts: { subject: sequence() } } },
    ],
    [
      'a unique identifier',
      'rfc5280',
      'unique-identifier',
      { mail: { parts: { uniqueIds: [implicit(1, hex('0001'))] } } },
    ],
    [
      'nameConstraints in a server’s certificate',
      'rfc5280',
      'name-constraint-misplaced',
      { mail: { add: [critical('2.5.29.30', sequence(explicit(0, sequence(dns('example.com')))))] } },
    ],
    [
      'a policy twice',
      'rfc5280',
      'policy-duplicate',
      { mail: { add: [extension('2.5.29.32', sequence(sequence(oid('1.2.3')), sequence(oid('1.2.3'))))] } },
    ],
    [
      'an authorityInfoAccess that cannot be read',
      'rfc5280',
      'extension-unreadable',
      { mail: { add: [extension('1.3.6.1.5.5.7.1.1', latin1('no'))] } },
    ],
    [
      'a GeneralizedTime before 2050',
      'rfc5280',
      'encoding',
      { mail: { parts: { notBefore: generalized('20200101000000Z') } } },
    ],
    // The Baseline Requirements.
    ['no extKeyUsage', 'webpki', 'extended-key-usage-missing', { mail: { replace: { extendedKeyUsage: null } } }],
    [
      'anyExtendedKeyUsage',
      'webpki',
      'extended-key-usage-not-allowed',
      { mail: { replace: { extendedKeyUsage: extendedKeyUsage(SERVER_AUTH, '2.5.29.37.0') } } },
    ],
    [
      'a root with extKeyUsage',
      'webpki',
      'extended-key-usage-not-allowed',
      { root: { add: [extendedKeyUsage(SERVER_AUTH)] } },
    ],
    [
      'no subjectAltName',
      'webpki',
      'subject-alternative-name-missing',
      { mail: { replace: { subjectAltName: null } } },
    ],
    [
      'a common name that is no alternative name',
      'webpki',
      'common-name-not-in-subject-alternative-name',
      { mail: { dnsNames: ['www.example.com'] } },
    ],
    [
      'a wildcard over a top-level domain',
      'webpki',
      'wildcard-too-wide',
      { mail: { dnsNames: ['mail.example.com', '*.com'] } },
    ],
    [
      'an internal name',
      'webpki',
      'subject-alternative-name-not-allowed',
      { mail: { dnsNames: ['mail.example.com', 'mail'] } },
    ],
    [
      'a critical subjectAltName beside a subject',
      'webpki',
      'extension-criticality',
      { mail: { replace: { subjectAltName: subjectAltName([dns('mail.example.com')], true) } } },
    ],
    [
      'a year and a half',
      'webpki',
      'validity-too-long',
      { mail: { notBefore: '2020-06-01T00:00:00Z', notAfter: '2023-01-01T00:00:00Z' } },
    ],
    [
      'a key usage that no TLS server has',
      'webpki',
      'key-usage-unsuitable',
      { mail: { replace: { keyUsage: keyUsage(1) } } },
    ],
    ['an authority without keyUsage', 'webpki', 'key-usage-missing', { issuing: { replace: { keyUsage: null } } }],
  ];
  const stricter: Readonly<Record<Profile, readonly Profile[]>> = {
    path: ['path', 'rfc5280', 'webpki'],
    rfc5280: ['rfc5280', 'webpki'],
    webpki: ['webpki'],
  };

  it.each(cases)('%s: refused from %s on as %s, a warning before', async (_, from, code, changes) => {
    for (const profile of ['path', 'rfc5280', 'webpki'] as const) {
      const result = await chain(changes, { profile });
      const finding = result.findings.find((one) => one.code === code && one.profile === from);
      expect(finding, profile).toBeDefined();
      const refused = stricter[from].includes(profile);
      expect(finding?.severity, profile).toBe(refused ? 'error' : 'warning');
      expect(result.outcome, profile).toBe(refused ? 'invalid' : 'valid');
    }
  });

  it('nameConstraints that are not critical: refused by RFC 5280, allowed by the Baseline Requirements', async () => {
    const constraints = extension('2.5.29.30', sequence(explicit(0, sequence(dns('example.com')))));
    const outcomes = await Promise.all(
      (['path', 'rfc5280', 'webpki'] as const).map((profile) =>
        chain({ issuing: { add: [constraints] } }, { profile }),
      ),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['valid', 'invalid', 'valid']);
  });
});

function generalized(text: string): Uint8Array {
  return Uint8Array.of(0x18, text.length, ...latin1(text));
}

describe('path length (sections 4.2.1.9, 6.1.4 (l), (m))', () => {
  const upper = entity('Upper');
  const length = async (rootLength: number, selfIssued: boolean): Promise<string> => {
    const rollover = entity('Upper');
    const result = await validate({
      target: server(MAIL, ISSUING),
      intermediates: [
        authority(ISSUING, selfIssued ? rollover : upper),
        authority(upper, ROOT),
        ...(selfIssued ? [authority(rollover, upper)] : []),
      ],
      anchors: [anchor(authority(ROOT, ROOT, { pathLength: rootLength }))],
    });
    return result.outcome;
  };

  it('counts the intermediates below', async () => {
    expect(await length(1, false)).toBe('invalid');
    expect(await length(2, false)).toBe('valid');
  });

  it('does not count self-issued ones', async () => expect(await length(2, true)).toBe('valid'));

  it('an authority of path length zero may issue to an authority that is the target', async () => {
    const result = await validate({
      target: issuing,
      anchors: [anchor(authority(ROOT, ROOT, { pathLength: 0 }))],
      purpose: 'any',
    });
    expect(result.outcome).toBe('valid');
  });

  it.each([
    [0, 'invalid'],
    [1, 'valid'],
  ])('the caller may ask for at most %i intermediates: %s', async (maximumIntermediates, outcome) => {
    expect((await chain({}, { maximumIntermediates })).outcome).toBe(outcome);
  });
});

describe('extended key usage (section 4.2.1.12)', () => {
  it.each([
    ['server', [SERVER_AUTH], 'valid'],
    ['client', [SERVER_AUTH], 'invalid'],
    ['client', [CLIENT_AUTH], 'valid'],
    ['client', ['2.5.29.37.0'], 'valid'],
    ['any', ['1.2.3.4'], 'valid'],
  ] as const)('a %s with %o is %s', async (purpose, oids, outcome) => {
    const result = await chain({ mail: { replace: { extendedKeyUsage: extendedKeyUsage(...oids) } } }, { purpose });
    expect(result.outcome).toBe(outcome);
  });
});

describe('algorithms', () => {
  const SHA1 = sequence(oid('1.2.840.10045.4.1'));
  const MD5 = sequence(oid('1.2.840.113549.1.1.4'), nothing());
  const signedWith = (algorithm: Uint8Array) => ({ parts: { signature: algorithm, signatureAlgorithm: algorithm } });
  const always = async (): Promise<'valid'> => 'valid';

  it('SHA-1 counts only where the policy says so', async () => {
    const changes = { mail: signedWith(SHA1) };
    expect(errorCodes(await chain(changes, { verifySignature: always }))).toEqual(['signature-algorithm-weak']);
    const lenient = { sha1: true, minimumRsaBits: 2048 };
    expect((await chain(changes, { verifySignature: always, algorithms: lenient })).outcome).toBe('valid');
  });

  it('MD5 never counts', async () => {
    const lenient = { sha1: true, minimumRsaBits: 512 };
    const result = await chain({ mail: signedWith(MD5) }, { verifySignature: always, algorithms: lenient });
    expect(errorCodes(result)).toEqual(['signature-algorithm-refused']);
  });

  it('the signature on an anchor does not count', async () => {
    expect((await chain({ root: signedWith(MD5) })).outcome).toBe('valid');
  });

  it('an RSA key below the policy’s size is refused', async () => {
    const small = sequence(
      sequence(oid('1.2.840.113549.1.1.1'), nothing()),
      Uint8Array.of(0x03, 0x81, 0x8d, 0x00, ...sequence(integer((1n << 1023n) + 1n), integer(65_537))),
    );
    const result = await chain({ mail: { parts: { publicKey: small } } });
    expect(errorCodes(result)).toEqual(['key-too-small']);
  });
});

describe('names are compared prepared (section 7.1)', () => {
  const cn = (value: Uint8Array) => name(attribute('2.5.4.3', value));
  const match = async (issuerName: Bytes, subjectName: Bytes): Promise<string> => {
    const one = entity(subjectName);
    const other = entity(issuerName as never, one);
    return (await validate({ target: server(MAIL, other), anchors: [anchor(authority(one, one))] })).outcome;
  };

  it.each([
    ['PrintableString and UTF8String', cn(printable('Root CA')), cn(utf8('Root CA')), 'valid'],
    ['case', cn(utf8('ROOT ca')), cn(utf8('Root CA')), 'valid'],
    ['runs of spaces', cn(utf8('  Root   CA ')), cn(utf8('Root CA')), 'valid'],
    ['compatibility forms', cn(utf8('Ｒｏｏｔ ＣＡ')), cn(utf8('Root CA')), 'valid'],
    ['ß and ss', cn(utf8('Straße')), cn(utf8('STRASSE')), 'valid'],
    ['another name', cn(utf8('Root CB')), cn(utf8('Root CA')), 'invalid'],
    ['a prefix', cn(utf8('Root CA')), name(attribute('2.5.4.6', 'DE'), attribute('2.5.4.3', 'Root CA')), 'invalid'],
  ])('%s', async (_, issuerName, subjectName, outcome) => {
    expect(await match(issuerName, subjectName)).toBe(outcome);
  });
});

describe('the search', () => {
  it('takes the other of two cross-signed certificates where one is expired', async () => {
    const second = entity('Second Root');
    const expired = authority(ISSUING, second, { notAfter: '2020-02-01T00:00:00Z' });
    const result = await validate({
      target: mail,
      intermediates: [expired, issuing],
      anchors: [anchor(authority(second, second)), anchor(root)],
    });
    expect(result.outcome).toBe('valid');
    expect(subjects(result).at(-1)).toBe('CN=Root');
  });

  it('takes the issuer with the right key of several with its name', async () => {
    const imposters = Array.from({ length: 5 }, () => authority(entity('Issuing'), ROOT));
    const result = await validate({ target: mail, intermediates: [...imposters, issuing], anchors: [anchor(root)] });
    expect(result.outcome).toBe('valid');
    expect(result.signaturesChecked).toBe(2);
  });

  it('does without key identifiers, and against wrong ones', async () => {
    const imposters = Array.from({ length: 5 }, () => authority(entity('Issuing'), ROOT));
    for (const wrong of [null, extension('2.5.29.35', sequence(implicit(0, hex('00'))))]) {
      const target = server(MAIL, ISSUING, { replace: { authorityKeyIdentifier: wrong } });
      const result = await validate({ target, intermediates: [...imposters, issuing], anchors: [anchor(root)] });
      expect(result.outcome).toBe('valid');
    }
  });

  it('takes a path around name constraints', async () => {
    const upper = entity('Upper');
    const forbids = authority(upper, ROOT, { add: [nameConstraints([], [dns('example.com')])] });
    const other = entity('Other Root');
    const result = await validate({
      target: mail,
      intermediates: [authority(ISSUING, upper), forbids, authority(upper, other)],
      anchors: [anchor(root), anchor(authority(other, other))],
    });
    expect(result.outcome).toBe('valid');
    expect(subjects(result).at(-1)).toBe('CN=Other Root');
  });

  it('takes a path around a revoked intermediate', async () => {
    const second = entity('Second Root');
    const crossed = authority(ISSUING, second);
    const given = {
      target: mail,
      intermediates: [issuing, crossed],
      anchors: [anchor(root), anchor(authority(second, second))],
    };
    const plain = await validate(given);
    const used = plain.path[1].certificate;
    const finding = {
      code: 'revoked',
      severity: 'error',
      profile: 'path',
      certificate: used.sha256,
      message: 'Revoked.',
      rule: 'RFC 5280 section 6.3',
    } as const;
    const around = await validate({
      ...given,
      revocation: async (path) =>
        path.includes(used) ? { status: 'revoked', findings: [finding] } : { status: 'good', findings: [] },
    });
    expect(around.outcome).toBe('valid');
    expect(around.revocation).toBe('good');
    expect(around.path[1].certificate).not.toBe(used);
    const none = await validate({ ...given, revocation: async () => ({ status: 'revoked', findings: [finding] }) });
    expect(none.outcome).toBe('invalid');
    expect(errorCodes(none)).toEqual(['revoked']);
  });

  it('finds its way out of cross-signing cycles', async () => {
    const [a, b, c] = ['A', 'B', 'C'].map((text) => entity(text));
    const cross = [a, b, c].flatMap((one) =>
      [a, b, c].filter((other) => other !== one).map((other) => authority(one, other)),
    );
    const target = server(MAIL, a);
    const outside = await validate({ target, intermediates: cross, anchors: [anchor(root)] });
    expect(outside.outcome).toBe('invalid');
    const inside = await validate({ target, intermediates: [...cross, authority(c, ROOT)], anchors: [anchor(root)] });
    expect(inside.outcome).toBe('valid');
  });

  it('an expired root with a valid cross-certificate beside it', async () => {
    const old = authority(ROOT, ROOT, { notAfter: '2020-02-01T00:00:00Z' });
    const fresh = entity('New Root');
    const result = await validate({
      target: mail,
      intermediates: [issuing, authority(ROOT, fresh)],
      anchors: [anchor(old), anchor(authority(fresh, fresh))],
    });
    expect(result.outcome).toBe('valid');
    expect(subjects(result)).toEqual(['CN=mail.example.com', 'CN=Issuing', 'CN=Root', 'CN=New Root']);
  });

  it('an issuer without a name finds no one', async () => {
    const nobody = entity(sequence());
    const result = await validate({ target: server(MAIL, nobody), anchors: [anchor(root)] });
    expect(errorCodes(result)).toEqual(['issuer-not-found']);
  });

  it('finds a path exactly where one is, in any graph of authorities', async () => {
    const nodes = Array.from({ length: 6 }, (_, i) => entity(`N${i}`));
    const edges = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 14, selector: ([a, b]) => 6 * a + b });
    const target = server(MAIL, nodes[0]);
    const trusted = anchor(authority(nodes[5], nodes[5]));
    await fc.assert(
      fc.asyncProperty(edges, async (pairs) => {
        const reached = new Set([0]);
        for (const from of reached) for (const [a, b] of pairs) if (a === from) reached.add(b);
        const intermediates = pairs.map(([a, b]) => authority(nodes[a], nodes[b]));
        const result = await validate({ target, intermediates, anchors: [trusted] });
        expect(result.outcome).toBe(reached.has(5) ? 'valid' : 'invalid');
      }),
      { numRuns: 150 },
    );
  });

  it('the order of certificates makes no difference', async () => {
    const [a, b] = [entity('A'), entity('B')];
    const all = [authority(ISSUING, a), authority(a, b), authority(b, ROOT), issuing, root, authority(a, ROOT)];
    const paths = await Promise.all(
      [all, [...all].reverse(), [...all, ...all]].map((intermediates) =>
        validate({ target: mail, intermediates, anchors: [anchor(root)] }),
      ),
    );
    expect(new Set(paths.map((result) => subjects(result).join(' < '))).size).toBe(1);
  });
});

function nameConstraints(
  permitted: readonly Uint8Array[],
  excluded: readonly Uint8Array[],
  isCritical = true,
): Uint8Array {
  const list = (tag: number, names: readonly Uint8Array[]): Uint8Array[] =>
    names.length === 0 ? [] : [explicit(tag, ...names.map((one) => sequence(one)))];
  return extension('2.5.29.30', sequence(...list(0, permitted), ...list(1, excluded)), isCritical);
}

describe('policies (sections 6.1.2 to 6.1.5)', () => {
  const policies = (...oids: readonly string[]): Uint8Array =>
    extension('2.5.29.32', sequence(...oids.map((one) => sequence(oid(one)))));
  const mappings = (...pairs: readonly (readonly [string, string])[]): Uint8Array =>
    extension('2.5.29.33', sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))), true);
  const explicitPolicy = (skip: number): Uint8Array =>
    extension('2.5.29.36', sequence(implicit(0, Uint8Array.of(skip))), true);
  const inhibitMapping = (skip: number): Uint8Array =>
    extension('2.5.29.36', sequence(implicit(0, Uint8Array.of(0)), implicit(1, Uint8Array.of(skip))), true);
  const inhibitAny = (skip: number): Uint8Array => extension('2.5.29.54', integer(skip), true);
  const ANY = '2.5.29.32.0';
  const upper = entity('Upper');
  const outcome = async (top: readonly Uint8Array[], middle: readonly Uint8Array[], low: readonly Uint8Array[]) => {
    const result = await validate({
      target: server(MAIL, ISSUING, { add: low }),
      intermediates: [authority(ISSUING, upper, { add: middle }), authority(upper, ROOT, { add: top })],
      anchors: [anchor(root)],
    });
    return result.outcome === 'valid' ? 'valid' : errorCodes(result).join();
  };

  it.each([
    ['none, none asked for', [], [], [], 'valid'],
    ['different ones, none asked for', [policies('1.2.3')], [policies('1.2.4')], [], 'valid'],
    [
      'one throughout, asked for',
      [policies('1.2.3'), explicitPolicy(0)],
      [policies('1.2.3')],
      [policies('1.2.3')],
      'valid',
    ],
    ['one that ends, asked for', [policies('1.2.3'), explicitPolicy(0)], [policies('1.2.3')], [], 'policy-required'],
    [
      'another, asked for',
      [policies('1.2.3'), explicitPolicy(0)],
      [policies('1.2.4')],
      [policies('1.2.4')],
      'policy-required',
    ],
    ['asked for behind the target', [explicitPolicy(3)], [], [], 'valid'],
    ['asked for from the target on', [explicitPolicy(2)], [], [], 'policy-required'],
    ['asked for by the target itself', [], [], [explicitPolicy(0)], 'policy-required'],
    ['any policy below one', [policies('1.2.3'), explicitPolicy(0)], [policies(ANY)], [policies('1.2.3')], 'valid'],
    [
      'any policy inhibited',
      [policies('1.2.3'), explicitPolicy(0), inhibitAny(0)],
      [policies(ANY)],
      [policies('1.2.3')],
      'policy-required',
    ],
    [
      'mapped',
      [policies('1.2.3'), explicitPolicy(0), mappings(['1.2.3', '1.2.9'])],
      [policies('1.2.9')],
      [policies('1.2.9')],
      'valid',
    ],
    [
      'mapped away',
      [policies('1.2.3'), explicitPolicy(0), mappings(['1.2.3', '1.2.9'])],
      [policies('1.2.3')],
      [policies('1.2.3')],
      'policy-required',
    ],
    [
      'mapping inhibited',
      [policies('1.2.3'), inhibitMapping(0)],
      [policies('1.2.3'), mappings(['1.2.3', '1.2.9'])],
      [policies('1.2.9')],
      'policy-required',
    ],
  ])('%s', async (_, top, middle, low, expected) => {
    expect(await outcome(top, middle, low)).toBe(expected);
  });

  it('a bomb of mappings, exponential in a tree, ends', async () => {
    const oids = Array.from({ length: 200 }, (_, i) => `1.2.3.${i}`);
    const bomb = [
      policies(...oids),
      mappings(...oids.flatMap((from) => oids.slice(0, 40).map((to) => [from, to] as const))),
    ];
    const authorities = Array.from({ length: 10 }, (_, i) => entity(`P${i}`));
    const intermediates = authorities.map((one, i) =>
      authority(one, i === 0 ? ROOT : authorities[i - 1], { add: i === 0 ? [...bomb, explicitPolicy(0)] : bomb }),
    );
    const target = server(MAIL, authorities[9], {});
    const result = await validate({ target, intermediates, anchors: [anchor(root)] });
    expect(errorCodes(result)).toEqual(['policy-required']);
  });
});

describe('hostile input is bounded', () => {
  it('a thousand authorities of one name and different keys', async () => {
    const keys = Array.from({ length: 40 }, () => entity('X'));
    const intermediates = Array.from({ length: 1000 }, (_, i) =>
      authority(keys[i % 40], keys[Math.floor(i / 40) % 40], {
        replace: { authorityKeyIdentifier: null, subjectKeyIdentifier: null },
      }),
    );
    const given = request({
      target: server(MAIL, keys[0]),
      intermediates: [...intermediates, authority(keys[39], entity('Root'))],
      anchors: [anchor(root)],
    });
    const result = await validatePath(given);
    expect(result.outcome).not.toBe('valid');
    expect(result.signaturesChecked).toBeLessThanOrEqual(LIMITS.pathSignatures);
  });

  it('a thousand certificates that cross-sign one another, with an anchor that forbids the name', async () => {
    const authorities = Array.from({ length: 32 }, (_, i) => entity(`X${i}`));
    const intermediates = authorities.flatMap((one) =>
      authorities.filter((other) => other !== one).map((other) => authority(one, other)),
    );
    const strict = authority(ROOT, ROOT, { add: [nameConstraints([dns('other.example')], [])] });
    const result = await validate({
      target: server(MAIL, authorities[0]),
      intermediates: [...intermediates, ...authorities.map((one) => authority(one, ROOT))],
      anchors: [anchor(strict)],
    });
    expect(result.outcome).toBe('undetermined');
    expect(errorCodes(result)).toContain('budget-spent');
    expect(result.signaturesChecked).toBeLessThanOrEqual(LIMITS.pathSignatures);
  });

  it('the same, without an anchor in reach, costs no signature before it is refused', async () => {
    const authorities = Array.from({ length: 32 }, (_, i) => entity(`X${i}`));
    const intermediates = authorities.flatMap((one) =>
      authorities.filter((other) => other !== one).map((other) => authority(one, other)),
    );
    const result = await validate({ target: server(MAIL, authorities[0]), intermediates, anchors: [anchor(root)] });
    expect(result.outcome).toBe('invalid');
    expect(errorCodes(result)).not.toEqual([]);
  });

  it('a chain longer than the limit', async () => {
    const authorities = Array.from({ length: 60 }, (_, i) => entity(`L${i}`));
    const intermediates = authorities.map((one, i) => authority(one, authorities[i + 1] ?? ROOT));
    const result = await validate({ target: server(MAIL, authorities[0]), intermediates, anchors: [anchor(root)] });
    expect(result.outcome).toBe('invalid');
    expect(errorCodes(result)).toEqual(['path-too-long']);
    expect(result.path.length).toBeLessThanOrEqual(LIMITS.pathCertificates);
  });

  it('more comparisons of names and constraints than the budget allows', async () => {
    const many = (prefix: string): Uint8Array[] => Array.from({ length: 1500 }, (_, i) => dns(`${prefix}${i}.example`));
    const result = await chain({
      issuing: { add: [nameConstraints([], many('c'))] },
      mail: { replace: { subjectAltName: subjectAltName(many('n')) } },
    });
    expect(result.outcome).toBe('undetermined');
    expect(errorCodes(result)).toContain('name-constraints-too-many');
  });

  it('findings of one rule are few, however often it is broken', async () => {
    const result = await chain({ mail: { dnsNames: Array.from({ length: 500 }, (_, i) => `a_${i}.example`) } });
    expect(result.findings.length).toBeLessThan(50);
  });
});

describe('name constraints (section 4.2.1.10)', () => {
  const ip = (text: string): Uint8Array => implicit(7, hex(text));
  const mailbox = (text: string): Uint8Array => implicit(1, latin1(text));
  const uri = (text: string): Uint8Array => implicit(6, latin1(text));
  const dir = (...attributes: readonly Uint8Array[]): Uint8Array => explicit(4, name(...attributes));
  const upn = (text: string): Uint8Array => explicit(0, oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, utf8(text)));
  const registered = implicit(8, hex('2a0304'));
  type Row = readonly [
    what: string,
    permitted: readonly Uint8Array[],
    excluded: readonly Uint8Array[],
    names: readonly Uint8Array[],
    code: string | null,
  ];
  const V = 'name-constraint-violated';
  const rows: readonly Row[] = [
    ['dNSName: the host itself', [dns('example.com')], [], [dns('example.com')], null],
    ['dNSName: below it, in other case', [dns('EXAMPLE.com')], [], [dns('a.b.Example.COM')], null],
    ['dNSName: a name that only ends alike', [dns('example.com')], [], [dns('notexample.com')], V],
    ['dNSName: the second of two', [dns('example.com')], [], [dns('example.com'), dns('example.org')], V],
    ['dNSName: excluded beats permitted', [dns('example.com')], [dns('a.example.com')], [dns('b.a.example.com')], V],
    ['dNSName: a leading dot means below', [dns('.example.com')], [], [dns('a.example.com')], null],
    ['dNSName: a leading dot leaves out the host', [dns('.example.com')], [], [dns('example.com')], V],
    ['dNSName: the empty constraint excludes all', [], [dns('')], [dns('example.com')], V],
    ['dNSName: a wildcard within', [dns('example.com')], [], [dns('*.example.com')], null],
    ['dNSName: a wildcard that may match an excluded host', [], [dns('bar.example.com')], [dns('*.example.com')], V],
    ['dNSName: a wildcard that cannot', [], [dns('x.bar.example.com')], [dns('*.example.com')], null],
    ['dNSName: a wildcard that may leave the permitted', [dns('foo.example.com')], [], [dns('*.example.com')], V],
    ['dNSName: a malformed name', [dns('example.com')], [], [dns('a..example.com')], V],
    ['dNSName: a malformed constraint', [], [dns('*.example.com')], [dns('example.org')], 'name-constraint-malformed'],
    ['another form is not touched', [ip('c0000200ffffff00')], [], [dns('example.com')], null],
    ['iPAddress: within', [ip('c0000200ffffff00')], [], [ip('c0000201')], null],
    ['iPAddress: outside', [ip('c0000200ffffff00')], [], [ip('c0000301')], V],
    ['iPAddress: excluded', [], [ip('c0000200ffffff00')], [ip('c00002ff')], V],
    ['iPAddress: version 6 where 4 is permitted', [ip('c0000200ffffff00')], [], [ip(`20010db8${'00'.repeat(12)}`)], V],
    ['iPAddress: a constraint without mask', [ip('c0000200')], [], [ip('c0000201')], 'name-constraint-malformed'],
    ['rfc822Name: one mailbox', [mailbox('a@example.com')], [], [mailbox('a@EXAMPLE.com')], null],
    ['rfc822Name: the local part has case', [mailbox('a@example.com')], [], [mailbox('A@example.com')], V],
    ['rfc822Name: a host', [mailbox('example.com')], [], [mailbox('a@example.com')], null],
    ['rfc822Name: a host is not the hosts below', [mailbox('example.com')], [], [mailbox('a@b.example.com')], V],
    ['rfc822Name: the hosts below', [mailbox('.example.com')], [], [mailbox('a@b.example.com')], null],
    ['rfc822Name: quoted', [mailbox('example.com')], [], [mailbox('"a@b"@example.com')], null],
    ['rfc822Name: malformed', [mailbox('example.com')], [], [mailbox('a@b@example.com')], V],
    ['URI: a host', [uri('example.com')], [], [uri('https://u@example.com:8443/x@y')], null],
    ['URI: a host below', [uri('.example.com')], [], [uri('ldap://a.example.com')], null],
    ['URI: another host', [uri('example.com')], [], [uri('https://a.example.com/')], V],
    ['URI: an address for a host', [uri('example.com')], [], [uri('https://192.0.2.1/')], V],
    ['URI: without a host', [], [uri('example.com')], [uri('urn:isbn:1')], V],
    [
      'directoryName in the alternative names',
      [dir(attribute('2.5.4.10', 'X')), dir(attribute('2.5.4.3', 'mail.example.com'))],
      [],
      [dir(attribute('2.5.4.10', 'x'), attribute('2.5.4.3', 'y'))],
      null,
    ],
    ['directoryName: the subject', [dir(attribute('2.5.4.10', 'X'))], [], [], V],
    ['directoryName: excluded subject, prepared', [], [dir(attribute('2.5.4.3', 'MAIL.example.com'))], [], V],
    ['directoryName: the empty name permits all', [dir()], [], [], null],
    [
      'otherName where other names are constrained',
      [upn('x')],
      [],
      [upn('user@example.com')],
      'name-constraint-unsupported',
    ],
    ['otherName constrained, none there', [upn('x')], [], [dns('example.com')], null],
    ['registeredID excluded', [], [registered], [registered], 'name-constraint-unsupported'],
  ];

  it.each(rows)('%s', async (_, permitted, excluded, names, code) => {
    const result = await chain({
      issuing: { add: [nameConstraints(permitted, excluded)] },
      mail: { replace: { subjectAltName: names.length === 0 ? null : subjectAltName(names) } },
    });
    expect(errorCodes(result)).toEqual(code === null ? [] : [code]);
    expect(result.outcome).toBe(code === null ? 'valid' : 'invalid');
  });

  it('constraints of a form without rules that are not critical are passed over', async () => {
    const result = await chain({
      issuing: { add: [nameConstraints([upn('x')], [], false)] },
      mail: { replace: { subjectAltName: subjectAltName([upn('user')]) } },
    });
    expect(result.outcome).toBe('valid');
  });

  it('a mail address in the subject counts where no alternative name has one', async () => {
    const subject = name(attribute('1.2.840.113549.1.9.1', Uint8Array.of(0x16, 13, ...latin1('a@example.org'))));
    const constrained = { add: [nameConstraints([mailbox('example.com')], [])] };
    const alone = await chain({ issuing: constrained, mail: { parts: { subject } } });
    expect(errorCodes(alone)).toEqual([V]);
    const names = subjectAltName([mailbox('a@example.com')]);
    const beside = await chain({
      issuing: constrained,
      mail: { parts: { subject }, replace: { subjectAltName: names } },
    });
    expect(beside.outcome).toBe('valid');
  });

  it('all authorities above count, and intermediates are named as well', async () => {
    const upper = entity('Upper');
    const run = (top: readonly Uint8Array[], below: CertificateOptions = {}): Promise<PathResult> =>
      validate({
        target: mail,
        intermediates: [authority(ISSUING, upper, below), authority(upper, ROOT, { add: [nameConstraints(top, [])] })],
        anchors: [anchor(root)],
      });
    expect((await run([dns('example.com')])).outcome).toBe('valid');
    expect((await run([dns('example.com')], { add: [nameConstraints([dns('example.org')], [])] })).outcome).toBe(
      'invalid',
    );
    expect(
      (await run([dns('example.com')], { replace: { subjectAltName: subjectAltName([dns('example.org')]) } })).outcome,
    ).toBe('invalid');
    expect((await run([dns('example.org')])).outcome).toBe('invalid');
  });

  it('self-issued certificates are passed over unless they are the target', async () => {
    const rollover = entity('Root');
    const constrained = anchor(authority(ROOT, ROOT, { add: [nameConstraints([dns('example.com')], [])] }));
    const named = { replace: { subjectAltName: subjectAltName([dns('example.org')]) } };
    const between = await validate({
      target: server(MAIL, rollover),
      intermediates: [authority(rollover, ROOT, named)],
      anchors: [constrained],
    });
    expect(between.outcome).toBe('valid');
    const target = await validate({ target: authority(rollover, ROOT, named), anchors: [constrained], purpose: 'any' });
    expect(errorCodes(target)).toEqual([V]);
  });
});
