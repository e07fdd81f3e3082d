import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RevocationResult } from '../../shared/x509/path/model.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { readCertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { type OcspResponse, readOcspResponse } from '../../shared/x509/revocation/ocsp-response.ts';
import { ocspRevocation } from '../../shared/x509/revocation/ocsp-revocation.ts';
import { type RevocationSources, revocationCheck } from '../../shared/x509/revocation/revocation-check.ts';
import {
  basicConstraints,
  commonName,
  type IssueOptions,
  keyUsage,
  type OcspOptions,
  responderByKey,
  revoked,
  revokedStatus,
  seconds,
  TestAuthority,
  UNKNOWN,
  verifyWithNode,
} from '../support/authority.ts';
import { element, explicit, extension, integer, oid, sequence } from '../support/der.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const AT = '2020-01-05T00:00:00Z';
const OPTIONS = {
  verifySignature: verifyWithNode,
  profile: 'path',
  algorithms: { sha1: false, minimumRsaBits: 2048 },
} as const;

const root = TestAuthority.root('Root');
const issuing = root.subordinate('Issuing');
const mail = issuing.issue('mail.example', { serial: 77 });

function response(der: Uint8Array): OcspResponse {
  const reading = readOcspResponse(der);
  if (reading.kind !== 'response') throw new Error(JSON.stringify(reading));
  return reading.response;
}

function check(options: OcspOptions = {}, at = AT): Promise<RevocationResult> {
  const der = issuing.ocsp(mail.certificate, options);
  return ocspRevocation(response(der), mail.certificate, issuing.certificate, seconds(at), OPTIONS);
}

const OCSP_SIGNING = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.9')));
const NO_CHECK = extension('1.3.6.1.5.5.7.48.1.5', element(0x05));

describe('reading an OCSP response (RFC 6960 section 4.2)', () => {
  it('gives all fields', () => {
    const read = response(
      issuing.ocsp(mail.certificate, { status: revokedStatus('2020-01-02T00:00:00Z', 4), hash: 'sha256' }),
    );
    expect(read).toMatchObject({
      responder: { kind: 'name', name: { text: 'CN=Issuing' } },
      producedAt: { iso: '2020-01-01T00:00:00Z' },
      responses: [
        {
          certificate: { hashOid: '2.16.840.1.101.3.4.2.1', serialNumberBytes: Uint8Array.of(77) },
          status: { kind: 'revoked', at: { iso: '2020-01-02T00:00:00Z' }, reason: 'superseded' },
          nextUpdate: { iso: '2020-01-08T00:00:00Z' },
        },
      ],
      certificates: [],
      encodingProblems: [],
    });
  });

  it.each([
    [1, 'malformedRequest'],
    [3, 'tryLater'],
    [6, 'unauthorized'],
    [4, 'unknown'],
    [99, 'unknown'],
  ])('of the status %i is refused as %s', (code, status) => {
    expect(readOcspResponse(sequence(element(0x0a, Uint8Array.of(code))))).toEqual({ kind: 'refused', status });
  });

  it('that is successful and empty, of another type, or cut is unreadable', () => {
    const problem = (der: Uint8Array): unknown => {
      const reading = readOcspResponse(der);
      return reading.kind === 'unreadable' ? reading.problem.code : reading.kind;
    };
    const success = element(0x0a, Uint8Array.of(0));
    expect(problem(sequence(success))).toBe('ocsp-response-empty');
    expect(problem(sequence(success, explicit(0, sequence(oid('1.2.3'), element(0x04)))))).toBe('ocsp-response-type');
    const whole = issuing.ocsp(mail.certificate);
    for (let length = 0; length < whole.length; length++)
      expect(readOcspResponse(whole.subarray(0, length)).kind).toBe('unreadable');
    expect(problem(new Uint8Array(70_000))).toBe('ocsp-response-too-large');
  });
});

