import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NO_DIALOGS } from '../../electron/service/host-services.ts';
import type { JudgeQuestionInput, OperationName } from '../../shared/contract/operations.ts';
import { readPem } from '../../shared/x509/pem.ts';
import { readPkcs7 } from '../../shared/x509/pkcs7.ts';
import { EXPECTATIONS, TestApplication, temporaryFolder } from '../support/application.ts';
import { capture, ensureBuilt, STORY } from '../support/command.ts';

beforeAll(ensureBuilt);

const open: TestApplication[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ application }) => application.close()));
});

function start(...args: ConstructorParameters<typeof TestApplication>): TestApplication {
  const started = new TestApplication(...args);
  open.push(started);
  return started;
}

async function openStory(where: 'here' | 'thread') {
  const { application, events } = start(where);
  const { run, question } = await application.call('openSample', {});
  const finished = await events.of('run-finished', run);
  return { application, events, run, question, finished };
}

const DEFAULT: JudgeQuestionInput = { trust: null, expectations: null, at: null };

describe.each(['here', 'thread'] as const)('a run, %s', (where) => {
  it('the sample brings its rows and what it was read from', async () => {
    const { events, run, finished } = await openStory(where);
    expect(finished).toMatchObject({ sessions: 12, errors: [], skipped: [] });
    expect(finished.captures).toMatchObject([{ format: 'pcapng', packetCount: 284 }]);
    const rows = events.rows(run);
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => `s${index + 1}`));
    expect(rows[0]).toMatchObject({
      client: '10.99.0.1:46821',
      server: '10.99.0.10:25',
      starttls: 'accepted',
      tls: 'TLS 1.2',
      tlsOutcome: 'established',
      certificate: 'mail.protection.outlook.com',
      visibility: 'visible',
      clientCertificate: 'mail.contoso.com',
    });
    expect(rows[2]).toMatchObject({ starttls: 'not-offered', tls: null, certificate: null, visibility: 'none' });
    expect(events.all.some(({ kind }) => kind === 'run-progress')).toBe(true);
  });

  it('the story is judged in words, with what to change', async () => {
    const { application, run, question } = await openStory(where);
    const judged = await application.call('judge', { run, question });
    expect(judged.headline).toBe(
      '3 of 12 sessions would be deferred: Fabrikam presents mail.protection.outlook.com, where mail.fabrikam.com is expected. 2 more would be deferred or rejected.',
    );
    expect(judged.remedies[0]).toMatch(/^Fabrikam, 3 sessions: Set TlsDomain to mail\.protection\.outlook\.com/);
    expect(judged.rows).toHaveLength(12);
    expect(judged.rows[0]).toEqual({
      path: 'valid',
      root: 'TEST Baltimore CyberTrust Root',
      outcome: 'defer',
      partner: 'Fabrikam',
    });
    expect(judged.judgedBy).toMatchObject({ trust: { name: 'story' }, at: 'capture' });
    const one = await application.call('judgedSession', { run, id: 's1' });
    expect(one.verdict).toMatchObject({ partner: 'Fabrikam', outcome: 'defer' });
    expect(one.verdicts[0].checks.length).toBeGreaterThan(2);
  });

  it('without expectations the headline says what the paths say', async () => {
    const { application, run } = await openStory(where);
    const { headline, rows, remedies } = await application.call('judge', { run, question: DEFAULT });
    expect(headline).toMatch(
      /^7 of 7 sessions with a server's certificate have no path to a root that mozilla trusts: /,
    );
    expect(rows.every(({ outcome }) => outcome === null)).toBe(true);
    expect(remedies.length).toBeGreaterThan(0);
  });

  it('judging answers again for another point in time', async () => {
    const { application, run, question } = await openStory(where);
    const then = await application.call('judge', { run, question });
    const date = Date.parse('2026-01-01T00:00:00Z') / 1000;
    const later = await application.call('judge', { run, question: { ...question, at: { date } } });
    expect(then.rows[0].path).toBe('valid');
    expect(later.rows[0].path).toBe('invalid');
    expect(later.judgedBy.at).toBe('2026-01-01T00:00:00Z');
  });

  it('a newer question takes the place of an older one', async () => {
    const { application, run, question } = await openStory(where);
    const older = application.call('judge', { run, question });
    const newer = application.call('judge', { run, question: DEFAULT });
    await expect(older).rejects.toMatchObject({ code: 'superseded' });
    expect((await newer).judgedBy.expectations).toBeNull();
  });

  it('the same question, asked by two windows at once, is answered to both', async () => {
    const { application, run, question } = await openStory(where);
    const answers = await Promise.all([1, 2].map(() => application.call('judge', { run, question })));
    expect(answers.map(({ headline }) => headline)).toEqual([1, 2].map(() => expect.stringMatching(/^3 of 12/)));
  });

  it('mistakes in what to judge by are told with their place', async () => {
    const { application, run } = await openStory(where);
    const expectations = { name: 'mine.yaml', text: 'version: 1\npartners: [{name: A}]\n' };
    const judged = application.call('judge', { run, question: { ...DEFAULT, expectations } });
    await expect(judged).rejects.toMatchObject({
      code: 'judge-input',
      message: expect.stringMatching(/^mine\.yaml:2:/),
    });
    const unknown = application.call('judge', { run, question: { ...DEFAULT, trust: 'nobody' } });
    await expect(unknown).rejects.toMatchObject({ code: 'judge-input', message: expect.stringContaining('nobody') });
  });

  it('a session comes whole, with the certificates it shows', async () => {
    const { application, run } = await openStory(where);
    const { session, certificates } = await application.call('session', { run, id: 's1' });
    expect(session).toMatchObject({ id: 's1', service: 'smtp' });
    expect(session.timeline.length).toBeGreaterThan(5);
    const shown = [...session.certificates.server.chain, ...session.certificates.client.chain];
    expect(Object.keys(certificates).sort()).toEqual([...new Set(shown.map(({ sha256 }) => sha256))].sort());
    await expect(application.call('session', { run, id: 's13' })).rejects.toMatchObject({
      code: 'session-unknown',
      message: expect.stringContaining('s1 to s12'),
    });
  });

  it('a certificate comes in every field, also the root that only the policy has', async () => {
    const { application, run, question } = await openStory(where);
    const { session } = await application.call('session', { run, id: 's1' });
    const [leaf] = session.certificates.server.chain;
    const detail = await application.call('certificate', { run, sha256: leaf.sha256 });
    const group = (title: string) => detail.groups.find((one) => one.title === title)?.fields ?? [];
    expect(detail.groups.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['Subject', 'Issuer', 'Validity', 'Public key', 'Signature', 'Fingerprints']),
    );
    expect(group('Subject')).toContainEqual({ label: 'Common name (CN)', value: 'mail.protection.outlook.com' });
    expect(group('Subject alternative names').filter(({ label }) => label === 'DNS name')).toHaveLength(5);
    expect(readPem(detail.pem).blocks).toHaveLength(1);
    await application.call('judge', { run, question });
    const { paths } = await application.call('judgedSession', { run, id: 's1' });
    const root = paths[0].path.find(({ role }) => role === 'anchor');
    const trusted = await application.call('certificate', { run, sha256: root?.sha256 ?? '' });
    expect(trusted.groups[0].fields).toContainEqual({
      label: 'Common name (CN)',
      value: 'TEST Baltimore CyberTrust Root',
    });
    await expect(application.call('certificate', { run, sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'certificate-unknown',
    });
  });

  it('certificates are saved as PEM, DER and PKCS #7', async () => {
    const { application, run } = await openStory(where);
    const { session } = await application.call('session', { run, id: 's1' });
    const certificates = session.certificates.server.chain.map(({ sha256 }) => sha256);
    const file = async (hashes: readonly string[], format: 'pem' | 'der' | 'p7b') => {
      const saved = await application.call('exportCertificates', { run, certificates: [...hashes], format });
      return { name: saved.fileName, bytes: new Uint8Array(Buffer.from(saved.base64, 'base64')) };
    };
    const pem = await file(certificates, 'pem');
    expect(pem.name).toBe('mail.protection.outlook.com.pem');
    expect(readPem(pem.bytes).blocks).toHaveLength(certificates.length);
    expect(readPkcs7((await file(certificates, 'p7b')).bytes)).toMatchObject({ kind: 'certificates' });
    const der = await file(certificates.slice(0, 1), 'der');
    expect(readPem(pem.bytes).blocks[0].der).toEqual(der.bytes);
    await expect(file(certificates, 'der')).rejects.toMatchObject({ code: 'one-certificate-only' });
  });

  it('files that are none and files that are broken are named, and the rest is read', async () => {
    const { application, events } = start(where);
    const missing = join(temporaryFolder(), 'missing.pcap');
    const { run } = await application.call('openCaptures', { names: [missing, STORY] });
    const finished = await events.of('run-finished', run);
    expect(finished).toMatchObject({ sessions: 12, errors: [{ file: missing, problem: { code: 'file-not-found' } }] });
  });

  it('an empty file is an error of that file, not of the run', async () => {
    const { application, events } = start(where);
    const empty = join(temporaryFolder(), 'empty.pcap');
    writeFileSync(empty, '');
    const { run } = await application.call('openCaptures', { names: [empty] });
    const finished = await events.of('run-finished', run);
    expect(finished).toMatchObject({ sessions: 0, captures: [] });
    expect(finished.errors).toHaveLength(1);
    const judged = await application.call('judge', { run, question: DEFAULT });
    expect(judged).toMatchObject({ rows: [], headline: expect.stringContaining('no mail session') });
  });

  it('a run that was cancelled says so, once, and answers nothing', async () => {
    const { application, events } = start(where);
    const { run } = await application.call('openCaptures', { names: [capture('many-interleaved-sessions.pcap.gz')] });
    await application.call('cancelRun', { run });
    await events.of('run-cancelled', run);
    await expect(application.call('session', { run, id: 's1' })).rejects.toMatchObject({ code: 'run-ended' });
    await application.call('cancelRun', { run });
    expect(events.all.filter(({ kind }) => kind === 'run-cancelled')).toHaveLength(1);
    expect(events.all.some(({ kind }) => kind === 'run-finished' || kind === 'run-failed')).toBe(false);
  });

  it('a run that was closed is gone', async () => {
    const { application, run } = await openStory(where);
    await application.call('closeRun', { run });
    await application.call('closeRun', { run });
    await expect(application.call('session', { run, id: 's1' })).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it('several runs at once do not disturb one another', async () => {
    const { application, events } = start(where);
    const names = [STORY, capture('many-interleaved-sessions.pcap.gz'), capture('chain-eop.pcap')];
    const runs = await Promise.all(names.map((name) => application.call('openCaptures', { names: [name] })));
    const finished = await Promise.all(runs.map(({ run }) => events.of('run-finished', run)));
    for (const [index, { sessions, captures }] of finished.entries()) {
      expect(captures.map(({ file }) => file)).toEqual([names[index]]);
      expect(events.rows(runs[index].run)).toHaveLength(sessions);
    }
  });

  it('a window that comes later is told of everything that is open', async () => {
    const { application, events, run } = await openStory(where);
    const host = application.openByHost([STORY]);
    await events.of('run-finished', host);
    const told: { kind: string; run: string }[] = [];
    await application.replay((event) => told.push(event));
    for (const id of [run, host]) {
      expect(told.filter((event) => event.run === id).map(({ kind }) => kind)).toEqual([
        'run-opened',
        'run-rows',
        'run-finished',
      ]);
    }
  });
});

