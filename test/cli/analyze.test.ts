import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, capture, ensureBuilt, run, STORY } from '../support/command.ts';

let folder = '';

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'starttrace-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** root reads everything, unless it gives up its capabilities. */
const IS_ROOT = process.getuid?.() === 0;
const WITHOUT_PRIVILEGES = IS_ROOT ? ['setpriv', '--inh-caps=-all', '--bounding-set=-all'] : [];
const CAN_LACK_PERMISSION = !IS_ROOT || spawnSync('setpriv', ['--version']).status === 0;

/** The rows of the overview. */
function rows(stdout: string): string[] {
  const lines = stdout.split('\n');
  const head = lines.findIndex((line) => /^ID +TIME UTC/.test(line));
  const end = lines.indexOf('', head);
  return lines.slice(head + 1, end);
}

/** The details, by session. */
function details(stdout: string): Map<string, string> {
  const parts = stdout.split(/\n(?=s\d+ {2}\S+ → \S+ {2}\d{4}-)/).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf(' ')), part]));
}

const EOP_NAMES = [
  '*.mail.eo.outlook.com',
  '*.mail.protection.outlook.com',
  'mail.protection.outlook.com',
  'outlook.com',
  'mail.messaging.microsoft.com',
];

describe('the story: Contoso, Fabrikam, Exchange Online Protection', () => {
  let stdout = '';
  let stderr = '';
  let code: number | null = null;
  beforeAll(async () => {
    ({ code, stdout, stderr } = await run(['analyze', STORY]));
  });

  it('is read without a complaint', () => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('begins with what was read and one sentence over all sessions', () => {
    const [file, empty, sentence] = stdout.split('\n');
    expect(file).toBe(`${STORY}: pcapng, 284 packets, ETHERNET, 2014-09-03 10:00:04 to 10:14:01 UTC`);
    expect(empty).toBe('');
    expect(sentence).toBe(
      "12 SMTP sessions: 7 with the server's certificate, 3 with TLS whose certificate cannot be seen, 2 without TLS.",
    );
  });

  it('has one row for each of the twelve sessions, and each in full', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `s${index + 1}`);
    expect(rows(stdout).map((row) => row.split(' ')[0])).toEqual(ids);
    expect([...details(stdout).keys()]).toEqual(ids);
  });

  it('shows how each session fared', () => {
    const words = rows(stdout).map((row) => row.split(/ {2,}/));
    expect(words.map(([id, , , starttls, version, server, client]) => [id, starttls, version, server, client])).toEqual(
      [
        ['s1', 'accepted', '1.2', 'mail.protection.outlook.com', 'mail.contoso.com'],
        ['s2', 'accepted', '1.2', 'mail.northwind.example', '–'],
        ['s3', 'not offered', '–', '–', '–'],
        ['s4', 'accepted', '1.2', 'mail.woodgrovebank.example', '–'],
        ['s5', 'refused', '–', '–', '–'],
        ['s6', 'accepted', '1.2', 'mail.protection.outlook.com', 'mail.contoso.com'],
        ['s7', 'accepted', '1.2', 'mail.contoso.com', 'mail.protection.outlook.com'],
        ['s8', 'accepted', '1.2', '(anonymous)', '–'],
        ['s9', 'accepted', '1.2', '(resumed)', '(resumed)'],
        ['s10', 'accepted', '1.3', '(encrypted)', '(encrypted)'],
        ['s11', 'accepted', '1.2', 'mail.protection.outlook.com', 'mail.contoso.com'],
        ['s12', 'accepted', '1.2', 'exchange.proseware.example', '–'],
      ],
    );
  });

  it('names the certificate of Exchange Online Protection with exactly its five names', () => {
    const s1 = details(stdout).get('s1') ?? '';
    expect(s1).toContain(
      '1 CN=mail.protection.outlook.com,OU=Forefront Online Protection for Exchange,O=Microsoft,L=Redmond,ST=WA,C=US\n' +
        `                 names   ${EOP_NAMES.join(', ')}\n`,
    );
    expect(s1).toContain('sha256  9ab902e03bf9106d01f7e43714a7844f9996c0287278396317911b2e74265173\n');
  });

  it('shows a certificate in full once, and refers to it afterwards', () => {
    expect(stdout.split(EOP_NAMES.join(', '))).toHaveLength(2);
    const again = '9ab902e03bf9106d01f7e43714a7844f9996c0287278396317911b2e74265173 (see s1)';
    for (const id of ['s6', 's7', 's11']) expect(details(stdout).get(id)).toContain(again);
  });

  it('says for each session why there is no certificate, and what to do', () => {
    const about = (id: string) => details(stdout).get(id) ?? '';
    expect(about('s3')).toMatch(/Certificates none\. The server did not offer STARTTLS: enable TLS on it/);
    expect(about('s5')).toMatch(/Certificates none\. The server refused STARTTLS with 454/);
    expect(about('s8')).toMatch(/Server sent {2}no certificate \(anonymous\)\. .+: to see one, make the client/);
    expect(about('s9')).toMatch(/Server sent {2}no certificate \(resumed\)\. .+: look at the earlier session/);
    expect(about('s10')).toMatch(/Server sent {2}no certificate to see \(encrypted\)\. TLS 1\.3 .+ key log/);
  });

  it('ends each session with a display filter for its frames', () => {
    for (const [id, text] of details(stdout)) {
      const [, first, last] = /frames (\d+)–(\d+)\n/.exec(text) ?? [];
      expect(text, id).toMatch(
        new RegExp(`Wireshark .+ && frame\\.number >= ${first} && frame\\.number <= ${last}\\n`),
      );
    }
  });

  it('has no trailing spaces, no tabs, no control characters', () => {
    expect(stdout).not.toMatch(/[ \t]\n|\t|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('what is printed', () => {
  it('--session prints one session in full, with its certificates', async () => {
    const { code, stdout } = await run(['analyze', '--session', 's7', STORY]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^s7 {2}10\.99\.0\.10:43715 → 10\.99\.0\.1:25 {2}2014-09-03 10:06:40\.959 UTC, /);
    expect(stdout.match(/^s\d+ /gm)).toEqual(['s7 ']);
    expect(stdout).toContain(EOP_NAMES.join(', '));
  });

  it('--summary prints the overview only', async () => {
    const { stdout } = await run(['analyze', '--summary', STORY]);
    expect(rows(stdout)).toHaveLength(12);
    expect(details(stdout).size).toBe(0);
    expect(stdout).toMatch(/--session s1; all of them: --details\.\n$/);
  });

  it('more than twenty sessions are an overview, and --details prints them all', async () => {
    const many = capture('many-interleaved-sessions.pcap.gz');
    const [short, long] = await Promise.all([run(['analyze', many]), run(['analyze', '--details', many])]);
    const count = rows(short.stdout).length;
    expect(count).toBeGreaterThan(20);
    expect(details(short.stdout).size).toBe(0);
    expect(details(long.stdout).size).toBe(count);
  });

  it('--scope tls finds TLS that is no mail', async () => {
    const tls = await run(['analyze', '--scope', 'tls', '--summary', capture('implicit-tls-465.pcap')]);
    expect(tls.code).toBe(0);
    expect(tls.stdout).toContain('implicit TLS');
  });
});

describe('several inputs are one run', () => {
  it('two files, merged by time, numbered where frames are named', async () => {
    const { code, stdout } = await run(['analyze', capture('tls-1.3.pcap'), capture('tls-1.2.pcap')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 {2}.*tls-1\.3\.pcap: .*\n2 {2}.*tls-1\.2\.pcap: /);
    expect(rows(stdout).map((row) => row.split(/ {2,}/).at(-1))).toEqual(['2: 1–22', '1: 1–21']);
  });

  it('a folder is every capture in it; other files are named on standard error', async () => {
    const captures = join(folder, 'folder');
    mkdirSync(join(captures, 'deeper'), { recursive: true });
    copyFileSync(capture('tls-1.2.pcap'), join(captures, 'a.bin'));
    copyFileSync(capture('tls-1.3.pcap'), join(captures, 'deeper', 'b.pcap'));
    writeFileSync(join(captures, 'notes.txt'), 'Notes about the captures.\n');
    const { code, stdout, stderr } = await run(['analyze', '--summary', captures]);
    expect(code).toBe(0);
    expect(rows(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^starttrace: skipped: .*notes\.txt: This is a text file, not a capture/);
  });

  it('a ring of dumpcap is one capture: sessions across files stay whole', async () => {
    const { code, stdout } = await run(['analyze', capture('ring')]);
    expect(code).toBe(0);
    expect(rows(stdout).map((row) => row.split(/ {2,}/).slice(4))).toEqual([
      ['1.2', 'mail.fabrikam.com', '–', '1: 1–22'],
      ['1.2', 'mail.fabrikam.com', '–', '1: 23 – 2: 16'],
      ['1.2', 'mail.fabrikam.com', '–', '2: 17 – 3: 10'],
    ]);
    expect(details(stdout).get('s2')).toMatch(/\n {4}frames of .*border_00002_.*\.pcapng:\n/);
  });

  it('the same file by two paths counts once', async () => {
    const link = join(folder, 'link.pcap');
    symlinkSync(capture('tls-1.2.pcap'), link);
    const { code, stdout } = await run([
      'analyze',
      '--summary',
      capture('tls-1.2.pcap'),
      capture('tls-1.2.pcap'),
      link,
    ]);
    expect(code).toBe(0);
    expect(rows(stdout)).toHaveLength(1);
    expect(stdout.match(/22 packets/g)).toHaveLength(1);
  });

  it('a file that cannot be read does not keep the others from being read', async () => {
    const { code, stdout, stderr } = await run([
      'analyze',
      '--summary',
      capture('tls-1.2.pcap'),
      join(folder, 'gone.pcap'),
    ]);
    expect(code).toBe(2);
    expect(rows(stdout)).toHaveLength(1);
    expect(stderr).toContain('gone.pcap: there is no such file');
  });
});

describe('standard input and compression', () => {
  it.each(['tls-1.2.pcap', 'format-gzip.pcapng.gz', 'format-netmon.cap'])('%s through a pipe', async (name) => {
    const { code, stdout } = await run(['analyze', '-'], { input: readFileSync(capture(name)) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^standard input: /);
    expect(rows(stdout)).toHaveLength(1);
  });

  it('the name of a file plays no part: a gzip file named .cap', async () => {
    const disguised = join(folder, 'disguised.cap');
    copyFileSync(capture('format-gzip.pcap.gz'), disguised);
    const { code, stdout } = await run(['analyze', disguised]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/disguised\.cap: pcap in gzip, /);
  });

  it('nothing on standard input is an empty file', async () => {
    const { code, stdout, stderr } = await run(['analyze', '-']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/-: This file is empty/);
  });
});

describe('exit 0: read, with the problem named', () => {
  it.each<[string, RegExp]>([
    ['damage-cut-file.pcap', /! The file ends inside a packet record at offset \d+/],
    ['damage-absurd-length.pcap', /! /],
    ['damage-block-length.pcapng', /! /],
    ['damage-cut-gzip.pcap.gz', /! /],
    ['snap-length-96.pcap', /short snap length/],
    ['segment-lost-in-certificate.pcap', /Problem {6}524 bytes from the server were not captured/],
  ])('%s', async (name, problem) => {
    const { code, stdout, stderr } = await run(['analyze', capture(name)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(problem);
  });

  it.each(['damage-header-only.pcap', 'damage-header-only.pcapng'])('%s: a capture without packets', async (name) => {
    const { code, stdout } = await run(['analyze', capture(name)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/No SMTP session in here\.\nNo packet was captured: check .+, then capture again\.\n$/);
  });
});

describe('exit 1: a certificate cannot be decoded', () => {
  it('names it and shows everything else', async () => {
    const { code, stdout } = await run(['analyze', capture('certificate-is-noise.pcap')]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/1 unreadable \(57 bytes\): .+\n +sha256 {2}[0-9a-f]{64}\n/);
    expect(stdout).toContain('Alert        bad_certificate (42), fatal, from the client, frame 13');
  });
});

describe('exit 2: no capture; the message names the file and the next step', () => {
  it.each<[string, RegExp]>([
    ['damage-empty.pcap', /empty.*Capture again\./],
    ['damage-no-capture.pcap', /text file.*give the capture itself\./],
    ['damage-gzip-of-text.pcap.gz', /text file.*give the capture itself\./],
    ['manifest.json', /JSON.*give the capture/],
    ['tls-1.3.keys.log', /key log.*capture/],
    ['missing.pcap', /no such file or folder; check the path\./],
  ])('%s', async (name, message) => {
    const path = capture(name);
    const { code, stdout, stderr } = await run(['analyze', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`starttrace: ${path}: `)).toBe(true);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('a folder without captures', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stdout, stderr } = await run(['analyze', empty]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/empty: no capture is in this folder \(0 other files\); give the folder/);
  });

  it('an option that does not exist is never advised', async () => {
    const { stdout: help } = await run(['analyze', '--help']);
    const { stderr } = await run(['analyze', capture('tls-1.3.keys.log')]);
    for (const [option] of stderr.matchAll(/--[a-z-]+/g)) expect(help).toContain(option);
  });

  it.skipIf(!CAN_LACK_PERMISSION)('a file without permission', () => {
    const path = join(folder, 'secret.pcap');
    copyFileSync(capture('tls-1.2.pcap'), path);
    chmodSync(path, 0);
    const [program, ...args] = [...WITHOUT_PRIVILEGES, process.execPath, COMMAND, 'analyze', path];
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/secret\.pcap: permission denied; make it readable/);
  });
});

describe('the display filter', () => {
  const tshark = spawnSync('tshark', ['--version']).status === 0;
  it.skipIf(!tshark)('selects the frames of the session in tshark', async () => {
    const { stdout } = await run(['analyze', '--json', '--session', 's7', STORY]);
    const [session] = JSON.parse(stdout).sessions;
    const { stdout: frames } = spawnSync(
      'tshark',
      ['-r', STORY, '-Y', session.displayFilter, '-T', 'fields', '-e', 'frame.number'],
      { encoding: 'utf8' },
    );
    const numbers = frames.trim().split('\n').map(Number);
    expect(numbers[0]).toBe(session.firstFrame);
    expect(numbers.at(-1)).toBe(session.lastFrame);
  });
});
