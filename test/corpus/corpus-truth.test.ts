/** Our sessions beside what tshark saw in the public captures, by TCP stream. */
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Analysis, Certificate, Endpoint, Presented, Session } from '../../shared/contract/analysis.ts';
import { analyzed } from './analyzed.ts';
import {
  type ComparedField,
  FILE_DIFFERENCES,
  STREAM_DIFFERENCES,
  STREAMS_WITHOUT_RECORD,
  SURPLUS_SESSIONS,
  UNANSWERED_SYNS,
} from './differences.ts';
import { CORPUS, hasCorpus, truth, type WitnessedCertificate, type WitnessedStream } from './shared-data.ts';

/** A file with its analysis, or with the message that refuses it. */
interface ReadFile {
  readonly file: string;
  readonly analysis: Analysis;
  readonly refusals: readonly string[];
  /** Seconds of processor time. */
  readonly seconds: number;
}

interface Compared {
  readonly file: string;
  readonly stream: WitnessedStream;
  readonly session: Session | null;
  readonly differing: readonly { readonly field: ComparedField; readonly ours: string }[];
}

const FIELDS = ['serverChain', 'clientChain', 'starttls', 'version', 'serverName'] as const;

/** "10.0.0.1:25", "fd99::11:25": the record writes IPv6 with brackets. */
const endpoint = ({ address, port }: Endpoint): string => `${address}:${port}`;
const keyOf = (client: string, server: string): string => `${client} > ${server}`;
const keyOfStream = ({ client, server }: WitnessedStream): string => keyOf(client, server).replace(/[[\]]/g, '');
const keyOfSession = ({ client, server }: Session): string => keyOf(endpoint(client), endpoint(server));

/**
 * "TLS 1.2" is TLS1.2 in the record, "TLS 1.3 (draft 28)" TLS1.3-draft28, "SSL 3.0" SSL3; of a private version it has
 * the number.
 */
const versionInRecord = (version: string | null): string | null =>
  version
    ?.replace('TLS 1.3 (Facebook draft 26)', '0xfb1a')
    .replace(/^(TLS|SSL) /, '$1')
    .replace(/ \(draft (\d+)\)$/, '-draft$1')
    .replace(/^(SSL\d)\.0$/, '$1') ?? null;

const chainText = (hashes: readonly string[]): string => hashes.map((hash) => hash.slice(0, 16)).join(' ');
const ourChain = ({ chain }: Presented): string => chain.map(({ sha256 }) => sha256).join(' ');
const theirChain = (chain: readonly WitnessedCertificate[] = []): string => chain.map(({ sha256 }) => sha256).join(' ');

/** Streams with something to say: TLS, or SMTP that tshark read as such. */
const isTold = ({ proto, tls, smtp }: WitnessedStream): boolean =>
  proto === 'tcp' && (tls !== undefined || (smtp !== undefined && smtp.port_only !== true));

function compare(file: string, stream: WitnessedStream, session: Session | null): Compared {
  if (session === null) {
    const isKnown = stream.smtp !== undefined || stream.tls?.version != null || stream.tls?.sni != null;
    return { file, stream, session, differing: isKnown ? [{ field: 'session', ours: 'none' }] : [] };
  }
  const differing: { field: ComparedField; ours: string }[] = [];
  const { server, client } = session.certificates;
  const { tls, smtp } = stream;
  if (ourChain(server) !== theirChain(tls?.certs.server)) {
    differing.push({ field: 'serverChain', ours: chainText(server.chain.map(({ sha256 }) => sha256)) });
  }
  if (ourChain(client) !== theirChain(tls?.certs.client)) {
    differing.push({ field: 'clientChain', ours: chainText(client.chain.map(({ sha256 }) => sha256)) });
  }
  if (versionInRecord(session.tls?.version ?? null) !== (tls?.version ?? null)) {
    differing.push({ field: 'version', ours: session.tls?.version ?? 'none' });
  }
  if ((session.tls?.serverName ?? null) !== (tls?.sni ?? null)) {
    differing.push({ field: 'serverName', ours: session.tls?.serverName ?? 'none' });
  }
  const isAccepted = session.smtp?.starttls === 'accepted';
  const wasAccepted = smtp?.starttls === 'accepted';
  if (isAccepted !== wasAccepted || (isTold(stream) && (smtp !== undefined) !== (session.service === 'smtp'))) {
    differing.push({ field: 'starttls', ours: `${session.service}: ${session.smtp?.starttls ?? 'none'}` });
  }
  return { file, stream, session, differing };
}