describe('one certificate', () => {
  it.each<[string, OcspOptions]>([
    ['with SHA-1 hashes', {}],
    ['with SHA-256 hashes', { hash: 'sha256' }],
    ['by a responder named by its key', { responder: responderByKey(issuing.certificate) }],
  ])('is good, %s', async (_, options) => {
    const result = await check(options);
    expect(result).toMatchObject({ status: 'good', findings: [{ code: 'ocsp-good', severity: 'note' }] });
  });

  it('is revoked with reason and date', async () => {
    const result = await check({ status: revokedStatus('2020-01-02T00:00:00Z', 1) });
    expect(result).toMatchObject({ status: 'revoked', findings: [{ code: 'certificate-revoked', severity: 'error' }] });
    expect(result.findings[0].message).toContain('CN=mail.example was revoked on 2020-01-02T00:00:00Z (keyCompromise)');
  });

  it('that was revoked since stays revoked when the response has ended', async () => {
    expect((await check({ status: revokedStatus('2020-01-02T00:00:00Z') }, '2021-01-01T00:00:00Z')).status).toBe(
      'revoked',
    );
  });

  const foreign = TestAuthority.root('Issuing');
  it.each<[string, OcspOptions, string]>([
    ['revoked later', { status: revokedStatus('2020-01-06T00:00:00Z') }, 'revoked-later'],
    ['unknown to the responder', { status: UNKNOWN }, 'ocsp-unknown'],
    ['about another serial number', { serial: integer(78) }, 'ocsp-other-certificate'],
    ['begun later', { thisUpdate: '2020-01-06T00:00:00Z' }, 'ocsp-not-current'],
    ['ended', { nextUpdate: '2020-01-04T00:00:00Z' }, 'ocsp-not-current'],
    ['without an end', { nextUpdate: null }, 'ocsp-not-current'],
    ['signed by another key', { signer: foreign.issued.key }, 'ocsp-not-authentic'],
    ['by a responder that is not there', { responder: explicit(1, commonName('Somebody')) }, 'ocsp-not-authentic'],
    [
      'with an unknown critical extension',
      { singleExtensions: [extension('1.2.3.4', integer(1), true)] },
      'ocsp-critical-extension',
    ],
  ])('stays unknown: %s', async (_, options, code) => {
    expect(await check(options)).toMatchObject({ status: 'unknown', findings: [{ code, severity: 'warning' }] });
  });

  it('is not what a response about the same serial number of another issuer speaks of', async () => {
    const der = foreign.ocsp(mail.certificate);
    const result = await ocspRevocation(response(der), mail.certificate, issuing.certificate, seconds(AT), OPTIONS);
    expect(result.findings[0].code).toBe('ocsp-other-certificate');
  });
});

describe('a delegated responder (RFC 6960 section 4.2.2.2)', () => {
  const delegated = async (options: IssueOptions, by = issuing): Promise<RevocationResult> => {
    const responder = by.issue('Responder', options);
    const { der, key, certificate } = responder;
    return check({ responder: responderByKey(certificate), certs: [der], signer: key });
  };

  it('that the issuer certified for OCSP signing is believed', async () => {
    expect(
      (await delegated({ extensions: [OCSP_SIGNING, NO_CHECK, keyUsage(0), basicConstraints(false)] })).status,
    ).toBe('good');
  });

  it.each<[string, IssueOptions, TestAuthority, RegExp]>([
    ['without the key purpose', {}, issuing, /not for OCSP signing/],
    ['of another issuer', { extensions: [OCSP_SIGNING] }, root, /another issuer certified/],
    [
      'of another issuer of the same name',
      { extensions: [OCSP_SIGNING] },
      TestAuthority.root('Issuing'),
      /did not sign/,
    ],
    ['that may not sign', { extensions: [OCSP_SIGNING, keyUsage(2)] }, issuing, /key usage does not allow/],
    [
      'that has ended',
      { extensions: [OCSP_SIGNING], notAfter: '2020-01-04T00:00:00Z' },
      issuing,
      /not valid at this time/,
    ],
    [
      'with a critical extension',
      { extensions: [OCSP_SIGNING, extension('1.2.3.4', integer(1), true)] },
      issuing,
      /critical extension/,
    ],
  ])('%s is not', async (_, options, by, message) => {
    const result = await delegated(options, by);
    expect(result.status).toBe('unknown');
    expect(result.findings[0].message).toMatch(message);
  });
});

