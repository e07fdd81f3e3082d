import type { CertificateFormat } from '../../shared/contract/operations.ts';
import { readCertificate } from '../../shared/x509/certificate.ts';
import { commonNames } from '../../shared/x509/names.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { writePkcs7 } from '../../shared/x509/pkcs7.ts';
import { ApplicationFailure } from './application-failure.ts';

/** Certificates, given as DER, as a file: PEM with one block each, DER of one, or a .p7b of all. */
export function certificatesFile(
  certificates: readonly Uint8Array[],
  format: CertificateFormat,
): { readonly fileName: string; readonly bytes: Uint8Array } {
  const stem = fileStem(certificates[0]);
  switch (format) {
    case 'pem':
      return {
        fileName: `${stem}.pem`,
        bytes: new TextEncoder().encode(certificates.map((der) => writePem(der)).join('')),
      };
    case 'p7b':
      return { fileName: `${stem}.p7b`, bytes: writePkcs7(certificates) };
    case 'der':
      if (certificates.length === 1) return { fileName: `${stem}.cer`, bytes: certificates[0] };
      throw new ApplicationFailure(
        'one-certificate-only',
        'A DER file holds one certificate. Save several as PEM or .p7b.',
      );
  }
}

/** A name that every file system takes, whatever stands in the certificate. */
function fileStem(der: Uint8Array | undefined): string {
  const reading = der ? readCertificate(der) : null;
  const name = reading?.kind === 'certificate' ? (commonNames(reading.certificate.subject)[0] ?? '') : '';
  const safe = name
    .replace(/^\*\./, 'wildcard.')
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return safe.slice(0, 100) || 'certificates';
}
