/**
 * Our reading of thousands of certificates beside that of Node (OpenSSL), node-forge and the openssl command. Where a
 * witness writes the same fact in another way, its adapter below translates, with the reason. Where it says something
 * else, `DIFFERENCES` says who is right and why; a difference that is not there fails the test, and so does an entry
 * that no longer occurs.
 */
import { execFileSync } from 'node:child_process';
import { X509Certificate as NodeCertificate } from 'node:crypto';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import type { GeneralName } from '../../shared/x509/general-names.ts';
import type { DistinguishedName } from '../../shared/x509/names.ts';
import { read } from '../support/readings.ts';
import {
  corpusCertificates,
  hasCorpusAndTshark,
  hasOpenssl,
  hasSharedCertificates,
  nodeRoots,
  sharedCertificates,
} from '../support/real-certificates.ts';

interface Difference {
  readonly source: 'shared' | 'corpus';
  readonly witness: 'node' | 'forge';
  readonly sha256: string;
  readonly fields: readonly string[];
  readonly right: 'we' | 'they';
  readonly reason: string;
}

const KEY_USAGE_OF_AUTHORITY =
  'basicConstraints says CA and keyUsage lacks keyCertSign. Node judges both together; we state what basicConstraints ' +
  'says, and leave the judgement to path validation (RFC 5280 section 6.1.4 k and n).';

const EXPLICIT_CURVE =
  'The key spells out the numbers of P-256. Node looks them up and calls the curve by name; that the parameters are ' +
  'explicit, which RFC 5480 section 2.1.1 forbids, is lost.';

const DIFFERENCES: readonly Difference[] = [
  {
    source: 'shared',
    witness: 'node',
    sha256: 'd66031a47066e3f039d74a201f4640b43ad19d9a67a5ba6f22f4f0ccea1b1969',
    fields: ['isCertificateAuthority'],
    right: 'we',
    reason: KEY_USAGE_OF_AUTHORITY,
  },
  {
    source: 'shared',
    witness: 'node',
    sha256: 'e20a7bf0fb2f8134c5a5a6f5c148afa5f145b608d41b668fdc3fafab8ba2834a',
    fields: ['isCertificateAuthority'],
    right: 'we',
    reason: KEY_USAGE_OF_AUTHORITY,
  },
  {
    source: 'shared',
    witness: 'node',
    sha256: '3ff8a0c111c00a85983823e27d2929a956b852286cefdf4391f2831f3fd79610',
    fields: ['alternativeNames'],
    right: 'we',
    reason:
      'subjectAltName stands twice, which RFC 5280 section 4.2 forbids. Node shows the first of the two; we show that ' +
      'there is no telling which one counts.',
  },
  {
    source: 'shared',
    witness: 'node',
    sha256: 'abde6ac5d8acf346a464b5539cc3eed5aa709479e421498f856cafc7c877b8b1',
    fields: ['curve'],
    right: 'we',
    reason: EXPLICIT_CURVE,
  },
  {
    source: 'shared',
    witness: 'node',
    sha256: 'fb4f14ff32f076451388dc64d14c53e91d20a0d151ac40bc9890f16243750c09',
    fields: ['curve'],
    right: 'we',
    reason: EXPLICIT_CURVE,
  },
  {
    source: 'corpus',
    witness: 'node',
    sha256: 'f4576088c7406a7a837953f77c361c4c54aa017bb9ad2097756e37ecac5742f6',
    fields: ['sha256', 'sha1'],
    right: 'we',
    reason:
      'Lengths are not in their shortest form. Node hashes its own encoding of what it read; the fingerprint that anyone ' +
      'else computes is of the bytes on the wire.',
  },
  {
    source: 'corpus',
    witness: 'forge',
    sha256: '041a14702172a631efde8ad381aae3f20b9d8765fa03a3922b791286dacfe41d',
    fields: ['notBefore'],
    right: 'we',
    reason: 'notBefore is 12:00:00+0530, which is 06:30 UTC. node-forge takes off the hours and loses the half hour.',
  },
];

const met = new Set<Difference>();

/** A certificate as one witness sees it: facts by field, comparable by equality. */
type Facts = Readonly<Record<string, unknown>>;

function compare(witness: Difference['witness'], ours: X509Certificate, expected: Facts, actual: Facts): void {
  const differing = Object.keys(expected).filter((field) => {
    return JSON.stringify(expected[field]) !== JSON.stringify(actual[field]);
  });
  const known = DIFFERENCES.find((entry) => entry.witness === witness && entry.sha256 === ours.sha256);
  if (known !== undefined && JSON.stringify(known.fields) === JSON.stringify(differing)) {
    met.add(known);
    return;
  }
  const pick = (facts: Facts): Facts => Object.fromEntries(differing.map((field) => [field, facts[field]]));
  expect({ sha256: ours.sha256, subject: ours.subject.text, ...pick(actual) }).toEqual({
    sha256: ours.sha256,
    subject: ours.subject.text,
    ...pick(expected),
  });
}