describe('all sources together', () => {
  const path = [mail.certificate, issuing.certificate, root.certificate];
  const list = (der: Uint8Array): RevocationSources['lists'] => {
    const reading = readCertificateList(der);
    return reading.kind === 'list' ? [reading.list] : [];
  };
  const together = async (sources: Partial<RevocationSources>): Promise<readonly string[]> => {
    const result = await revocationCheck({ lists: [], staple: null, required: false, ...OPTIONS, ...sources })(
      path,
      seconds(AT),
    );
    return [result.status, ...result.findings.map(({ code, severity }) => `${severity} ${code}`)];
  };
  const good = readOcspResponse(issuing.ocsp(mail.certificate));
  const bad = readOcspResponse(issuing.ocsp(mail.certificate, { status: revokedStatus('2020-01-02T00:00:00Z') }));
  const allLists = [...list(root.crl()), ...list(issuing.crl())];

  it.each<[string, Partial<RevocationSources>, readonly string[]]>([
    ['nothing is unknown, and said', {}, ['unknown', 'note revocation-unknown']],
    ['nothing is an error where certainty is required', { required: true }, ['unknown', 'error revocation-unknown']],
    [
      'a good staple leaves the intermediate',
      { staple: good },
      ['unknown', 'note ocsp-good', 'note revocation-unknown'],
    ],
    ['a staple that revokes', { staple: bad }, ['revoked', 'error certificate-revoked']],
    [
      'a staple that is an error',
      { staple: readOcspResponse(sequence(element(0x0a, Uint8Array.of(3)))) },
      ['unknown', 'warning ocsp-refused', 'note revocation-unknown'],
    ],
    [
      'a staple that cannot be read',
      { staple: readOcspResponse(new Uint8Array(1)) },
      ['unknown', 'warning ocsp-unreadable', 'note revocation-unknown'],
    ],
    ['CRLs for all', { lists: allLists, required: true }, ['good']],
    [
      'CRLs for all and a staple that revokes',
      { lists: allLists, staple: bad },
      ['revoked', 'error certificate-revoked'],
    ],
    [
      'CRLs for some fail',
      { lists: list(root.crl()), staple: good },
      ['unknown', 'error revocation-not-covered', 'note ocsp-good'],
    ],
    [
      'CRLs that revoke, against a good staple',
      { lists: list(issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z')] })), staple: good },
      ['revoked', 'error certificate-revoked', 'error revocation-not-covered', 'note ocsp-good'],
    ],
  ])('%s', async (_, sources, expected) => expect(await together(sources)).toEqual(expected));

  it('a path of the anchor alone has nothing that could be revoked', async () => {
    const sources = { lists: [], staple: null, required: true, ...OPTIONS };
    expect(await revocationCheck(sources)([root.certificate], seconds(AT))).toEqual({ status: 'good', findings: [] });
  });
});

describe.skipIf(!hasOpenssl)('openssl ocsp as a witness', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starttrace-ocsp-'));
    const file = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text);
    file('ca.pem', writePem(issuing.issued.der));
    file('root.pem', writePem(root.issued.der));
    file('ca.key', issuing.issued.key.export({ format: 'pem', type: 'pkcs8' }));
    file('mail.pem', writePem(mail.der));
    file('index.txt', 'R\t350101000000Z\t240102030405Z,keyCompromise\t4D\tunknown\t/CN=mail.example\n');
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    openssl('ocsp', '-issuer', 'ca.pem', '-cert', 'mail.pem', '-reqout', 'request.der');
    openssl(
      ...['ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key'],
      ...['-reqin', 'request.der', '-respout', 'response.der', '-ndays', '7'],
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('its response is read and verified', async () => {
    const read = response(readFileSync(join(folder, 'response.der')));
    const at = read.producedAt.epochSeconds + 60;
    expect(await ocspRevocation(read, mail.certificate, issuing.certificate, at, OPTIONS)).toMatchObject({
      status: 'revoked',
      findings: [{ message: expect.stringContaining('2024-01-02T03:04:05Z (keyCompromise)') }],
    });
  });

  it('it verifies our own responses', () => {
    writeFileSync(join(folder, 'ours.der'), issuing.ocsp(mail.certificate));
    const output = execFileSync(
      'openssl',
      [
        ...['ocsp', '-respin', 'ours.der', '-issuer', 'ca.pem', '-cert', 'mail.pem', '-CAfile', 'root.pem'],
        ...['-verify_other', 'ca.pem', '-no_nonce', '-validity_period', '999999999', '-attime', String(seconds(AT))],
      ],
      { cwd: folder, encoding: 'utf8', stdio: 'pipe' },
    );
    expect(output).toContain('mail.pem: good');
  });
});
