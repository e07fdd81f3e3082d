/** Signed certificate timestamps that are embedded in a certificate (RFC 6962 section 3.2). */
import { calendarTime, formatCalendarTime } from '../../bytes/calendar.ts';
import { toHex } from '../../bytes/hex.ts';
import type { X509Certificate } from '../certificate.ts';
import type { Finding } from '../path/model.ts';

export type TimestampReading =
  | { readonly kind: 'timestamp'; readonly timestamp: SignedCertificateTimestamp }
  /** A version that is not known: what follows it has no known form. */
  | { readonly kind: 'unknown-version'; readonly version: number }
  | { readonly kind: 'malformed' };

export interface SignedCertificateTimestamp {
  /** SHA-256 of the log's key: lower-case hex. */
  readonly logId: string;
  /** Milliseconds since 1970. */
  readonly milliseconds: number;
  /** ISO 8601 in UTC, with three fractional digits. */
  readonly iso: string;
  readonly extensions: Uint8Array;
  /** TLS numbers (RFC 5246 section 7.4.1.4.1): logs use SHA-256 (4) with ECDSA (3) or RSA (1). */
  readonly hashAlgorithm: number;
  readonly signatureAlgorithm: number;
  readonly signature: Uint8Array;
}

/** version, log id, timestamp, and the length of the extensions. */
const FIXED_OCTETS = 1 + 32 + 8 + 2;
/** hash, signature algorithm, and the length of the signature. */
const SIGNATURE_HEAD = 4;

/** Reads one SerializedSCT, as `known.signedCertificateTimestamps` of a certificate has it. */
export function readTimestamp(bytes: Uint8Array): TimestampReading {
  if (bytes.length === 0) return { kind: 'malformed' };
  if (bytes[0] !== 0) return { kind: 'unknown-version', version: bytes[0] };
  if (bytes.length < FIXED_OCTETS) return { kind: 'malformed' };
  const uint16 = (at: number): number => bytes[at] * 256 + bytes[at + 1];
  let milliseconds = 0;
  for (let at = 33; at < 41; at++) milliseconds = milliseconds * 256 + bytes[at];
  const extensionsEnd = FIXED_OCTETS + uint16(41);
  const signatureStart = extensionsEnd + SIGNATURE_HEAD;
  if (signatureStart > bytes.length) return { kind: 'malformed' };
  if (signatureStart + uint16(extensionsEnd + 2) !== bytes.length || milliseconds > LAST_MILLISECOND) {
    return { kind: 'malformed' };
  }
  return {
    kind: 'timestamp',
    timestamp: {
      logId: toHex(bytes, 1, 33),
      milliseconds,
      iso: isoOf(milliseconds),
      extensions: bytes.subarray(FIXED_OCTETS, extensionsEnd),
      hashAlgorithm: bytes[extensionsEnd],
      signatureAlgorithm: bytes[extensionsEnd + 1],
      signature: bytes.subarray(signatureStart),
    },
  };
}

/** 9999-12-31T23:59:59.999Z: later ones are no times. */
const LAST_MILLISECOND = 253_402_300_799_999;

function isoOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${formatCalendarTime(calendarTime(seconds))}.${String(milliseconds % 1000).padStart(3, '0')}Z`;
}

/** Logs take certificates that were signed up to a day ago in other time zones; CAs date back an hour or more. */
const TOLERANCE_SECONDS = 48 * 3600;

/**
 * What can be said of a certificate's timestamps without the logs' keys, which are not part of this program: their
 * form and their times. That the signatures were not checked is said once. Nothing where there are none.
 */
export function timestampFindings(certificate: X509Certificate, at: number): readonly Finding[] {
  const { signedCertificateTimestamps } = certificate.known;
  if (signedCertificateTimestamps.kind !== 'present') return [];
  const findings: Finding[] = [];
  const warn = (code: string, message: string, rule: string): void => {
    findings.push({ code, severity: 'warning', profile: null, certificate: certificate.sha256, message, rule });
  };
  const readings = signedCertificateTimestamps.value.map(readTimestamp);
  const logs = new Set<string>();
  for (const reading of readings) {
    switch (reading.kind) {
      case 'malformed':
        warn('timestamp-malformed', 'An embedded certificate timestamp cannot be read.', 'RFC 6962 section 3.2');
        break;
      case 'unknown-version': {
        const message = `An embedded certificate timestamp is of version ${reading.version + 1}, which is not known.`;
        warn('timestamp-version', message, 'RFC 6962 section 3.2');
        break;
      }
      case 'timestamp': {
        const { iso, milliseconds, logId } = reading.timestamp;
        logs.add(logId);
        const seconds = milliseconds / 1000;
        if (seconds > at) {
          const message = `A log's timestamp, ${iso}, is later than the time of this check.`;
          warn('timestamp-later', message, 'RFC 6962 section 5.2');
        }
        if (seconds < certificate.notBefore.epochSeconds - TOLERANCE_SECONDS) {
          const message = `A log's timestamp, ${iso}, is earlier than the certificate, ${certificate.notBefore.iso}.`;
          warn('timestamp-before-certificate', message, 'RFC 6962 section 3.2');
        } else if (seconds > certificate.notAfter.epochSeconds) {
          const message = `A log's timestamp, ${iso}, is later than the certificate's end, ${certificate.notAfter.iso}.`;
          warn('timestamp-after-certificate', message, 'RFC 6962 section 3.2');
        }
        break;
      }
    }
  }
  const count = readings.length;
  const message =
    `The certificate carries ${count} ${count === 1 ? 'timestamp' : 'timestamps'} of ${logs.size} ` +
    `${logs.size === 1 ? 'log' : 'logs'}; their signatures were not checked, for want of the logs' keys.`;
  const about = { certificate: certificate.sha256, rule: 'RFC 6962 section 3.2', profile: null } as const;
  return [...findings, { code: 'timestamps-not-verified', severity: 'note', message, ...about }];
}