/** Values by attribute type, in the order in which they stand. */
function valuesByType(name: DistinguishedName, typeOf: (type: string, oid: string) => string): Facts {
  const values: Record<string, string[]> = {};
  for (const { shortName, oid, text } of name.rdns.flat()) {
    const type = typeOf(shortName ?? oid, oid);
    values[type] ??= [];
    values[type].push(text ?? '');
  }
  return Object.fromEntries(Object.entries(values).sort());
}

const alternativeNames = ({ known }: X509Certificate): readonly GeneralName[] | null =>
  known.subjectAltName.kind === 'present' ? known.subjectAltName.value : null;

const purposes = ({ known }: X509Certificate): readonly string[] | null =>
  known.extendedKeyUsage.kind === 'present' ? known.extendedKeyUsage.value.map(({ oid }) => oid) : null;

/** NIST's names, which the contract uses, as OpenSSL calls the same curves. */
const OPENSSL_CURVES: Readonly<Record<string, string>> = {
  'P-192': 'prime192v1',
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

function factsOfNode(der: Uint8Array): Facts {
  const node = new NodeCertificate(der);
  const legacy = node.toLegacyObject();
  const names = (object: object | undefined): Facts => {
    const entries = Object.entries(object ?? {}).map(([type, value]) => [type, [value].flat()]);
    return Object.fromEntries(entries.sort());
  };
  return {
    sha256: node.fingerprint256.replaceAll(':', '').toLowerCase(),
    sha1: node.fingerprint.replaceAll(':', '').toLowerCase(),
    // Node prints zero as one digit, the openssl command as two.
    serialNumber: node.serialNumber === '0' ? '00' : node.serialNumber.toLowerCase(),
    notBefore: Date.parse(node.validFrom) / 1_000,
    notAfter: Date.parse(node.validTo) / 1_000,
    subject: names(legacy.subject),
    issuer: names(legacy.issuer),
    ...keyOfNode(node),
    isCertificateAuthority: node.ca,
    purposes: (node as unknown as { readonly keyUsage?: readonly string[] }).keyUsage ?? null,
    alternativeNames: node.subjectAltName === undefined ? null : (node.subjectAltName ?? 'unreadable'),
  };
}

function keyOfNode(node: NodeCertificate): Facts {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = node.publicKey;
    return {
      algorithm: asymmetricKeyType,
      bits: asymmetricKeyDetails?.modulusLength ?? null,
      curve: asymmetricKeyDetails?.namedCurve ?? null,
    };
  } catch {
    return { algorithm: 'unreadable', bits: null, curve: null };
  }
}

/** Our facts in the words of Node. */
function factsForNode(certificate: X509Certificate): Facts {
  const { publicKey, known } = certificate;
  const readable = publicKey.material.kind !== 'unreadable';
  const names = alternativeNames(certificate);
  const typeOf = (type: string): string => (type === 'STREET' ? 'street' : type);
  return {
    sha256: certificate.sha256,
    sha1: certificate.sha1,
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore.epochSeconds,
    notAfter: certificate.notAfter.epochSeconds,
    subject: valuesByType(certificate.subject, typeOf),
    issuer: valuesByType(certificate.issuer, typeOf),
    algorithm: readable ? publicKey.algorithm.toLowerCase() : 'unreadable',
    // Node gives no size of keys on curves.
    bits: publicKey.material.kind === 'rsa' || publicKey.material.kind === 'finite-field' ? publicKey.bits : null,
    curve: publicKey.curve === null ? null : (OPENSSL_CURVES[publicKey.curve] ?? publicKey.curve),
    isCertificateAuthority:
      known.basicConstraints.kind === 'present' && known.basicConstraints.value.isCertificateAuthority,
    purposes: purposes(certificate),
    alternativeNames: names === null ? (known.subjectAltName.kind === 'absent' ? null : 'unreadable') : nodeText(names),
  };
}

