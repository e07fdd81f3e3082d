/** Every operation of the contract over HTTP, as the page asks for it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  OPERATIONS,
  type OperationInput,
  type OperationName,
  type OperationResult,
} from '../../shared/contract/operations.ts';
import { EXPECTATIONS, temporaryFolder } from '../support/application.ts';
import { capture, STORY } from '../support/command.ts';
import { type EventReader, TestLoopback } from '../support/loopback.ts';

let loopback: TestLoopback;
let token: string;
let events: EventReader;
let run: string;

beforeAll(async () => {
  loopback = await TestLoopback.start();
  token = await loopback.token();
  events = await loopback.events(token);
  ({ run } = await ask('openSample', {}));
  await events.record.of('run-finished', run);
});
afterAll(async () => {
  events.close();
  await loopback.host.close();
});

const asked = new Set<string>();

async function ask<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResult<N>> {
  asked.add(name);
  const answer = await loopback.call(token, name, input);
  const body = JSON.parse(answer.text);
  if (answer.status !== 200) throw Object.assign(new Error(body.error.message), body.error, { status: answer.status });
  return body.result;
}

async function upload(name: string, bytes: Uint8Array): Promise<string> {
  const answer = await loopback.send({
    method: 'PUT',
    path: `/upload?name=${encodeURIComponent(name)}`,
    headers: loopback.headers(token),
    body: bytes,
  });
  return JSON.parse(answer.text).ticket;
}

const text = readFileSync(EXPECTATIONS, 'utf8');
const question = { trust: null, expectations: { name: EXPECTATIONS, text }, at: null } as const;

describe('operations', () => {
  it('about: the host is a browser', async () => {
    expect(await ask('about', {})).toMatchObject({ version: '0.0.0', host: 'browser' });
  });

  it('the sample arrives as events, in order', () => {
    const kinds = events.record.all.filter((event) => event.run === run).map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe('run-finished');
    expect(events.record.rows(run)).toHaveLength(12);
  });

  it('captures by name, and among the recent files afterwards', async () => {
    const opened = await ask('openCaptures', { names: [STORY] });
    await events.record.of('run-finished', opened.run);
    expect((await ask('recentFiles', {}))[0]).toMatchObject({ file: STORY, sessions: 12 });
    expect(await ask('forgetRecentFiles', {})).toBeNull();
    expect(await ask('recentFiles', {})).toEqual([]);
    expect(await ask('closeRun', { run: opened.run })).toBeNull();
  });

  it('no dialogs: the page has its own', async () => {
    expect(await ask('chooseCaptures', {})).toBeNull();
    expect(await ask('openExpectations', { file: null })).toBeNull();
    expect(await ask('saveExpectations', { file: null, text })).toBeNull();
  });

  it('files that were dropped are one run under their own names, kept until it is closed', async () => {
    const tickets = [
      await upload('the story.pcapng', readFileSync(STORY)),
      await upload('Kapitel 2 – émile.pcap', readFileSync(capture('chain-eop.pcap'))),
      await upload('broken.pcap', readFileSync(STORY).subarray(0, 3)),
    ];
    const opened = await ask('openUploads', { tickets });
    const { captures, sessions, errors } = await events.record.of('run-finished', opened.run);
    expect(captures.map(({ file }) => file)).toEqual(['the story.pcapng', 'Kapitel 2 – émile.pcap']);
    expect(sessions).toBe(13);
    expect(errors).toMatchObject([
      { file: 'broken.pcap', problem: { message: expect.stringMatching(/^broken\.pcap/) } },
    ]);
    expect(await ask('recentFiles', {})).toEqual([]);
    const { session } = await ask('session', { run: opened.run, id: 's1' });
    expect(session.id).toBe('s1');
    await ask('closeRun', { run: opened.run });
  });

  it('sessions, certificates, judgements', async () => {
    const { session } = await ask('session', { run, id: 's1' });
    const [leaf] = session.certificates.server.chain;
    expect((await ask('certificate', { run, sha256: leaf.sha256 })).pem).toContain('BEGIN CERTIFICATE');
    const saved = await ask('exportCertificates', { run, certificates: [leaf.sha256], format: 'der' });
    expect(Buffer.from(saved.base64, 'base64')[0]).toBe(0x30);
    const judged = await ask('judge', { run, question });
    expect(judged.headline).toMatch(/^3 of 12 sessions would be deferred/);
    expect((await ask('judgedSession', { run, id: 's1' })).verdict?.partner).toBe('Fabrikam');
    await expect(ask('session', { run, id: 's99' })).rejects.toMatchObject({ status: 422, code: 'session-unknown' });
  });

  it('expectations: checked, opened, saved, imported, and asked what if', async () => {
    expect((await ask('checkExpectations', { name: 'a', text })).problems).toEqual([]);
    expect((await ask('openExpectations', { file: EXPECTATIONS }))?.text).toBe(text);
    const file = join(temporaryFolder(), 'mine.yaml');
    expect(await ask('saveExpectations', { file, text })).toEqual({ file });
    expect(readFileSync(file, 'utf8')).toBe(text);
    const pasted =
      'Name : To Fabrikam\nRecipientDomains : {fabrikam.com}\nTlsSettings : EncryptionOnly\nUseMXRecord : True\n';
    expect((await ask('importConnectors', { text: pasted })).text).toContain('EncryptionOnly');
    const moved = await ask('whatIf', {
      expectations: { name: EXPECTATIONS, text },
      movesTo: 'eop-2014',
      only: null,
      direction: 'both',
      trust: null,
    });
    expect(moved.partners.length).toBeGreaterThan(0);
    expect((await ask('catalogue', {})).length).toBeGreaterThan(2);
    expect((await ask('trustPolicies', {})).policies.length).toBeGreaterThan(2);
  });

  it('a run is cancelled', async () => {
    const opened = await ask('openCaptures', { names: [capture('many-interleaved-sessions.pcap.gz')] });
    expect(await ask('cancelRun', { run: opened.run })).toBeNull();
  });

  it('Wireshark: an answer in words, whatever is installed', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = temporaryFolder();
    try {
      const { opened, explanation } = await ask('openInWireshark', { run, capture: 0, frame: 1 });
      expect({ opened, said: explanation.length > 20 }).toEqual({ opened: false, said: true });
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('all of them were asked for', () => {
    expect([...asked].sort()).toEqual(Object.keys(OPERATIONS).sort());
  });
});

describe('events', () => {
  it('a page that comes later is told of what is open', async () => {
    const later = await loopback.events(token);
    await later.record.of('run-finished', run);
    expect(later.record.all[0]).toMatchObject({ kind: 'run-opened' });
    expect(later.record.rows(run)).toHaveLength(12);
    later.close();
  });

  it('a page that lost its connection is told only what it missed', async () => {
    const first = await loopback.events(token);
    const opened = await ask('openCaptures', { names: [capture('chain-eop.pcap')] });
    await first.record.of('run-finished', opened.run);
    first.close();
    const last = first.ids.at(-1) ?? '';
    expect(last).toMatch(/^\d+$/);
    const missed = await ask('openCaptures', { names: [capture('chain-p256.pcap')] });
    await events.record.of('run-finished', missed.run);
    const again = await loopback.events(token, last);
    await again.record.of('run-finished', missed.run);
    expect(new Set(again.record.all.map((event) => event.run))).toEqual(new Set([missed.run]));
    again.close();
  });

  it.each(['999999999', '-1', 'x', '1e3', ''])('an event that never was starts all anew: %s', async (id) => {
    const reader = await loopback.events(token, id);
    await reader.record.of('run-finished', run);
    expect(reader.record.all.some(({ kind }) => kind === 'run-opened')).toBe(true);
    reader.close();
  });

  it('the host knows how many pages listen', async () => {
    const counts: number[] = [];
    const other = await TestLoopback.start({ onPages: (count) => counts.push(count) });
    const right = await other.token();
    const [one, two] = [await other.events(right), await other.events(right)];
    expect(counts).toEqual([1, 2]);
    one.close();
    two.close();
    await expect.poll(() => counts.at(-1), { timeout: 10_000 }).toBe(0);
    await other.host.close();
  });
});

describe('the end', () => {
  it('removes what was handed over, ends connections and runs', async () => {
    const other = await TestLoopback.start();
    const right = await other.token();
    const put = await other.send({
      method: 'PUT',
      path: '/upload?name=a.pcap',
      headers: other.headers(right),
      body: readFileSync(STORY),
    });
    const { ticket } = JSON.parse(put.text);
    const reader = await other.events(right);
    const opened = JSON.parse((await other.call(right, 'openUploads', { tickets: [ticket] })).text).result;
    await reader.record.of('run-finished', opened.run);
    const kept = uploadPath(other, opened.run);
    expect(existsSync(kept)).toBe(true);
    await other.host.close();
    expect(existsSync(dirname(kept))).toBe(false);
    await expect(other.call(right, 'about', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

/** Where the one file of a run lies, by the analysis that hosts print. */
function uploadPath({ host }: TestLoopback, id: string): string {
  return host.application.capturePath(id, 0);
}
