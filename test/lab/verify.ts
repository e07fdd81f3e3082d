/**
 * A second reading of test/captures: what tshark sees in each file against what the manifest says.
 *
 *   npx tsx test/lab/verify.ts [part of a file's name]
 *
 * Prints each difference; ends with 1 if there is one. Differences that are known and explained stand in EXPLAINED.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES } from './lab.ts';
import { attempt } from './processes.ts';
import type { CaptureTruth, Manifest, SessionTruth } from './truth.ts';

/** Where tshark differs and why, by file: these lines are printed and not counted. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'x-anonymoustls.pcap': 'tshark keeps reading SMTP after X-ANONYMOUSTLS',
  'client-side-only.pcap': 'tshark needs the 220 to begin TLS',
  'format-pcapng-old-blocks.pcapng': 'tshark counts the custom block as a frame',
  'server-side-only.pcap': 'tshark needs the command to begin TLS',
  'snap-length-256.pcap': 'tshark reads no message that is not whole',
};

/** Files in which nothing tells tshark that TLS is on port 25. */
const ONLY_TLS = /^begins-/;
/** Files with a hole in plaintext: with reassembly of reordered segments tshark waits for it for ever. */
const IN_ORDER = /^(segment-lost-(before-starttls|greeting)|snap-length-)/;

interface Seen {
  client: string;
  server: string;
  commands: string[];
  replies: string[];
  versions: Set<string>;
  serverName: string | null;
  serverCertificates: string[];
  clientCertificates: string[];
  alerts: string[];
  clientHellos: number;
  plaintextStartTlsReply: string | null;
}

const FIELDS = [
  'tcp.stream',
  'ip.src',
  'ipv6.src',
  'ip.dst',
  'ipv6.dst',
  'tcp.srcport',
  'tcp.dstport',
  'smtp.req.command',
  'smtp.response.code',
  'tls.handshake.type',
  'tls.handshake.version',
  'tls.handshake.extensions.supported_version',
  'tls.handshake.extensions_server_name',
  'tls.handshake.certificate',
  'tls.alert_message.desc',
  'tls.alert_message.level',
];
const PORTS = new Set([25, 465, 587, 2525, 10025]);
const VERSIONS: Readonly<Record<string, string>> = {
  '0x0301': 'TLS 1.0',
  '0x0302': 'TLS 1.1',
  '0x0303': 'TLS 1.2',
  '0x0304': 'TLS 1.3',
};

const last = (value: string) => value.split(',').at(-1) ?? '';

interface Reading {
  readonly sessions: Seen[];
  readonly packets: number;
}

function read(capture: CaptureTruth, withKeys: boolean): Reading | string {
  const path = join(CAPTURES, capture.file);
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map((each) => join(path, each))
    : [path];
  const streams = new Map<string, Seen>();
  let source = files[0];
  if (files.length > 1) {
    source = `${process.env['TMPDIR'] ?? '/tmp'}/starttrace-verify-${process.pid}.pcapng`;
    attempt('mergecap', ['-w', source, ...files]);
  }
  const outcome = attempt('tshark', [
    '-r',
    source,
    '-o',
    `tcp.reassemble_out_of_order:${IN_ORDER.test(capture.file) ? 'FALSE' : 'TRUE'}`,
    '-o',
    'tcp.check_checksum:TRUE',
    '-o',
    'ip.check_checksum:TRUE',
    '-o',
    `tls.keylog_file:${withKeys && capture.keyLog !== null ? join(CAPTURES, capture.keyLog) : ''}`,
    ...(ONLY_TLS.test(capture.file) ? ['-d', 'tcp.port==25,tls'] : []),
    '-d',
    'tcp.port==2525,smtp',
    '-d',
    'tcp.port==10025,smtp',
    '-T',
    'fields',
    '-E',
    'occurrence=a',
    '-E',
    'aggregator=,',
    ...FIELDS.flatMap((field) => ['-e', field]),
  ]);
  if (files.length > 1) attempt('rm', ['-f', source]);
  if (outcome.status !== 0 && outcome.stdout === '') return outcome.stderr.trim();
  for (const line of outcome.stdout.split('\n')) {
    const [
      stream,
      ip4s,
      ip6s,
      ip4d,
      ip6d,
      sport,
      dport,
      command,
      code,
      types,
      ,
      supported,
      name,
      certificates,
      alerts,
    ] = line.split('\t');
    if (stream === undefined || stream === '') continue;
    const from = `${last(ip6s || ip4s)}`;
    const to = `${last(ip6d || ip4d)}`;
    const fromClient = PORTS.has(Number(dport));
    const bracket = (address: string) => (address.includes(':') ? `[${address}]` : address);
    let seen = streams.get(stream);
    if (seen === undefined) {
      seen = {
        client: fromClient ? from : to,
        server: fromClient ? `${bracket(to)}:${dport}` : `${bracket(from)}:${sport}`,
        commands: [],
        replies: [],
        versions: new Set(),
        serverName: null,
        serverCertificates: [],
        clientCertificates: [],
        alerts: [],
        clientHellos: 0,
        plaintextStartTlsReply: null,
      };
      streams.set(stream, seen);
    }
    if (command) {
      // tshark 4.0 gives the first four letters of a verb.
      seen.commands.push(...command.split(',').map((each) => each.toUpperCase()));
      if (/STAR|X-AN/.test(command.toUpperCase())) seen.plaintextStartTlsReply = '?';
    }
    if (code) {
      if (seen.plaintextStartTlsReply === '?') seen.plaintextStartTlsReply = code.split(',')[0];
      seen.replies.push(...code.split(','));
    }
    const versions = line.split('\t')[10];
    const kinds = types?.split(',') ?? [];
    if (kinds.includes('2')) {
      const picked = fromClient ? undefined : last(supported ?? '') || last(versions ?? '');
      if (picked !== undefined) seen.versions.add(VERSIONS[picked] ?? picked);
    }
    if (kinds.includes('1')) seen.clientHellos += 1;
    if (name) seen.serverName = name.split(',')[0];
    for (const each of (certificates ?? '').split(',').filter((value) => value !== '')) {
      const hash = createHash('sha256')
        .update(Buffer.from(each.replaceAll(':', ''), 'hex'))
        .digest('hex');
      (fromClient ? seen.clientCertificates : seen.serverCertificates).push(hash);
    }
    for (const each of (alerts ?? '').split(',').filter((value) => value !== ''))
      seen.alerts.push(`${fromClient ? 'client' : 'server'} ${each}`);
  }
  return { sessions: [...streams.values()], packets: outcome.stdout.split('\n').length - 1 };
}

