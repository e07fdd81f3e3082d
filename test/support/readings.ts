/** Readings of certificates as tests want them: the certificate, or a failure that says why there is none. */
import type { Problem } from '../../shared/bytes/problem.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';

export function read(der: Uint8Array): X509Certificate {
  const reading = readCertificate(der);
  if (reading.kind === 'unreadable') throw new Error(`${reading.problem.code}: ${reading.problem.message}`);
  return reading.certificate;
}

export function damage(der: Uint8Array): Problem {
  const reading = readCertificate(der);
  if (reading.kind === 'certificate') throw new Error(`readable: ${reading.certificate.subject.text}`);
  return reading.problem;
}

/** The codes of the encoding problems. */
export function laxness(der: Uint8Array): readonly string[] {
  return read(der).encodingProblems.map((problem) => problem.code);
}