const idOf = (file: string, stream: number, field: ComparedField): string => `${file} #${stream} ${field}`;

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

describe.skipIf(!hasCorpus)('the public captures, with --scope tls, beside what tshark saw in them', () => {
  const files: ReadFile[] = [];
  const compared: Compared[] = [];
  const surplus: { readonly file: string; readonly session: Session }[] = [];
  const unreportedPorts: Record<string, number> = {};

  beforeAll(async () => {
    for (const [file, witnessed] of Object.entries(truth)) {
      const started = process.cpuUsage();
      const { analysis, refusals } = await analyzed(resolve(CORPUS, file), 'tls');
      const { user, system } = process.cpuUsage(started);
      files.push({ file, analysis, refusals, seconds: (user + system) / 1e6 });

      const sessions = new Map(analysis.sessions.map((session) => [keyOfSession(session), session]));
      // No two connections of a file have the same ports, so that the addresses tell which is which.
      expect(sessions.size, file).toBe(analysis.sessions.length);
      for (const stream of witnessed.streams.filter(({ proto }) => proto === 'tcp')) {
        const key = keyOfStream(stream);
        const session = sessions.get(key) ?? null;
        if (isTold(stream)) compared.push(compare(file, stream, session));
        else if (session === null) unreportedPorts[file] = (unreportedPorts[file] ?? 0) + 1;
        if (isTold(stream)) sessions.delete(key);
      }
      for (const session of sessions.values()) surplus.push({ file, session });
    }
  }, 120_000);

  it('are there, and hold hundreds of streams', () => {
    expect(files.length).toBeGreaterThan(400);
    expect(compared.length).toBeGreaterThan(900);
    expect(compared.filter(({ stream }) => stream.smtp !== undefined).length).toBeGreaterThan(190);
    expect(compared.filter(({ stream }) => (stream.tls?.certs.server.length ?? 0) > 0).length).toBeGreaterThan(250);
  });

  it('at least 98 % of the streams agree in chains, SMTP state, version and server name', () => {
    const explained = new Map(
      STREAM_DIFFERENCES.flatMap((entry) =>
        entry.streams.map((stream) => [idOf(entry.file, stream, entry.field), entry] as const),
      ),
    );
    const unexplained = compared.flatMap(({ file, stream, differing }) =>
      differing.filter(({ field }) => !explained.has(idOf(file, stream.stream, field))),
    );
    const agreeing = compared.filter(({ differing }) => differing.length === 0).length;
    const borneOut = compared.filter(({ file, stream, differing }) =>
      differing.every(({ field }) => {
        const entry = explained.get(idOf(file, stream.stream, field));
        return entry !== undefined && entry.right !== 'tshark';
      }),
    ).length;
    const withSession = compared.filter(({ differing }) => differing.every(({ field }) => field !== 'session'));
    const byField = FIELDS.map((field) => {
      const differing = withSession.filter((one) => one.differing.some((difference) => difference.field === field));
      return `${field} ${withSession.length - differing.length}`;
    });
    console.log(
      `Corpus: ${files.length} captures, ${compared.length} streams; ${agreeing} (${percent(agreeing, compared.length)}) ` +
        `agree with tshark in every field, ${borneOut} (${percent(borneOut, compared.length)}) where the packets bear us ` +
        `out or it is another protocol; ${unexplained.length} differences unexplained. By field, of ${withSession.length}: ${byField.join(', ')}.`,
    );
    expect(agreeing / compared.length).toBeGreaterThanOrEqual(0.98);
    expect(unexplained).toEqual([]);
  });

  it('every difference is in the table, with the value that the table gives, and the table holds no other', () => {
    const found = compared.flatMap(({ file, stream, differing }) =>
      differing.map(({ field, ours }) => `${idOf(file, stream.stream, field)}: ${ours}`),
    );
    const expected = STREAM_DIFFERENCES.flatMap(({ file, streams, field, ours }) =>
      streams.map((stream) => `${idOf(file, stream, field)}: ${ours}`),
    );
    expect(found.sort()).toEqual(expected.sort());
  });

  it('a chain of which only a part was captured says why', () => {
    const visibilities = compared
      .filter(({ differing }) => differing.some(({ field, ours }) => field === 'serverChain' && ours !== ''))
      .map(({ session }) => session?.certificates.server.visibility);
    // Four captures end inside the message. In the fifth the client acknowledged what was never captured.
    expect(visibilities.sort()).toEqual(['cut', 'cut', 'cut', 'cut', 'lost']);
  });

  it('where we report no session and tshark knows nothing of it, the table says why', () => {
    const found = compared
      .filter(({ session, differing }) => session === null && differing.length === 0)
      .map(({ file, stream }) => `${file} #${stream.stream}`);
    const expected = STREAMS_WITHOUT_RECORD.flatMap(({ file, streams }) =>
      streams.map((stream) => `${file} #${stream}`),
    );
    console.log(`Corpus: ${found.length} streams on ports of TLS hold no record: no session.`);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('cipher suite, application protocol and whether a client certificate was asked for agree as well', () => {
    const differing = compared.flatMap(({ file, stream, session }) => {
      if (session === null || stream.tls === undefined) return [];
      const { tls } = session;
      const ours = [tls?.cipherSuite?.code ?? null, tls?.applicationProtocol ?? null, tls?.certificateRequest != null];
      const theirs = [stream.tls.cipher, stream.tls.alpn, stream.tls.certificate_request];
      return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [[file, stream.stream, ours, theirs]];
    });
    // Application-layer protocols of TLS 1.3 are encrypted, and of this capture tshark has the keys.
    expect(differing).toEqual([
      ['FoxIO-LLC+ja4/pcap/http2-with-cookies.pcapng', 0, ['0x1301', null, false], ['0x1301', 'h2', false]],
    ]);
  });

  it('alerts in plaintext agree but for one that no cipher hides', () => {
    const differing = compared.flatMap(({ file, stream, session }) => {
      if (session === null || stream.tls === undefined) return [];
      const ours = (session.tls?.alerts ?? []).map(({ from, code }) => `${from} ${code}`);
      const theirs = stream.tls.alerts.map(({ side, desc }) => `${side} ${desc}`);
      return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [[file, ours, theirs]];
    });
    // A close_notify behind ChangeCipherSpec, under TLS_RSA_WITH_NULL_SHA: tshark looks through a cipher that is none.
    expect(differing).toEqual([['Lekensteyn+wireshark-notes/tls/tls-null.pcapng', [], ['client 0']]]);
  });

  it("a certificate's frame is tshark's, or an earlier one that holds its last byte", () => {
    const later: unknown[] = [];
    const count = { same: 0, earlier: 0 };
    for (const { file, stream, session, differing } of compared) {
      if (session === null || stream.tls === undefined || differing.some(({ field }) => field.endsWith('Chain')))
        continue;
      const ours = [...session.certificates.server.chain, ...session.certificates.client.chain];
      const theirs = [...stream.tls.certs.server, ...stream.tls.certs.client];
      ours.forEach(({ frame }, index) => {
        if (frame === theirs[index].frame) count.same++;
        else if (frame < theirs[index].frame) count.earlier++;
        else later.push([file, stream.stream, frame, theirs[index].frame]);
      });
    }
    console.log(
      `Corpus: frames of certificates: ${count.same} as tshark, ${count.earlier} earlier (tshark names the end of the record).`,
    );
    expect(later).toEqual([]);
    expect(count.same).toBeGreaterThan(5 * count.earlier);
  });

  it('serial number and validity of every certificate agree', () => {
    const differing: unknown[] = [];
    let count = 0;
    const byFile = new Map(files.map(({ file, analysis }) => [file, analysis.certificates]));
    for (const { file, stream } of compared) {
      for (const theirs of [...(stream.tls?.certs.server ?? []), ...(stream.tls?.certs.client ?? [])]) {
        const ours = byFile.get(file)?.[theirs.sha256];
        // Those of sessions that differ are in the other table.
        if (ours === undefined) continue;
        count++;
        if ('unreadable' in ours) differing.push([file, theirs.sha256, ours.unreadable]);
        else if (JSON.stringify(certificateFacts(ours)) !== JSON.stringify(witnessedFacts(theirs))) {
          differing.push([file, certificateFacts(ours), witnessedFacts(theirs)]);
        }
      }
    }
    expect(differing).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });

  it('sessions that tshark does not have are all in the table', () => {
    const found = surplus.map(({ file, session }) => `${file} ${session.service} ${endpoint(session.server)}`);
    const expected = SURPLUS_SESSIONS.flatMap(({ file, service, servers }) =>
      servers.map((server) => `${file} ${service} ${server}`),
    );
    const portOnly = surplus.filter(({ file, session }) =>
      truth[file].streams.some(
        (stream) => stream.smtp?.port_only === true && keyOfStream(stream) === keyOfSession(session),
      ),
    );
    console.log(
      `Corpus: ${surplus.length} sessions beyond tshark's (${portOnly.length} of them mail connections without content).`,
    );
    expect(found.sort()).toEqual(expected.sort());
  });

  it('connections to ports of mail that we leave out are SYNs that nobody answered', () => {
    expect(unreportedPorts).toEqual(UNANSWERED_SYNS);
  });

  it('packet counts and times agree, but for the files in the table', () => {
    const found: string[] = [];
    for (const { file, analysis, refusals } of files) {
      const { packets, capinfos } = truth[file];
      const capture = analysis.captures.at(0);
      if (capture === undefined) {
        // The file is named, and so is what to do.
        expect(refusals).toHaveLength(1);
        expect(refusals[0]).toContain(resolve(CORPUS, file));
        expect(refusals[0]).toMatch(/`(?:editcap|zstd) /);
        found.push(`${file} unreadable`);
        continue;
      }
      expect(refusals).toEqual([]);
      // Without packets there is no reading of capinfos to compare times with.
      if (capture.packetCount !== packets) found.push(`${file} packets`);
      const times = [capture.firstPacketAt, capture.lastPacketAt].map(plainTime);
      const theirs = [capinfos['First packet time'], capinfos['Last packet time']].map(plainTime);
      if (packets > 0 && JSON.stringify(times) !== JSON.stringify(theirs) && !isStopped(capinfos))
        found.push(`${file} times`);
    }
    const expected = FILE_DIFFERENCES.flatMap(({ files, field }) => files.map((file) => `${file} ${field}`));
    console.log(
      `Corpus: of ${files.length} files ${FILE_DIFFERENCES.filter(({ field }) => field === 'packets').flatMap(({ files }) => files).length} ` +
        `differ in the packet count, ${FILE_DIFFERENCES.filter(({ field }) => field === 'times').flatMap(({ files }) => files).length} ` +
        `in the times, ${FILE_DIFFERENCES.filter(({ field }) => field === 'unreadable').flatMap(({ files }) => files).length} are refused; all explained.`,
    );
    expect(found.sort()).toEqual(expected.sort());
  });

  it('no file takes longer than 2 s of processor time', () => {
    const slowest = files.reduce((most, one) => (one.seconds > most.seconds ? one : most));
    console.log(`Corpus: slowest file ${slowest.seconds.toFixed(2)} s (${slowest.file}).`);
    expect(slowest.seconds).toBeLessThan(2);
  });
});

/** capinfos stopped at a damaged record and gives neither times nor count. */
function isStopped(capinfos: Readonly<Record<string, string>>): boolean {
  return capinfos['First packet time'] === undefined && capinfos['Number of packets'] === undefined;
}

/** capinfos has a blank for the T, no zone, and as few zeros as it can. */
function plainTime(time: string | null | undefined): string {
  if (time === null || time === undefined || time === 'n/a') return '';
  return time
    .replace(/^\+/, '')
    .replace('T', ' ')
    .replace('Z', '')
    .replace(/\.?0+$/, '');
}

function certificateFacts({ serialNumber, notBefore, notAfter }: Certificate): readonly unknown[] {
  return [serialNumber.replace(/^0+(?=.)/, ''), Date.parse(notBefore), Date.parse(notAfter)];
}

/** Serial numbers come in either case. */
function witnessedFacts({ serial, not_before, not_after }: WitnessedCertificate): readonly unknown[] {
  return [serial.toLowerCase(), Date.parse(not_before), Date.parse(not_after)];
}
