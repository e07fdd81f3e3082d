/** Independent readers beside ours: Node and node-forge for certificates, pcap-parser for the packets of classic pcap. */
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import forge from 'node-forge';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../../shared/contract/analysis.ts';
import { readWhole } from '../support/capture-reading.ts';
import { analyzed } from './analyzed.ts';
import { CORPUS, hasCorpus, truth } from './shared-data.ts';

const CAPTURES = resolve(import.meta.dirname, '../captures');

/** Facts of a certificate by the contract's field names, as a witness or we have them. */
type Facts = Readonly<Record<string, unknown>>;

interface CertificateDifference {
  readonly witness: 'node' | 'forge';
  readonly sha256: string;
  readonly fields: readonly string[];
  readonly reason: string;
}

/** Where a witness says something else. An entry that no longer differs fails the test. */
const CERTIFICATE_DIFFERENCES: readonly CertificateDifference[] = [
  {
    witness: 'node',
    sha256: '3c0766986a49484d91dbe4df398bbc5314c410ceacd7a386daad51f331f3465e',
    fields: ['dnsNames'],
    reason: 'A NUL in a DNS name: RFC 4514 writes it \\00, Node puts quotes around the name and writes \\u0000.',
  },
  {
    witness: 'node',
    sha256: 'f4576088c7406a7a837953f77c361c4c54aa017bb9ad2097756e37ecac5742f6',
    fields: ['sha256', 'sha1'],
    reason:
      'Lengths are not in their shortest form. Node hashes its own encoding of what it read; the fingerprint that anyone ' +
      'else computes is of the bytes on the wire.',
  },
  {
    witness: 'forge',
    sha256: '3c0766986a49484d91dbe4df398bbc5314c410ceacd7a386daad51f331f3465e',
    fields: ['dnsNames'],
    reason: 'The same NUL: node-forge hands it out as it is.',
  },
  {
    witness: 'forge',
    sha256: '041a14702172a631efde8ad381aae3f20b9d8765fa03a3922b791286dacfe41d',
    fields: ['notBefore'],
    reason: 'notBefore is 12:00:00+0530, which is 06:30 UTC. node-forge takes off the hours and loses the half hour.',
  },
  {
    witness: 'forge',
    sha256: 'bdbc7a3e16001fdd9bd016ffabfe1a38e33108a095c0fca5523c7317ba62fb73',
    fields: ['signatureAlgorithm'],
    reason: 'OIW 1.3.14.3.2.29 goes by two names: sha1WithRSA (OpenSSL) and sha1WithRSASignature (node-forge).',
  },
];

const differingFields = (ours: Facts, theirs: Facts): readonly string[] =>
  Object.keys(theirs).filter((field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs[field]));

/** Node's names of curves are OpenSSL's, the contract's are NIST's. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/**
 * Node writes a name a line for each attribute, in the order of the encoding, and "street" in lower case; RFC 4514
 * begins with the last attribute and has STREET in its table.
 */
const fromLines = (name: string | undefined): string =>
  (name ?? '')
    .split('\n')
    .map((attribute) => attribute.replace(/^street=/, 'STREET='))
    .reverse()
    .join(',');

function factsOfNode(der: Uint8Array): Facts {
  const node = new NodeCertificate(der);
  const names = (node.subjectAltName ?? '').split(', ');
  const withPrefix = (prefix: string): readonly string[] =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const key = keyOfNode(node);
  return {
    sha256: node.fingerprint256.replaceAll(':', '').toLowerCase(),
    sha1: node.fingerprint.replaceAll(':', '').toLowerCase(),
    subject: fromLines(node.subject),
    issuer: fromLines(node.issuer),
    serialNumber: node.serialNumber.toLowerCase().padStart(2, '0'),
    notBefore: Date.parse(node.validFrom),
    notAfter: Date.parse(node.validTo),
    commonNames: [node.toLegacyObject().subject?.CN ?? []].flat(),
    dnsNames: withPrefix('DNS:'),
    ipAddresses: withPrefix('IP Address:').filter((address) => !address.includes(':')),
    ...key,
    isCertificateAuthority: node.ca,
  };
}

function keyOfNode(node: NodeCertificate): Facts {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = node.publicKey;
    const curve = asymmetricKeyDetails?.namedCurve;
    return {
      algorithm: asymmetricKeyType,
      curve: curve === undefined ? null : (CURVES[curve] ?? curve),
      bits: asymmetricKeyDetails?.modulusLength ?? null,
    };
  } catch {
    return {};
  }
}