const visible = (visibility: string) => visibility === 'visible' || visibility === 'decrypted';

function compare(truth: SessionTruth, seen: Seen, withKeys: boolean): string[] {
  const visibility = withKeys ? (truth.visibilityWithKeys ?? truth.visibility) : truth.visibility;
  const differences: string[] = [];
  const same = (what: string, told: unknown, found: unknown) => {
    if (JSON.stringify(told) !== JSON.stringify(found))
      differences.push(`${what}: manifest ${JSON.stringify(told)}, tshark ${JSON.stringify(found)}`);
  };
  same('client', truth.client, seen.client);
  same('server', truth.server, seen.server);
  same('server chain', visible(visibility.server) ? truth.serverChain : [], seen.serverCertificates);
  same('client chain', visible(visibility.client) ? truth.clientChain : [], seen.clientCertificates);
  same('version', truth.tlsVersion === null ? [] : [truth.tlsVersion], [...seen.versions]);
  same('server name', truth.serverName, seen.serverName);
  const alerts = withKeys ? truth.alertsWithKeys : truth.alerts;
  if (alerts !== undefined)
    same(
      'alerts',
      alerts.map(({ from, code }) => `${from} ${code}`),
      seen.alerts,
    );
  const state =
    truth.service !== 'smtp'
      ? null
      : seen.plaintextStartTlsReply === '220'
        ? 'accepted'
        : seen.plaintextStartTlsReply === '?'
          ? 'unanswered'
          : seen.plaintextStartTlsReply !== null
            ? 'refused'
            : 'none';
  const told =
    truth.starttls === null || ['accepted', 'unanswered', 'refused'].includes(truth.starttls) ? truth.starttls : 'none';
  same('starttls', told, state);
  return differences;
}

const wanted = process.argv[2] ?? '';
const manifest = JSON.parse(readFileSync(join(CAPTURES, 'manifest.json'), 'utf8')) as Manifest;
let wrong = 0;
let sessions = 0;
for (const capture of manifest.captures) {
  if (!capture.file.includes(wanted)) continue;
  const report = (text: string) => {
    const reason = EXPLAINED[capture.file];
    console.log(
      `${reason === undefined ? 'DIFFERS' : 'differs'} ${capture.file}: ${text}${reason === undefined ? '' : ` (${reason})`}`,
    );
    if (reason === undefined) wrong += 1;
  };
  // tshark cannot be kept from using the secrets inside a file.
  const readings = capture.secretsInside ? [true] : capture.keyLog === null ? [false] : [false, true];
  for (const withKeys of readings) {
    const reading = read(capture, withKeys);
    if (typeof reading === 'string') {
      if (capture.readable) report(`tshark cannot read it: ${reading}`);
      continue;
    }
    const seen = reading.sessions;
    if (capture.packets !== null && reading.packets !== capture.packets) {
      report(`manifest has ${capture.packets} packets, tshark ${reading.packets}`);
    }
    if (seen.length !== capture.sessions.length) {
      report(`manifest has ${capture.sessions.length} sessions, tshark ${seen.length} streams`);
      continue;
    }
    for (const [index, truth] of capture.sessions.entries()) {
      sessions += 1;
      for (const difference of compare(truth, seen[index], withKeys))
        report(`session ${index + 1}${withKeys ? ' with keys' : ''}: ${difference}`);
    }
  }
  for (const secret of capture.secrets) {
    // In one piece and uncompressed in all the captures that carry secrets.
    if (!readFileSync(join(CAPTURES, capture.file)).includes(secret) && !secret.startsWith('TEST-SECRET'))
      report(`does not hold ${secret}`);
  }
  if (capture.keyLog !== null && !existsSync(join(CAPTURES, capture.keyLog))) report('no key log');
}
console.log(`${manifest.captures.length} captures, ${sessions} sessions read, ${wrong} differences`);
process.exitCode = wrong === 0 ? 0 : 1;
