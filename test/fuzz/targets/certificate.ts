/** Fuzzing of the certificate reader: what must hold of any octets at all. */
import { createHash } from 'node:crypto';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import type { Problem } from '../../../shared/bytes/problem.ts';
import { certificateFacts } from '../../../shared/trace/certificate-facts.ts';
import { readCertificate, type X509Certificate } from '../../../shared/x509/certificate.ts';
import { rdnSequenceText } from '../../../shared/x509/names.ts';
import { readPem, writePem } from '../../../shared/x509/pem.ts';
import { certificate, hex, sequence } from '../../support/der.ts';
import { nodeRoots } from '../../support/real-certificates.ts';
import { richCertificate } from '../../support/rich-certificate.ts';

export const target = { name: 'certificate', seeds, run };

/** One of everything, a plain one, one of indefinite lengths, and every tenth root that Node carries. */
function seeds(): Uint8Array[] {
  const indefinite = certificate({ subject: hex('3080318030800603550403130178000000000000') });
  const roots = nodeRoots().filter((_, i) => i % 10 === 0);
  return [richCertificate(), certificate(), indefinite, sequence(), ...roots];
}

/** Throws when an invariant is broken. */
function run(input: Uint8Array): void {
  const before = sha256(input);
  const reading = readCertificate(input);
  assert(sha256(input) === before, 'the input was changed');
  const facts = certificateFacts(reading);
  assert(facts.sha256 === before, 'the fingerprint is not of the input');
  assert(JSON.stringify(certificateFacts(readCertificate(input))) === JSON.stringify(facts), 'two readings differ');

  if (reading.kind === 'unreadable') {
    assert(reading.byteLength === input.length, 'byteLength is wrong');
    checkProblem(reading.problem, input.length);
  } else {
    checkCertificate(reading.certificate, input.length);
  }

  checkText(rdnSequenceText(input), 'a distinguished name');
  const { blocks, problem } = readPem(writePem(input));
  assert(problem === null && blocks.length === 1 && blocks[0].problem === null, 'PEM does not round-trip');
  assert(sha256(blocks[0].der) === before, 'PEM changes the octets');
  readPem(input);
}

function checkCertificate(read: X509Certificate, length: number): void {
  assert(read.der.length === length, 'der is not the whole input');
  checkViews(read, read.der, 0);
  checkText(read.subject.text, 'subject');
  checkText(read.issuer.text, 'issuer');
  assert(/^(00|-?(?!00)([0-9a-f]{2})+)$/.test(read.serialNumber), `serial number ${read.serialNumber}`);
  for (const { iso, epochSeconds } of [read.notBefore, read.notAfter]) {
    assert(Date.parse(iso) === epochSeconds * 1_000, `${iso} is not ${epochSeconds}`);
  }
  const { bits } = read.publicKey;
  assert(bits === null || (Number.isSafeInteger(bits) && bits >= 0), `bits ${bits}`);
  assert(read.encodingProblems.length <= LIMITS.problems + 1, 'too many problems');
  for (const problem of read.encodingProblems) checkProblem(problem, length);
  for (const { problem } of read.extensionProblems) checkProblem(problem, length);
  const unreadable = Object.values(read.known).filter(({ kind }) => kind === 'unreadable');
  assert(unreadable.length === read.extensionProblems.length, 'an unreadable extension has no problem');
  if (read.known.subjectAltName.kind === 'present') {
    for (const name of read.known.subjectAltName.value) if ('exact' in name) checkText(name.text, name.kind);
  }
}

function checkProblem({ code, message, offset }: Problem, length: number): void {
  assert(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code), `code ${code}`);
  assert(message.endsWith('.'), `message ${message}`);
  if (code !== 'further-problems') {
    assert(offset !== undefined && offset >= 0 && offset <= length, `${code} at ${offset} of ${length}`);
  }
}

/** Every Uint8Array that hangs on a certificate lies in its `der`. */
function checkViews(value: unknown, der: Uint8Array, depth: number): void {
  assert(depth < 16, 'the certificate is nested without end');
  if (value instanceof Uint8Array) {
    assert(value.buffer === der.buffer, 'a view is into another buffer');
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) checkViews(inner, der, depth + 1);
  }
}

function checkText(text: string, what: string): void {
  assert(!/[\0-\x1f\x7f]/.test(text), `${what} shows a control character`);
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