function factsOfForge(der: Uint8Array): Facts {
  const binary = Buffer.from(der).toString('binary');
  const parsed = forge.pki.certificateFromAsn1(forge.asn1.fromDer(forge.util.createBuffer(binary)));
  const constraints = parsed.getExtension('basicConstraints') as { readonly cA?: boolean } | undefined;
  const names = parsed.getExtension('subjectAltName') as
    | { readonly altNames?: readonly { readonly type: number; readonly value: string }[] }
    | undefined;
  const DNS_NAME = 2;
  const signatureAlgorithm = forge.pki.oids[parsed.signatureOid];
  return {
    sha256: forge.md.sha256.create().update(binary).digest().toHex(),
    sha1: forge.md.sha1.create().update(binary).digest().toHex(),
    // The content octets, with the zero in front that only keeps the number positive.
    serialNumber: parsed.serialNumber.replace(/^00(?=[89a-f])/, ''),
    notBefore: parsed.validity.notBefore.getTime(),
    notAfter: parsed.validity.notAfter.getTime(),
    dnsNames: (names?.altNames ?? []).filter(({ type }) => type === DNS_NAME).map(({ value }) => value),
    bits: (parsed.publicKey as forge.pki.rsa.PublicKey).n.bitLength(),
    isCertificateAuthority: constraints?.cA ?? false,
    // It has no names for signatures with keys on curves.
    ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }),
  };
}

/** The contract's facts, with times as numbers and the key's facts beside the others. */
function factsOf(certificate: Certificate): Facts {
  const { notBefore, notAfter, publicKey, ipAddresses, ...others } = certificate;
  const isOnCurve = publicKey.curve !== null || publicKey.algorithm.startsWith('Ed');
  return {
    ...others,
    notBefore: Date.parse(notBefore),
    notAfter: Date.parse(notAfter),
    algorithm: publicKey.algorithm.toLowerCase(),
    curve: publicKey.curve,
    // Node gives no size of keys on curves.
    bits: isOnCurve ? null : publicKey.bits,
    // Node spells out IPv6 addresses in a way of its own.
    ipAddresses: ipAddresses.filter((address) => !address.includes(':')),
  };
}

describe.skipIf(!hasCorpus)('every certificate of the public captures', () => {
  const certificates: { readonly der: Uint8Array; readonly facts: Certificate }[] = [];
  const unreadable: string[] = [];

  beforeAll(async () => {
    const met = new Set<string>();
    for (const file of Object.keys(truth)) {
      const { analysis, certificateBytes } = await analyzed(resolve(CORPUS, file), 'tls');
      for (const facts of Object.values(analysis.certificates)) {
        const der = certificateBytes.get(facts.sha256);
        if (met.has(facts.sha256) || der === undefined) continue;
        met.add(facts.sha256);
        if ('unreadable' in facts) unreadable.push(facts.sha256);
        else certificates.push({ der, facts });
      }
    }
  }, 120_000);

  function compareAll(
    witness: CertificateDifference['witness'],
    chosen: typeof certificates,
    read: (der: Uint8Array) => Facts,
  ): void {
    const known = CERTIFICATE_DIFFERENCES.filter((entry) => entry.witness === witness);
    const found = chosen.flatMap(({ der, facts }): (Facts & { readonly sha256: string })[] => {
      const [ours, theirs] = [factsOf(facts), read(der)];
      const fields = differingFields(ours, theirs);
      if (fields.length === 0) return [];
      const entry = known.find(({ sha256 }) => sha256 === facts.sha256);
      if (JSON.stringify(entry?.fields) === JSON.stringify(fields)) return [{ sha256: facts.sha256, fields }];
      const pick = (all: Facts) => fields.map((field) => [field, all[field]]);
      return [{ sha256: facts.sha256, ours: pick(ours), theirs: pick(theirs) }];
    });
    const expected = known.map(({ sha256, fields }) => ({ sha256, fields }));
    console.log(`Certificates: ${chosen.length} beside ${witness}, ${found.length} differ, each explained.`);
    const order = (one: { readonly sha256: string }, other: { readonly sha256: string }) =>
      one.sha256 < other.sha256 ? -1 : 1;
    expect(found.sort(order)).toEqual(expected.sort(order));
  }

  it('is one of hundreds, and all can be read', () => {
    expect(certificates.length).toBeGreaterThan(200);
    expect(unreadable).toEqual([]);
  });

  it("has the contract's facts as Node (OpenSSL) reads them", () => {
    compareAll('node', certificates, factsOfNode);
  });

  it("has the contract's facts as node-forge reads them, which knows RSA keys and no RSASSA-PSS", () => {
    const rsa = certificates.filter(({ facts: { publicKey, signatureAlgorithm } }) => {
      return publicKey.algorithm === 'RSA' && publicKey.bits !== null && signatureAlgorithm !== 'RSASSA-PSS';
    });
    expect(rsa.length).toBeGreaterThan(100);
    compareAll('forge', rsa, factsOfForge);
  });
});

interface ParsedPacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Buffer;
}

