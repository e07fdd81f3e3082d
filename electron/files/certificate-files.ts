/** Files of certificates and CRLs as administrators have them: PEM, DER, PKCS #7, recognised by what is in them. */
import { type FileHandle, open } from 'node:fs/promises';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { decodeLatin1 } from '../../shared/bytes/text.ts';
import { decodeBase64 } from '../../shared/x509/base64.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { type PemBlock, readPem } from '../../shared/x509/pem.ts';
import { readPkcs7 } from '../../shared/x509/pkcs7.ts';
import { type CertificateList, readCertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { inChainOrder } from './chain-order.ts';
import { type DerKind, kindOfDer } from './der-kind.ts';
import { openError, systemReason } from './input-error.ts';

export interface CertificateFile {
  /** In the order of the file; those of a PKCS #7 object, which has none, in the order in which a peer sends them. */
  readonly certificates: readonly X509Certificate[];
  readonly lists: readonly CertificateList[];
  /** What could not be read, and, where nothing could, what the file is and what to do. Messages begin with its name. */
  readonly problems: readonly Problem[];
}

/** Reads a file. Never rejects: what is wrong with it comes back as problems. */
export async function readCertificateFile(path: string): Promise<CertificateFile> {
  const content = await readContent(path);
  return content instanceof Uint8Array
    ? readCertificateBytes(content, path)
    : { certificates: [], lists: [], problems: [content] };
}

/** As `readCertificateFile`, of bytes that are there; `name` leads every message. */
export function readCertificateBytes(bytes: Uint8Array, name: string): CertificateFile {
  const reading = new FileReading(name);
  if (bytes.length === 0) reading.problem('empty-file', 'it is empty.');
  else if (bytes[0] === SEQUENCE) reading.der(bytes, null);
  else reading.text(bytes);
  return reading.finish();
}

const SEQUENCE = 0x30;

/** A whole file of at most `LIMITS.certificateFileBytes`, or the reason why not. Pipes and devices are read, too. */
async function readContent(path: string): Promise<Uint8Array | Problem> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    return openError(path, error).problem;
  }
  try {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const piece = new Uint8Array(PIECE_BYTES);
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
      if (length > LIMITS.certificateFileBytes) {
        const message = `${path}: it has more than ${LIMITS.certificateFileBytes} bytes, which no file of certificates has.`;
        return { code: 'certificate-file-too-large', message };
      }
      pieces.push(piece.subarray(0, bytesRead));
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, length);
  } catch (error) {
    return { code: 'cannot-open', message: `${path}: it cannot be read: ${systemReason(error)}.` };
  } finally {
    await handle.close();
  }
}

const PIECE_BYTES = 256 * 1024;

/** What to do with that which holds no certificate. */
const ADVICE: Readonly<Record<Exclude<DerKind, 'certificate' | 'certificate-list' | 'pkcs7'>, Problem>> = {
  pkcs12: {
    code: 'pkcs12-file',
    message:
      'it is a PKCS #12 (.pfx) file, which is locked with a password. Take the certificates out: openssl pkcs12 -in FILE -nokeys -out certificates.pem',
  },
  'private-key': {
    code: 'private-key-file',
    message: 'it holds a private key only. Give the certificates that belong to it; the key itself is never needed.',
  },
  'encrypted-key': {
    code: 'private-key-file',
    message:
      'it holds an encrypted private key only. Give the certificates that belong to it; the key itself is never needed.',
  },
  'certificate-request': {
    code: 'certificate-request-file',
    message:
      'it is a certificate request, which no authority has signed yet. Give the certificate that was issued for it.',
  },
  'ocsp-response': { code: 'ocsp-response-file', message: 'it is an OCSP response, not a certificate.' },
  unknown: { code: 'not-certificates', message: 'there is neither a certificate nor a CRL in it.' },
};

const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);
const LIST_LABELS: ReadonlySet<string> = new Set(['X509 CRL', 'CRL']);
const PKCS7_LABELS: ReadonlySet<string> = new Set(['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA']);
const REQUEST_LABEL = /CERTIFICATE REQUEST$/;