/** Node's text of a SubjectAltName. It quotes what is not plain, and writes IPv6 with all groups in upper case. */
function nodeText(names: readonly GeneralName[]): string {
  const format = (name: GeneralName): string => {
    switch (name.kind) {
      case 'dNSName':
        return `DNS:${nodeQuoted(name.text)}`;
      case 'rfc822Name':
        return `email:${nodeQuoted(name.text)}`;
      case 'uniformResourceIdentifier':
        return `URI:${nodeQuoted(name.text)}`;
      case 'directoryName':
        return `DirName:${nodeQuoted(name.name.text.replace(/(^|,)STREET=/g, '$1street='))}`;
      case 'registeredID':
        return `Registered ID:${name.oid}`;
      case 'iPAddress': {
        if (name.bytes.length === 4) return `IP Address:${name.address}`;
        if (name.bytes.length !== 16) return `IP Address:<invalid length=${name.bytes.length}>`;
        const view = new DataView(name.bytes.buffer, name.bytes.byteOffset);
        return `IP Address:${Array.from({ length: 8 }, (_, i) =>
          view
            .getUint16(2 * i)
            .toString(16)
            .toUpperCase(),
        ).join(':')}`;
      }
      case 'otherName':
        return name.name === 'userPrincipalName' ? `othername:UPN:${name.text}` : 'othername:<unsupported>';
      case 'x400Address':
      case 'ediPartyName':
        return 'othername:<unsupported>';
    }
  };
  return names.map(format).join(', ');
}

/** Text with what could be mistaken for the end of a name is quoted by Node, with JSON's escapes instead of our `\XX`. */
function nodeQuoted(text: string): string {
  if (!/[\\,"']/.test(text)) return text;
  const escaped = text.replace(/\\([0-9A-F]{2})/g, (_, pair: string) => `\\u00${pair.toLowerCase()}`);
  return `"${escaped.replaceAll(',', '\\u002c')}"`;
}

function factsOfForge(der: Uint8Array): Facts {
  const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(der).toString('binary')));
  const parsed = forge.pki.certificateFromAsn1(asn1);
  const attributes = (name: forge.pki.Certificate['subject']): unknown =>
    name.attributes.map(({ type, value }) => [type, value]);
  const constraints = parsed.getExtension('basicConstraints') as { readonly cA?: boolean } | undefined;
  return {
    serialNumber: parsed.serialNumber,
    notBefore: parsed.validity.notBefore.getTime() / 1_000,
    notAfter: parsed.validity.notAfter.getTime() / 1_000,
    subject: attributes(parsed.subject),
    issuer: attributes(parsed.issuer),
    bits: (parsed.publicKey as forge.pki.rsa.PublicKey).n.bitLength(),
    isCertificateAuthority: constraints?.cA ?? false,
    signatureOid: parsed.signatureOid,
    fingerprint: forge.md.sha256.create().update(Buffer.from(der).toString('binary')).digest().toHex(),
  };
}

/** Our facts in the words of node-forge. */
function factsForForge(certificate: X509Certificate): Facts {
  const { known } = certificate;
  // node-forge hands out the octets of every string type.
  const octets = (value: Uint8Array): string =>
    Buffer.from(value.subarray(value[1] < 0x80 ? 2 : 2 + (value[1] & 0x7f))).toString('binary');
  const attributes = (name: DistinguishedName): unknown =>
    name.rdns.flat().map(({ oid, value }) => [oid, octets(value)]);
  return {
    // node-forge prints the content octets, sign octet and all.
    serialNumber: Buffer.from(certificate.serialNumberBytes).toString('hex'),
    notBefore: certificate.notBefore.epochSeconds,
    notAfter: certificate.notAfter.epochSeconds,
    subject: attributes(certificate.subject),
    issuer: attributes(certificate.issuer),
    bits: certificate.publicKey.bits,
    isCertificateAuthority:
      known.basicConstraints.kind === 'present' && known.basicConstraints.value.isCertificateAuthority,
    signatureOid: certificate.signatureAlgorithm.oid,
    fingerprint: certificate.sha256,
  };
}

function compareWithNode(ders: readonly Uint8Array[]): void {
  for (const der of ders) {
    const ours = read(der);
    compare('node', ours, factsOfNode(der), factsForNode(ours));
  }
}

/** node-forge reads RSA keys only, and no RSASSA-PSS whose parameters are left to their defaults. */
function compareWithForge(ders: readonly Uint8Array[]): number {
  const readable = ders.map(read).filter(({ publicKey, signatureAlgorithm }) => {
    return publicKey.algorithm === 'RSA' && publicKey.bits !== null && signatureAlgorithm.name !== 'RSASSA-PSS';
  });
  for (const ours of readable) compare('forge', ours, factsOfForge(ours.der), factsForForge(ours));
  return readable.length;
}

/** RFC 4514 as the openssl command writes it: types by short name, unknown ones by OID with their DER in hex. */
const OPENSSL_NAMES = 'esc_2253,esc_ctrl,utf8,dump_nostr,dump_unknown,dump_der,sep_comma_plus,dn_rev,sname';

