/** tshark as it comes, on the captures of the project and, for the fingerprints, on those beside it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../shared/contract/analysis.ts';
import { hasTool } from '../support/tools.ts';
import { analyzed } from './analyzed.ts';
import { CORPUS, hasCorpus, truth } from './shared-data.ts';

const CAPTURES = resolve(import.meta.dirname, '../captures');
const run = promisify(execFile);

/** Fields of the packets that `filter` lets pass, a line each. */
async function fields(path: string, filter: string, names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const options = ['-n', '-o', 'tcp.reassemble_out_of_order:TRUE', '-T', 'fields', '-E', 'separator=/t'];
  const wanted = names.flatMap((name) => ['-e', name]);
  const tshark = run('tshark', [...options, ...wanted, '-Y', filter, '-r', path], { maxBuffer: 1 << 27 });
  // Of a damaged capture tshark prints what it could read, and then fails.
  const { stdout } = await tshark.catch((error: { readonly stdout: string }) => error);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Two at a time: there are two cores. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

/** What one port sent to another: server names and the SHA-256 of certificates in order, and the 220 to STARTTLS. */
interface Sent {
  readonly names: string[];
  readonly certificates: string[];
  accepted: boolean;
}

/** By "source > destination": no two hosts of a capture of ours use the same ports. */
type Seen = Record<string, Sent>;

const sentBy = (seen: Seen, source: number | string, destination: number | string): Sent => {
  const key = `${source} > ${destination}`;
  seen[key] ??= { names: [], certificates: [], accepted: false };
  return seen[key];
};

const weightOf = ({ names, certificates, accepted }: Sent): number =>
  names.length + certificates.length + (accepted ? 1 : 0);

/** Without those who said nothing of interest, in one order. */
const told = (seen: Seen): Seen =>
  Object.fromEntries(
    Object.entries(seen)
      .filter(([, sent]) => weightOf(sent) > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

const total = (seen: Seen): number => Object.values(seen).reduce((sum, sent) => sum + weightOf(sent), 0);

function seenByUs(sessions: readonly Session[]): Seen {
  const seen: Seen = {};
  for (const { client, server, smtp, tls, certificates } of sessions) {
    const fromClient = sentBy(seen, client.port, server.port);
    const fromServer = sentBy(seen, server.port, client.port);
    if (tls?.serverName != null && !fromClient.names.includes(tls.serverName)) fromClient.names.push(tls.serverName);
    fromClient.certificates.push(...certificates.client.chain.map(({ sha256 }) => sha256));
    fromServer.certificates.push(...certificates.server.chain.map(({ sha256 }) => sha256));
    fromServer.accepted ||= smtp?.starttls === 'accepted' && smtp.upgrade?.command === 'STARTTLS';
  }
  return told(seen);
}

const FIELDS = [
  'tcp.srcport',
  'tcp.dstport',
  'smtp.req.command',
  'smtp.response.code',
  'tls.handshake.extensions_server_name',
  'tls.handshake.certificate',
];

async function seenByTshark(path: string): Promise<Seen> {
  const seen: Seen = {};
  const asked = new Set<string>();
  for (const line of await fields(path, 'tls.handshake || smtp.req || smtp.rsp', FIELDS)) {
    const [source, destination, command = '', code = '', serverName = '', certificates = ''] = line;
    const sent = sentBy(seen, source, destination);
    // tshark 4.0 gives the first four letters of a verb.
    if (/STAR/i.test(command)) asked.add(`${source} > ${destination}`);
    else if (code !== '' && asked.delete(`${destination} > ${source}`)) sent.accepted = code.startsWith('220');
    // After a HelloRetryRequest, and where ports are used again, the name comes a second time.
    if (serverName !== '' && !sent.names.includes(serverName)) sent.names.push(serverName);
    for (const der of certificates.split(',').filter((value) => value !== '')) {
      sent.certificates.push(
        createHash('sha256')
          .update(Buffer.from(der.replaceAll(':', ''), 'hex'))
          .digest('hex'),
      );
    }
  }
  return told(seen);
}

interface ToolDifference {
  /** Who sees more of names, certificates and accepted STARTTLS. */
  readonly more: 'we' | 'tshark';
  readonly reason: string;
}

const NO_BEGINNING = 'tshark needs the command and its reply to begin TLS on port 25: it reads SMTP.';
const ONE_DIRECTION = 'tshark needs both directions to begin TLS inside SMTP.';
const BEHIND_DAMAGE = 'We read on behind a damaged record; tshark stops there.';
const WAITS =
  'A segment in plaintext is missing, and with reassembly of reordered segments on tshark waits for it for ever.';
const SECRETS_INSIDE = 'TLS 1.3 with the keys in a Decryption Secrets Block: tshark decrypts.';
const NOT_ITS_PORT =
  'tshark knows SMTP on ports 25 and 587: elsewhere it does not see STARTTLS (TLS it recognizes by itself).';

/** Where tshark 4.0.17 sees something else, and why. An entry that no longer differs fails the test. */
const DIFFERENCES: Readonly<Record<string, ToolDifference>> = {
  'begins-at-server-hello.pcap': { more: 'we', reason: NO_BEGINNING },
  'certificate-is-noise.pcap': {
    more: 'we',
    reason:
      'What stands in place of the certificate is noise: we show its fingerprint with the problem, tshark no field.',
  },
  'client-side-only.pcap': { more: 'we', reason: ONE_DIRECTION },
  'server-side-only.pcap': { more: 'we', reason: ONE_DIRECTION },
  'damage-absurd-length.pcap': { more: 'we', reason: BEHIND_DAMAGE },
  'damage-block-length.pcapng': { more: 'we', reason: BEHIND_DAMAGE },
  'damage-cut-in-certificate.pcap': {
    more: 'we',
    reason: 'The file ends inside the second certificate: we show the first, tshark nothing of a message cut short.',
  },
  'secrets-inside-client-certificate-tls-1.3.pcapng': { more: 'tshark', reason: SECRETS_INSIDE },
  'secrets-inside-tls-1.3.pcapng': { more: 'tshark', reason: SECRETS_INSIDE },
  'segment-lost-before-starttls.pcap': { more: 'we', reason: WAITS },
  'segment-lost-greeting.pcap': { more: 'we', reason: WAITS },
  'snap-length-256.pcap': {
    more: 'we',
    reason: 'tshark reads no message that is not whole: the ClientHello is cut, and its name is in front.',
  },
  'snap-length-96.pcap': {
    more: 'we',
    reason:
      'The EHLO reply is cut by the snap length: with reassembly of reordered segments on tshark waits for its rest.',
  },
  'x-anonymoustls.pcap': { more: 'we', reason: 'tshark does not know X-ANONYMOUSTLS and keeps reading SMTP.' },
  'starttls-port-2525.pcap': { more: 'we', reason: NOT_ITS_PORT },
  'starttls-port-10025.pcap': { more: 'we', reason: NOT_ITS_PORT },
};

interface ManifestCapture {
  readonly file: string;
  readonly readable: boolean;
  readonly sessions: readonly unknown[];
}

describe.skipIf(!hasTool('tshark'))('tshark sees the STARTTLS, server names and certificates of test/captures', () => {
  it('as we do, or the table says why not', async () => {
    const manifest: { readonly captures: readonly ManifestCapture[] } = JSON.parse(
      readFileSync(resolve(CAPTURES, 'manifest.json'), 'utf8'),
    );
    // A name without a suffix is a folder, of several files.
    const files = manifest.captures.filter(
      ({ file, readable, sessions }) => readable && /\.\w+$/.test(file) && sessions.length > 0,
    );
    const differing: Record<string, string> = {};
    let facts = 0;
    await inPairs(files, async ({ file }) => {
      const path = resolve(CAPTURES, file);
      const { analysis } = await analyzed(path, 'mail');
      const [ours, theirs] = [seenByUs(analysis.sessions), await seenByTshark(path)];
      facts += total(ours);
      if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
      differing[file] = total(ours) > total(theirs) ? 'we' : total(ours) < total(theirs) ? 'tshark' : 'as many';
    });
    console.log(
      `tshark: ${files.length} of the project's captures, ${facts} names, certificates and accepted STARTTLS; ` +
        `${Object.keys(differing).length} captures differ, each explained.`,
    );
    expect(files.length).toBeGreaterThan(130);
    expect(differing).toEqual(Object.fromEntries(Object.entries(DIFFERENCES).map(([file, { more }]) => [file, more])));
  }, 120_000);
});

/** As many captures with TLS as tshark reads in a few seconds: those with the most streams. */
const FINGERPRINTED = Object.entries(truth)
  .map(([file, { streams }]) => ({ file, count: streams.filter(({ proto, tls }) => proto === 'tcp' && tls).length }))
  .filter(({ count }) => count > 0)
  .sort((one, other) => other.count - one.count)
  .slice(0, 10)
  .map(({ file }) => file);

/** JA4 that FoxIO publishes with its captures (python/test/testdata and rust/ja4/src/snapshots), by client port. */
const CHROME = 't13d1516h2_8daaf6152771_e5627efa2ab1';
const CHROME_HTTP_1 = 't13d1516h1_8daaf6152771_e5627efa2ab1';
const PUBLISHED_JA4: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'latest.pcapng': {
    52936: CHROME,
    52937: 't12d190800_d83cc789557e_7af1ed941c26',
    52938: 't13d1516h2_8daaf6152771_9b887d9acb53',
    52940: CHROME,
    52941: CHROME,
  },
  'http2-with-cookies.pcapng': { 58847: CHROME },
  'tls-sni.pcapng': {
    50112: CHROME,
    50113: CHROME,
    50116: CHROME,
    50122: CHROME_HTTP_1,
    50123: 't13d151400_8daaf6152771_de4a06bb82e3',
    50131: CHROME,
    50140: CHROME_HTTP_1,
    50142: CHROME,
    50152: CHROME_HTTP_1,
    50153: 't13d1517h1_8daaf6152771_6cdcb247c39b',
    50155: CHROME,
    50159: CHROME,
    50167: CHROME,
    50172: CHROME,
    50177: CHROME,
  },
  // FoxIO's program printed "99" for protocols that are no text; its specification has since said: the first and the
  // last hexadecimal digit, which of BA AD are "b" and "d".
  'tls-non-ascii-alpn.pcapng': { 50112: 't13d1516bd_8daaf6152771_e5627efa2ab1' },
};

describe.skipIf(!hasCorpus)('fingerprints', () => {
  it.skipIf(!hasTool('tshark'))(
    'JA3 and JA3S are those of tshark',
    async () => {
      let count = 0;
      const differing: unknown[] = [];
      await inPairs(FINGERPRINTED, async (file) => {
        const path = resolve(CORPUS, file);
        const theirs = new Map<string, string>();
        const names = ['tcp.stream', 'tcp.srcport', 'tcp.dstport', 'tls.handshake.ja3', 'tls.handshake.ja3s'];
        const filter = 'tcp && (tls.handshake.ja3 || tls.handshake.ja3s)';
        for (const [stream, source, destination, ja3 = '', ja3s = ''] of await fields(path, filter, names)) {
          for (const [kind, value] of [
            ['ja3', ja3],
            ['ja3s', ja3s],
          ]) {
            const key = `${kind} ${kind === 'ja3' ? `${source} > ${destination}` : `${destination} > ${source}`}`;
            // The first hello of a connection counts, as with us.
            if (value !== '' && !theirs.has(key)) theirs.set(key, value.split(',')[0]);
          }
          expect(stream).toMatch(/^\d+/);
        }
        const { analysis } = await analyzed(path, 'tls');
        for (const { client, server, tls } of analysis.sessions) {
          for (const kind of ['ja3', 'ja3s'] as const) {
            const ours = tls?.fingerprints[kind] ?? null;
            const witness = theirs.get(`${kind} ${client.port} > ${server.port}`) ?? null;
            if (ours === null && witness === null) continue;
            count++;
            if (ours !== witness) differing.push([file, kind, client.port, ours, witness]);
          }
        }
      });
      console.log(`Fingerprints: ${count} JA3 and JA3S beside tshark, ${differing.length} differ.`);
      expect(differing).toEqual([]);
      expect(count).toBeGreaterThan(300);
    },
    60_000,
  );

  it.each(Object.entries(PUBLISHED_JA4))("JA4 of FoxIO's %s is the one published", async (file, published) => {
    const { analysis } = await analyzed(resolve(CORPUS, 'FoxIO-LLC+ja4/pcap', file), 'tls');
    const ours = new Map(analysis.sessions.map(({ client, tls }) => [client.port, tls?.fingerprints.ja4]));
    const compared = Object.keys(published).map((port) => [port, ours.get(Number(port))]);
    expect(Object.fromEntries(compared)).toEqual(published);
  });
});