interface PcapParser {
  parse(stream: Readable): {
    on(event: 'packet', listener: (packet: ParsedPacket) => void): void;
    on(event: 'end', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
  };
}

// It has no types.
const pcapParser: PcapParser = createRequire(import.meta.url)('pcap-parser');

/** A packet as a line: time, captured and original length, and the end of its bytes. */
function parsedPackets(
  bytes: Uint8Array,
): Promise<{ readonly lines: readonly string[]; readonly error: string | null }> {
  return new Promise((done) => {
    const lines: string[] = [];
    let error: string | null = null;
    const parser = pcapParser.parse(Readable.from([Buffer.from(bytes)]));
    parser.on('packet', ({ header, data }) => {
      const { timestampSeconds, timestampMicroseconds, capturedLength, originalLength } = header;
      const seconds = new Date(timestampSeconds * 1_000).toISOString().slice(0, 19);
      const time = `${seconds}.${String(timestampMicroseconds).padStart(6, '0')}Z`;
      lines.push(`${time} ${capturedLength} ${originalLength} ${data.subarray(-16).toString('hex')}`);
    });
    parser.on('error', ({ message }) => {
      error = message;
    });
    parser.on('end', () => done({ lines, error }));
  });
}

function ourPackets(bytes: Uint8Array): readonly string[] {
  return readWhole(bytes).packets.map(
    ({ at, data, originalLength }) => `${at} ${data.length / 2} ${originalLength} ${data.slice(-32)}`,
  );
}

/** The classic format with microseconds, in either byte order: the one that pcap-parser knows. */
const CLASSIC = new Set(['d4c3b2a1', 'a1b2c3d4']);

/** What the others are, by their first bytes. */
const OTHER_FORMATS: Readonly<Record<string, string>> = {
  '0a0d0d0a': 'pcapng',
  '4d3cb2a1': 'pcap with nanoseconds',
  a1b23c4d: 'pcap with nanoseconds',
  '34cdb2a1': 'modified pcap',
  '1f8b0800': 'gzip',
  '1f8b0808': 'gzip',
  '474d4255': 'Network Monitor',
  '52545353': 'Network Monitor',
  '736e6f6f': 'snoop',
  '58435000': 'NetXRay',
  '28b52ffd': 'Zstandard',
};

interface PacketComparison {
  readonly classic: number;
  readonly packets: number;
  readonly differing: readonly string[];
  /** Files that pcap-parser refuses, by what they are. */
  readonly others: Readonly<Record<string, number>>;
}

async function comparePackets(folder: string, files: readonly string[]): Promise<PacketComparison> {
  const differing: string[] = [];
  const others: Record<string, number> = {};
  let classic = 0;
  let packets = 0;
  for (const file of files) {
    const bytes = readFileSync(resolve(folder, file));
    const magic = bytes.toString('hex', 0, 4);
    if (!CLASSIC.has(magic)) {
      const format = OTHER_FORMATS[magic] ?? 'no capture';
      others[format] = (others[format] ?? 0) + 1;
      if (bytes.length >= 24) expect((await parsedPackets(bytes)).error, file).toMatch(/unknown magic number/);
      continue;
    }
    const ours = ourPackets(bytes);
    const { lines, error } = await parsedPackets(bytes);
    classic++;
    packets += ours.length;
    if (error !== null || JSON.stringify(ours) !== JSON.stringify(lines)) {
      differing.push(`${file}: ${ours.length} packets, pcap-parser ${lines.length}`);
    }
  }
  return { classic, packets, differing, others };
}

function tell(what: string, { classic, packets, differing, others }: PacketComparison): void {
  const refused = Object.entries(others).map(([format, count]) => `${count} ${format}`);
  console.log(
    `Packets: ${what}: ${classic} files, ${packets} packets beside pcap-parser, ${differing.length} files differ, each ` +
      `explained; it refuses ${refused.join(', ')}.`,
  );
}

describe('the packets of classic pcap: time, both lengths and last bytes as pcap-parser reads them', () => {
  it.skipIf(!hasCorpus)('in the public captures', async () => {
    const result = await comparePackets(CORPUS, Object.keys(truth));
    tell('public captures', result);
    expect(result.differing).toEqual([]);
    expect(result.classic).toBeGreaterThan(300);
    expect(result.packets).toBeGreaterThan(30_000);
  });

  it('in test/captures, where it reads on neither behind damage nor with the longer headers of Nokia', async () => {
    const files = readdirSync(CAPTURES, { withFileTypes: true }).filter(
      (entry) => entry.isFile() && /\.(pcap|cap|pcapng|gz|snoop)$/.test(entry.name),
    );
    const result = await comparePackets(
      CAPTURES,
      files.map(({ name }) => name),
    );
    tell('test/captures', result);
    // A record claims an absurd length: we find the next record, pcap-parser waits for the bytes.
    // Nokia's records have four bytes more, which only their content tells.
    expect(result.differing).toEqual([
      'damage-absurd-length.pcap: 42 packets, pcap-parser 22',
      'format-pcap-nokia.pcap: 22 packets, pcap-parser 1',
    ]);
    expect(result.classic).toBeGreaterThan(100);
  });
});