class FileReading {
  readonly #name: string;
  readonly #certificates: X509Certificate[] = [];
  readonly #lists: CertificateList[] = [];
  readonly #problems: Problem[] = [];
  /** What else stands in the file; it is a problem only when there is nothing to use. */
  readonly #passed: Exclude<DerKind, 'certificate' | 'certificate-list' | 'pkcs7'>[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  problem(code: string, message: string, where: string | null = null): void {
    if (this.#problems.length > LIMITS.problems) return;
    this.#problems.push({ code, message: `${this.#name}${where === null ? '' : `, ${where}`}: ${message}` });
  }

  finish(): CertificateFile {
    if (this.#certificates.length === 0 && this.#lists.length === 0 && this.#problems.length === 0) {
      const { code, message } = ADVICE[this.#passed[0] ?? 'unknown'];
      this.problem(code, message.replace('FILE', this.#name));
    }
    return { certificates: this.#certificates, lists: this.#lists, problems: this.#problems };
  }

  /** Binary content, or that of a block without a telling label. */
  der(bytes: Uint8Array, where: string | null): void {
    const kind = kindOfDer(bytes);
    switch (kind) {
      case 'certificate':
        this.certificate(bytes, where);
        break;
      case 'certificate-list':
        this.list(bytes, where);
        break;
      case 'pkcs7':
        this.pkcs7(bytes, where);
        break;
      default:
        this.#passed.push(kind);
    }
  }

  certificate(der: Uint8Array, where: string | null): void {
    const reading = readCertificate(der);
    if (reading.kind === 'certificate') this.#certificates.push(reading.certificate);
    else this.problem('certificate-unreadable', `the certificate cannot be read: ${reading.problem.message}`, where);
  }

  /** The certificates of a PKCS #7 object are a set, and sorted by their octets where it is written in DER. */
  bag(items: readonly Uint8Array[], where: string | null): void {
    const before = this.#certificates.length;
    for (const der of items) this.certificate(der, where);
    this.#certificates.push(...inChainOrder(this.#certificates.splice(before)));
  }

  list(der: Uint8Array, where: string | null): void {
    const reading = readCertificateList(der);
    if (reading.kind === 'list') this.#lists.push(reading.list);
    else this.problem('revocation-list-unreadable', `the CRL cannot be read: ${reading.problem.message}`, where);
  }

  pkcs7(der: Uint8Array, where: string | null): void {
    const reading = readPkcs7(der);
    switch (reading.kind) {
      case 'unreadable':
        this.problem('pkcs7-unreadable', `the PKCS #7 object cannot be read: ${reading.problem.message}`, where);
        break;
      case 'other-content':
        this.problem('pkcs7-content', 'the PKCS #7 object is a message, not a bag of certificates.', where);
        break;
      case 'certificates':
        this.bag(reading.certificates, where);
        for (const list of reading.lists) this.list(list, where);
        if (reading.certificates.length + reading.lists.length === 0) {
          this.problem('pkcs7-empty', 'the PKCS #7 object holds no certificates.', where);
        }
    }
  }

  text(bytes: Uint8Array): void {
    const { blocks, problem } = readPem(bytes);
    if (problem !== null) this.problem(problem.code, problem.message);
    for (const block of blocks) this.block(block);
    if (blocks.length > 0 || problem !== null) return;
    // Windows writes base64 without BEGIN and END where it is asked to.
    const bare = bytes.length <= LIMITS.pemBytes ? decodeBase64(decodeLatin1(bytes)) : null;
    if (bare !== null && bare.defect === null && bare.bytes[0] === SEQUENCE) this.der(bare.bytes, null);
  }

  block({ label, der, line, problem }: PemBlock): void {
    const where = `line ${line}`;
    if (label.endsWith('PRIVATE KEY')) {
      this.#passed.push(label.startsWith('ENCRYPTED') ? 'encrypted-key' : 'private-key');
    } else if (REQUEST_LABEL.test(label)) {
      this.#passed.push('certificate-request');
    } else if (problem !== null) {
      this.problem(problem.code, problem.message, where);
    } else if (CERTIFICATE_LABELS.has(label)) {
      // certutil -encode calls everything a certificate.
      if (kindOfDer(der) === 'pkcs7') this.pkcs7(der, where);
      else this.certificate(der, where);
    } else if (LIST_LABELS.has(label)) {
      this.list(der, where);
    } else if (PKCS7_LABELS.has(label)) {
      this.pkcs7(der, where);
    } else {
      this.der(der, where);
    }
  }
}
