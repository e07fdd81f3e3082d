/** A certificate with every extension that the reader knows and every kind of name: a seed for fuzzing. */
import {
  attribute,
  type Bytes,
  bitString,
  boolean,
  certificate,
  element,
  explicit,
  extension,
  generalizedTime,
  hex,
  ia5,
  implicit,
  integer,
  latin1,
  name,
  nothing,
  octetString,
  oid,
  oidContent,
  printable,
  sequence,
  set,
  utf8,
} from './der.ts';

const CN = '2.5.4.3';
const PSS = sequence(
  oid('1.2.840.113549.1.1.10'),
  sequence(
    explicit(0, sequence(oid('2.16.840.1.101.3.4.2.1'), nothing())),
    explicit(1, sequence(oid('1.2.840.113549.1.1.8'), sequence(oid('2.16.840.1.101.3.4.2.1'), nothing()))),
    explicit(2, integer(32)),
  ),
);

export function richCertificate(): Bytes {
  const uri = (text: string): Bytes => implicit(6, latin1(text));
  const dns = (text: string): Bytes => implicit(2, latin1(text));
  const names = [
    explicit(0, oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, utf8('user@contoso.example'))),
    implicit(1, latin1('postmaster@example.com')),
    dns('*.mail.example.com'),
    explicit(3, sequence()),
    explicit(4, name(attribute(CN, 'dir'))),
    explicit(5, explicit(0, utf8('assigner')), explicit(1, utf8('party'))),
    uri('https://example.com/'),
    implicit(7, hex('20010db8000000000000000000000001')),
    implicit(8, oidContent('1.2.3.4')),
  ];
  const points = sequence(
    sequence(explicit(0, explicit(0, uri('http://crl.example/1'))), implicit(1, hex('0560'))),
    sequence(explicit(0, element(0xa1, attribute(CN, 'relative'))), explicit(2, explicit(4, name()))),
  );
  const notice = sequence(sequence(utf8('Org'), sequence(integer(1))), utf8('text'));
  const policies = sequence(
    sequence(
      oid('2.23.140.1.2.2'),
      sequence(
        sequence(oid('1.3.6.1.5.5.7.2.1'), ia5('https://cps.example/')),
        sequence(oid('1.3.6.1.5.5.7.2.2'), notice),
      ),
    ),
  );
  return certificate({
    serialNumber: integer(0x0123456789abcdefn),
    signature: PSS,
    signatureAlgorithm: PSS,
    notAfter: generalizedTime('20510101000000Z'),
    subject: sequence(
      set(attribute('2.5.4.6', printable('US'))),
      set(attribute('2.5.4.10', element(0x1e, hex('005a00fc')))),
      set(attribute('2.5.4.11', element(0x14, latin1('Z\xfcrich'))), attribute(CN, 'mail.example')),
      set(attribute('1.2.3.4', element(0x1c, hex('0000005a')))),
    ),
    publicKey: sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      bitString(hex(`04${'ab'.repeat(64)}`)),
    ),
    uniqueIds: [implicit(1, hex('0001')), implicit(2, hex('0002'))],
    extensions: [
      extension('2.5.29.14', octetString(hex('beef'))),
      extension('2.5.29.15', bitString(hex('06'), 1), true),
      extension('2.5.29.17', sequence(...names)),
      extension('2.5.29.18', sequence(...names)),
      extension('2.5.29.19', sequence(boolean(true), integer(3)), true),
      extension(
        '2.5.29.30',
        sequence(
          explicit(0, sequence(dns('.example.com'))),
          explicit(1, sequence(implicit(7, hex('0a000000ff000000')))),
        ),
        true,
      ),
      extension('2.5.29.31', points),
      extension('2.5.29.46', points),
      extension('2.5.29.32', policies),
      extension('2.5.29.33', sequence(sequence(oid('1.2.3'), oid('1.2.4')))),
      extension('2.5.29.35', sequence(implicit(0, hex('beef')), explicit(1, names[4]), implicit(2, hex('01')))),
      extension('2.5.29.36', sequence(implicit(0, hex('00')), implicit(1, hex('05')))),
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
      extension('2.5.29.54', integer(2)),
      extension('1.3.6.1.5.5.7.1.1', sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), uri('http://ocsp.example')))),
      extension('1.3.6.1.5.5.7.1.24', sequence(integer(5))),
      extension('1.3.6.1.4.1.11129.2.4.2', octetString(hex('00090003aabbcc0002ddee'))),
      extension('1.2.3.4', nothing()),
    ],
  });
}
