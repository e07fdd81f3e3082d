import { describe, expect, it } from 'vitest';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { readTimestamp, timestampFindings } from '../../shared/x509/revocation/timestamps.ts';
import { seconds } from '../support/authority.ts';
import { type Bytes, bytes, certificate, extension, octetString } from '../support/der.ts';

const LOG = new Uint8Array(32).fill(0xab);

function uint(value: number, octets: number): Bytes {
  return Uint8Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** (octets - 1 - i)) % 256);
}

function timestamp(iso: string, { version = 0, extensions = new Uint8Array(0) } = {}): Bytes {
  const signature = Uint8Array.of(1, 2, 3);
  const head = bytes(version, LOG, uint(Date.parse(iso), 8), uint(extensions.length, 2), extensions);
  return bytes(head, 4, 3, uint(signature.length, 2), signature);
}

function certificateWith(...timestamps: readonly Uint8Array[]): X509Certificate {
  const list = bytes(...timestamps.map((one) => bytes(uint(one.length, 2), one)));
  const value = octetString(uint(list.length, 2), list);
  const reading = readCertificate(certificate({ extensions: [extension('1.3.6.1.4.1.11129.2.4.2', value)] }));
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.certificate;
}

const codes = (subject: X509Certificate, at = '2015-01-01T00:00:00Z'): string[] =>
  timestampFindings(subject, seconds(at)).map(({ code }) => code);

describe('a SignedCertificateTimestamp (RFC 6962 section 3.2)', () => {
  it('is read with log, time, extensions and algorithm', () => {
    expect(readTimestamp(timestamp('2014-09-03T10:02:11.042Z', { extensions: Uint8Array.of(9) }))).toEqual({
      kind: 'timestamp',
      timestamp: {
        logId: 'ab'.repeat(32),
        milliseconds: Date.parse('2014-09-03T10:02:11.042Z'),
        iso: '2014-09-03T10:02:11.042Z',
        extensions: Uint8Array.of(9),
        hashAlgorithm: 4,
        signatureAlgorithm: 3,
        signature: Uint8Array.of(1, 2, 3),
      },
    });
  });

  it('of another version, cut, too long, or of no time is told apart', () => {
    const whole = timestamp('2014-09-03T10:02:11Z');
    expect(readTimestamp(timestamp('2014-09-03T10:02:11Z', { version: 1 }))).toEqual({
      kind: 'unknown-version',
      version: 1,
    });
    for (let length = 0; length < whole.length; length++) {
      expect(readTimestamp(whole.subarray(0, length)).kind).toBe('malformed');
    }
    expect(readTimestamp(bytes(whole, 0)).kind).toBe('malformed');
    expect(readTimestamp(bytes(0, LOG, new Uint8Array(8).fill(0xff), 0, 0, 4, 3, 0, 0)).kind).toBe('malformed');
  });
});

describe('what can be said without the keys of the logs', () => {
  it('nothing of a certificate without timestamps', () => {
    const reading = readCertificate(certificate());
    expect(reading.kind === 'certificate' && timestampFindings(reading.certificate, 0)).toEqual([]);
  });

  it('that the signatures were not checked', () => {
    const subject = certificateWith(timestamp('2014-01-02T00:00:00Z'), timestamp('2014-01-03T00:00:00Z'));
    expect(timestampFindings(subject, seconds('2015-01-01T00:00:00Z'))).toMatchObject([
      { code: 'timestamps-not-verified', severity: 'note', message: expect.stringContaining('2 timestamps of 1 log') },
    ]);
  });

  it.each<[string, Bytes, string]>([
    ['later than the check', timestamp('2015-01-02T00:00:00Z'), 'timestamp-later'],
    ['long before the certificate', timestamp('2013-12-01T00:00:00Z'), 'timestamp-before-certificate'],
    ['of another version', timestamp('2014-01-02T00:00:00Z', { version: 1 }), 'timestamp-version'],
    ['malformed', Uint8Array.of(0, 1), 'timestamp-malformed'],
  ])('that one is %s', (_, one, code) => {
    expect(codes(certificateWith(one))).toEqual([code, 'timestamps-not-verified']);
  });

  it('that one is later than the certificate', () => {
    const subject = certificateWith(timestamp('2016-02-01T00:00:00Z'));
    expect(codes(subject, '2017-01-01T00:00:00Z')).toEqual(['timestamp-after-certificate', 'timestamps-not-verified']);
  });
});