function compareWithOpenssl(ders: readonly Uint8Array[]): void {
  for (const der of ders) {
    const command = ['x509', '-inform', 'DER', '-noout', '-subject', '-issuer', '-serial', '-nameopt', OPENSSL_NAMES];
    const lines = execFileSync('openssl', command, { input: der, encoding: 'utf8' }).trimEnd().split('\n');
    const { subject, issuer, serialNumber } = read(der);
    // OpenSSL writes STREET in lower case.
    const text = (name: DistinguishedName): string => name.text.replace(/(^|,)STREET=/g, '$1street=');
    expect([`subject=${text(subject)}`, `issuer=${text(issuer)}`, `serial=${serialNumber.toUpperCase()}`]).toEqual(
      lines,
    );
  }
}

function expectNoStaleDifference(source: Difference['source']): void {
  const stale = DIFFERENCES.filter((entry) => entry.source === source && !met.has(entry));
  expect(stale).toEqual([]);
}

describe('the roots that Node carries', () => {
  const roots = nodeRoots();

  it('read as Node reads them, with no encoding problem but three that old roots have', () => {
    expect(roots.length).toBeGreaterThan(100);
    compareWithNode(roots);
    const lax = roots.flatMap((der) => read(der).encodingProblems.map((problem) => problem.code));
    const tolerated = new Set(['serial-number-zero', 'time-type', 'named-bits-trailing-zero']);
    expect(lax.filter((code) => !tolerated.has(code))).toEqual([]);
    expect(roots.flatMap((der) => read(der).extensionProblems)).toEqual([]);
  });

  it('read as node-forge reads them', () => {
    expect(compareWithForge(roots)).toBeGreaterThan(50);
  });

  it.skipIf(!hasOpenssl)('print as the openssl command prints them (every 8th)', () => {
    compareWithOpenssl(roots.filter((_, i) => i % 8 === 0));
  });

  it('have signatures, keys and extensions that the registries name', () => {
    const unnamed = roots.flatMap((der) => {
      const { extensions, signatureAlgorithm, publicKey } = read(der);
      const names = extensions.map(({ name, oid }) => name ?? oid);
      return [...names, signatureAlgorithm.name ?? signatureAlgorithm.oid, publicKey.algorithm];
    });
    expect(unnamed.filter((name) => /^\d/.test(name))).toEqual([]);
  });
});

describe.skipIf(!hasSharedCertificates)('x509-limbo, the laboratory, and the Baltimore root', () => {
  const certificates = hasSharedCertificates ? sharedCertificates() : [];

  it('read as Node reads them', () => {
    expect(certificates.length).toBeGreaterThan(3_000);
    compareWithNode(certificates);
  });

  it('read as node-forge reads them', () => {
    expect(compareWithForge(certificates)).toBeGreaterThan(10);
  });

  it.skipIf(!hasOpenssl)('print as the openssl command prints them (every 200th)', () => {
    compareWithOpenssl(certificates.filter((_, i) => i % 200 === 0));
  });

  it('the Baltimore CyberTrust Root has the facts that are published of it', () => {
    const sha256 = '16af57a9f676b0ab126095aa5ebadef22ab31119d644ac95cd4b93dbf3f26aeb';
    const root = certificates.map(read).find((certificate) => certificate.sha256 === sha256);
    expect(root).toMatchObject({
      sha1: 'd4de20d05e66fc53fe1a50882c78db2852cae474',
      serialNumber: '020000b9',
      subject: { text: 'CN=Baltimore CyberTrust Root,OU=CyberTrust,O=Baltimore,C=IE' },
      notBefore: { iso: '2000-05-12T18:46:00Z' },
      notAfter: { iso: '2025-05-12T23:59:00Z' },
      publicKey: { algorithm: 'RSA', bits: 2048 },
      signatureAlgorithm: { name: 'sha1WithRSAEncryption' },
      known: { basicConstraints: { value: { isCertificateAuthority: true, pathLength: 3 } } },
    });
  });

  afterAll(() => expectNoStaleDifference('shared'));
});

describe.skipIf(!hasCorpusAndTshark)('certificates out of captures', () => {
  let certificates: readonly Uint8Array[] = [];

  /** As many captures as tshark reads in some ten seconds. */
  beforeAll(() => {
    certificates = corpusCertificates(16);
  });

  it('read as Node reads them', () => {
    expect(certificates.length).toBeGreaterThan(30);
    compareWithNode(certificates);
  });

  it('read as node-forge reads them', () => {
    expect(compareWithForge(certificates)).toBeGreaterThan(20);
  });

  it.skipIf(!hasOpenssl)('print as the openssl command prints them (every 3rd)', () => {
    compareWithOpenssl(certificates.filter((_, i) => i % 3 === 0));
  });

  afterAll(() => expectNoStaleDifference('corpus'));
});