describe('inputs are checked before anything else', () => {
  it.each<[string, OperationName, unknown]>([
    ['no object', 'openCaptures', null],
    ['no names', 'openCaptures', { names: [] }],
    ['a name that is no text', 'openCaptures', { names: [1] }],
    ['more than there is', 'about', { more: 1 }],
    ['a run that is no identifier', 'cancelRun', { run: '../x' }],
    ['a fingerprint that is none', 'certificate', { run: 'r', sha256: 'abc' }],
    ['a format that is none', 'exportCertificates', { run: 'r', certificates: ['0'.repeat(64)], format: 'exe' }],
    [
      'a date that is no number',
      'judge',
      { run: 'r', question: { trust: null, expectations: null, at: { date: 'x' } } },
    ],
    ['an expectation file past all measure', 'checkExpectations', { name: 'a', text: 'x'.repeat(2_000_001) }],
  ])('%s', async (_, name, input) => {
    const { application } = start('here');
    await expect(application.call(name, input)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it.each(['nothing', 'constructor', '__proto__'])('an operation that there is not: %s', async (name) => {
    const { application } = start('here');
    await expect(application.call(name as OperationName, {})).rejects.toMatchObject({ code: 'operation-unknown' });
  });
});

describe('recent files', () => {
  it('are those that were read, the last one first, and are there again after a start', async () => {
    const first = start('here');
    for (const name of [STORY, capture('chain-eop.pcap'), STORY]) {
      const { run } = await first.application.call('openCaptures', { names: [name] });
      await first.events.of('run-finished', run);
    }
    const missing = await first.application.call('openCaptures', { names: ['/nowhere/at-all.pcap'] });
    await first.events.of('run-finished', missing.run);
    const second = start('here', NO_DIALOGS, first.dataFolder);
    const recent = await second.application.call('recentFiles', {});
    expect(recent.map(({ file, sessions }) => ({ file, sessions }))).toEqual([
      { file: STORY, sessions: 12 },
      { file: capture('chain-eop.pcap'), sessions: 1 },
    ]);
    expect(readdirSync(first.dataFolder)).toEqual(['recent-files.json']);
    await second.application.call('forgetRecentFiles', {});
    expect(await second.application.call('recentFiles', {})).toEqual([]);
  });

  it('a list that is damaged is an empty one', async () => {
    const dataFolder = temporaryFolder();
    for (const text of ['', '{', '[]', '{"version":2,"files":[]}', '{"version":1,"files":[{"file":1}]}']) {
      writeFileSync(join(dataFolder, 'recent-files.json'), text);
      expect(await start('here', NO_DIALOGS, dataFolder).application.call('recentFiles', {})).toEqual([]);
    }
  });

  it('the sample is not among them', async () => {
    const { application } = await openStory('here');
    expect(await application.call('recentFiles', {})).toEqual([]);
  });
});

describe('expectations', () => {
  const text = readFileSync(EXPECTATIONS, 'utf8');

  it('are checked: who expects what of which side', async () => {
    const { application } = start('here');
    const { problems, partners } = await application.call('checkExpectations', { name: 'a.yaml', text });
    expect(problems).toEqual([]);
    expect(partners?.[0]).toMatchObject({ name: 'Fabrikam', kind: 'exchange-online-outbound', side: 'server' });
    expect(partners?.[0].demands).toContain('mail.fabrikam.com');
    expect(partners?.[1]).toMatchObject({ side: 'client' });
  });

  it('mistakes have a line and a column', async () => {
    const { application } = start('here');
    const wrong = text.replace('DomainValidation', 'DomainValidatoin');
    const { problems, partners } = await application.call('checkExpectations', { name: 'a.yaml', text: wrong });
    expect(partners).toBeNull();
    expect(problems).toMatchObject([{ line: 14 }]);
  });

  it('are opened, saved over what was opened, and over nothing else', async () => {
    const { application } = start('here');
    const folder = temporaryFolder();
    const [mine, other] = [join(folder, 'mine.yaml'), join(folder, 'other.yaml')];
    writeFileSync(mine, text);
    writeFileSync(other, 'keep');
    expect(await application.call('openExpectations', { file: mine })).toEqual({ file: mine, text });
    expect(await application.call('saveExpectations', { file: mine, text: 'new' })).toEqual({ file: mine });
    expect(readFileSync(mine, 'utf8')).toBe('new');
    const refused = application.call('saveExpectations', { file: other, text: 'new' });
    await expect(refused).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(other, 'utf8')).toBe('keep');
    const ending = application.call('saveExpectations', { file: join(folder, '.bashrc'), text: 'new' });
    await expect(ending).rejects.toMatchObject({ code: 'not-an-expectation-file' });
    await application.call('saveExpectations', { file: join(folder, 'third.yaml'), text: 'third' });
    await application.call('saveExpectations', { file: join(folder, 'third.yaml'), text: 'again' });
    expect(readdirSync(folder).sort()).toEqual(['mine.yaml', 'other.yaml', 'third.yaml']);
  });

  it('a dialog of the host decides where a file has no name yet', async () => {
    const file = join(temporaryFolder(), 'chosen.yaml');
    const { application } = start('here', {
      kind: 'electron',
      chooseCaptures: async () => [STORY],
      chooseExpectations: async () => EXPECTATIONS,
      chooseSaveFile: async () => file,
    });
    expect(await application.call('openExpectations', { file: null })).toEqual({ file: EXPECTATIONS, text });
    expect(await application.call('saveExpectations', { file: null, text })).toEqual({ file });
    expect(await application.call('chooseCaptures', {})).toMatchObject({ run: expect.any(String) });
    const without = start('here').application;
    expect(await without.call('chooseCaptures', {})).toBeNull();
    expect(await without.call('openExpectations', { file: null })).toBeNull();
    expect(await without.call('saveExpectations', { file: null, text })).toBeNull();
  });

  it('a file that is not there is an error with the next step', async () => {
    const { application } = start('here');
    const file = join(temporaryFolder(), 'missing.yaml');
    await expect(application.call('openExpectations', { file })).rejects.toMatchObject({
      code: 'expectations-unreadable',
      message: expect.stringContaining('no such file'),
    });
  });

  it('come from pasted connectors', async () => {
    const { application } = start('here');
    const pasted =
      'Name           : To Fabrikam\nRecipientDomains : {fabrikam.com}\nTlsSettings : DomainValidation\nTlsDomain : mail.fabrikam.com\nConnectorType : Partner\nUseMXRecord : True\n';
    const imported = await application.call('importConnectors', { text: pasted });
    expect(imported.text).toContain('mail.fabrikam.com');
    const checked = await application.call('checkExpectations', { name: 'a', text: imported.text });
    expect(checked.partners).toHaveLength(1);
    await expect(application.call('importConnectors', { text: 'nothing' })).rejects.toMatchObject({
      code: 'import-not-understood',
    });
  });

  it('what breaks when a domain moves', async () => {
    const { application } = start('here');
    const input = {
      expectations: { name: EXPECTATIONS, text },
      movesTo: 'eop-2026',
      only: 'fabrikam.com',
      direction: 'both',
      trust: null,
    } as const;
    const answer = await application.call('whatIf', input);
    expect(answer.partners.some(({ effect }) => effect === 'breaks')).toBe(true);
    await expect(application.call('whatIf', { ...input, movesTo: 'eop-3000' })).rejects.toMatchObject({
      code: 'what-if',
    });
    const entries = await application.call('catalogue', {});
    expect(entries.map(({ id }) => id)).toContain('eop-2026');
  });
});

describe('the machine', () => {
  it('trust policies are those of the command line', async () => {
    const { application } = start('here');
    const { policies } = await application.call('trustPolicies', {});
    expect(policies.map(({ name }) => name)).toEqual(expect.arrayContaining(['mozilla', 'system', 'eop-2014']));
  });

  it('Wireshark is opened at the frame where it is installed, and missed where it is not', async () => {
    const folder = temporaryFolder();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const { application, run } = await openStory('here');
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = bin;
      expect((await application.call('about', {})).wireshark).toBe(false);
      expect(await application.call('openInWireshark', { run, capture: 0, frame: 7 })).toMatchObject({ opened: false });
      const told = join(folder, 'told');
      writeFileSync(
        join(bin, 'wireshark'),
        `#!/bin/sh\nprintf '%s\\n' "$@" > '${told}.half' && mv '${told}.half' '${told}'\n`,
      );
      chmodSync(join(bin, 'wireshark'), 0o755);
      process.env['PATH'] = `${bin}${delimiter}${path}`;
      expect((await application.call('about', {})).wireshark).toBe(true);
      expect(await application.call('openInWireshark', { run, capture: 0, frame: 7 })).toMatchObject({ opened: true });
      await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toContain('told');
      expect(readFileSync(told, 'utf8')).toBe(`-r\n${STORY}\n-g\n7\n`);
    } finally {
      process.env['PATH'] = path;
    }
    await expect(application.call('openInWireshark', { run, capture: 1, frame: 7 })).rejects.toMatchObject({
      code: 'capture-unknown',
    });
  });
});
