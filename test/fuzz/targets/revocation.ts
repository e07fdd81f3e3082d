/** Fuzzing of the readers of CRLs, OCSP responses, certificate timestamps and PKCS #7: what must hold of any octets. */
import { createHash } from 'node:crypto';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import type { Problem } from '../../../shared/bytes/problem.ts';
import { readPkcs7, writePkcs7 } from '../../../shared/x509/pkcs7.ts';
import { readCertificateList } from '../../../shared/x509/revocation/certificate-list.ts';
import { readOcspResponse } from '../../../shared/x509/revocation/ocsp-response.ts';
import { readTimestamp } from '../../../shared/x509/revocation/timestamps.ts';
import {
  certificateIssuer,
  commonName,
  crlNumber,
  directoryName,
  GOOD,
  generalized,
  reason,
  revoked,
  revokedStatus,
  successful,
  UNKNOWN,
  uri,
  utc,
} from '../../support/authority.ts';
import {
  type Bytes,
  bitString,
  bytes,
  certificate,
  element,
  explicit,
  extension,
  implicit,
  integer,
  nothing,
  octetString,
  oid,
  SHA256_WITH_RSA,
  sequence,
} from '../../support/der.ts';

export const target = { name: 'revocation', seeds, run };

const DAY = '2020-01-02T03:04:05Z';
const SIGNATURE = bitString(new Uint8Array(64));

/** A CRL, an OCSP response, a bag and a timestamp, each with one of everything. */
function seeds(): Uint8Array[] {
  const point = explicit(0, explicit(0, uri('http://a.example/1.crl'), directoryName(commonName('Issuer'))));
  const flags = bytes(element(0x83, Uint8Array.of(6, 0x40)), implicit(4, Uint8Array.of(0xff)));
  const invalidity = extension('2.5.29.24', generalized(DAY));
  const list = sequence(
    integer(1),
    SHA256_WITH_RSA,
    commonName('Issuer'),
    utc(DAY),
    utc('2020-02-01T00:00:00Z'),
    sequence(
      revoked(1, DAY),
      revoked(2, DAY, reason(1)),
      revoked(300, DAY, reason(8), invalidity, certificateIssuer(commonName('Other'))),
      revoked(4, DAY, extension('1.2.3.4', integer(1), true)),
    ),
    explicit(
      0,
      sequence(
        crlNumber(1337),
        extension('2.5.29.35', sequence(implicit(0, Uint8Array.of(1, 2, 3)))),
        extension('2.5.29.27', integer(1), true),
        extension('2.5.29.28', sequence(point, flags), true),
      ),
    ),
  );
  const id = (hash: string): Bytes =>
    sequence(
      sequence(oid(hash), nothing()),
      octetString(new Uint8Array(20)),
      octetString(new Uint8Array(20)),
      integer(77),
    );
  const single = (status: Uint8Array): Bytes =>
    sequence(
      id('1.3.14.3.2.26'),
      status,
      generalized(DAY),
      explicit(0, generalized(DAY)),
      explicit(1, sequence(reason(1))),
    );
  const data = sequence(
    explicit(2, octetString(new Uint8Array(20))),
    generalized(DAY),
    sequence(single(GOOD), single(revokedStatus(DAY, 4)), single(UNKNOWN)),
    explicit(1, sequence(extension('1.3.6.1.5.5.7.48.1.2', octetString(Uint8Array.of(1))))),
  );
  const basic = sequence(data, SHA256_WITH_RSA, SIGNATURE, explicit(0, sequence(certificate(), certificate())));
  const crl = sequence(list, SHA256_WITH_RSA, SIGNATURE);
  const bag = sequence(
    oid('1.2.840.113549.1.7.2'),
    explicit(
      0,
      sequence(
        integer(1),
        element(0x31),
        sequence(oid('1.2.840.113549.1.7.1')),
        explicit(0, certificate()),
        explicit(1, crl),
        element(0x31),
      ),
    ),
  );
  const timestamp = bytes(0, new Uint8Array(32), new Uint8Array(8), 0, 2, 9, 9, 4, 3, 0, 2, 1, 2);
  return [crl, successful(basic), bag, timestamp, writePkcs7([certificate()]), sequence()];
}

/** Throws when an invariant is broken. */
function run(input: Uint8Array): void {
  const before = sha256(input);
  checkList(input);
  checkOcsp(input);
  checkBag(input);
  const timestamp = readTimestamp(input);
  if (timestamp.kind === 'timestamp') {
    const { milliseconds, iso } = timestamp.timestamp;
    assert(new Date(milliseconds).toISOString() === iso, `${iso} is not ${milliseconds}`);
  }
  assert(sha256(input) === before, 'the input was changed');
}

function checkList(input: Uint8Array): void {
  const reading = readCertificateList(input);
  if (reading.kind === 'unreadable') {
    checkProblem(reading.problem, input.length);
    return;
  }
  const { list } = reading;
  checkViews(list, input, 0);
  for (const { problem } of list.extensionProblems) checkProblem(problem, input.length);
  for (const problem of list.encodingProblems) checkProblem(problem, input.length);
  assert(list.entries.count * 7 <= input.length, 'more entries than the octets can hold');
  for (let index = 0; index < Math.min(list.entries.count, 100); index++) {
    const entry = list.entries.at(index);
    assert(/^(00|-?(?!00)([0-9a-f]{2})+)$/.test(entry.serialNumber), `serial number ${entry.serialNumber}`);
    if (entry.serialNumber.startsWith('-')) continue;
    const found = list.entries.find(Buffer.from(`00${entry.serialNumber}`, 'hex'));
    assert(
      found.some(({ serialNumber }) => serialNumber === entry.serialNumber),
      'an entry is not found again',
    );
  }
}

function checkOcsp(input: Uint8Array): void {
  const reading = readOcspResponse(input);
  switch (reading.kind) {
    case 'unreadable':
      checkProblem(reading.problem, input.length);
      break;
    case 'refused':
      break;
    case 'response':
      for (const problem of reading.response.encodingProblems) checkProblem(problem, input.length);
      assert(reading.response.responses.length <= LIMITS.ocspSingleResponses, 'too many single responses');
  }
}

function checkBag(input: Uint8Array): void {
  const reading = readPkcs7(input);
  switch (reading.kind) {
    case 'unreadable':
      checkProblem(reading.problem, input.length);
      break;
    case 'other-content':
      break;
    case 'certificates': {
      const octets = [...reading.certificates, ...reading.lists].reduce((sum, { length }) => sum + length, 0);
      assert(octets <= input.length, 'more octets than there are');
      const again = readPkcs7(writePkcs7(reading.certificates));
      assert(again.kind === 'certificates' || octets > LIMITS.pkcs7Bytes, 'what was read is not written');
    }
  }
}

function checkProblem({ code, message, offset }: Problem, length: number): void {
  assert(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(code), `code ${code}`);
  assert(message.endsWith('.'), `message ${message}`);
  if (code === 'further-problems') return;
  assert(offset !== undefined && offset >= 0 && offset <= length, `${code} at ${offset} of ${length}`);
}

/** Every Uint8Array that hangs on a list lies in its octets. */
function checkViews(value: unknown, der: Uint8Array, depth: number): void {
  assert(depth < 16, 'the list is nested without end');
  if (value instanceof Uint8Array) assert(value.buffer === der.buffer, 'a view is into another buffer');
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) checkViews(inner, der, depth + 1);
  }
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}
