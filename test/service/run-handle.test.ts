import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Application } from '../../electron/service/application.ts';
import { NO_DIALOGS } from '../../electron/service/host-services.ts';
import { EventRecord, installation, temporaryFolder } from '../support/application.ts';
import { STORY } from '../support/command.ts';

/** An application whose runs live in this script. */
function withThread(script: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'run-worker.mjs');
  writeFileSync(file, script);
  const application = new Application({
    dataFolder: folder,
    version: '0.0.0',
    installation: { ...installation('here'), runWorker: pathToFileURL(file) },
    host: NO_DIALOGS,
  });
  return { application, folder, events: new EventRecord((listener) => application.subscribe(listener)) };
}

describe('a thread that breaks', () => {
  it.each([
    ['with an error', "throw new Error('out of everything')", /out of everything/],
    ['without a word', 'process.exit(0)', /thread ended/],
  ])('%s: the run has failed, and says what to do', async (_, script, reason) => {
    const { application, events } = withThread(script);
    const { run } = await application.call('openCaptures', { names: [STORY] });
    const { error } = await events.of('run-failed', run);
    expect(error).toMatchObject({ code: 'run-broken', message: expect.stringMatching(reason) });
    await expect(application.call('session', { run, id: 's1' })).rejects.toMatchObject({ code: 'run-broken' });
    expect(events.all.filter(({ kind }) => kind === 'run-failed')).toHaveLength(1);
    await application.close();
  });

  it('while it is asked: nobody waits for ever', async () => {
    const { application, events } = withThread(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', () => process.exit(1));
    `);
    const { run } = await application.call('openCaptures', { names: [STORY] });
    await expect(application.call('session', { run, id: 's1' })).rejects.toMatchObject({ code: 'run-broken' });
    await events.of('run-failed', run);
    await application.close();
  });

  it('that never answers is ended by cancelling, and its questions with it', async () => {
    const { application, events } = withThread(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', () => { for (;;); });
    `);
    const { run } = await application.call('openCaptures', { names: [STORY] });
    const asked = application.call('session', { run, id: 's1' });
    const refused = expect(asked).rejects.toMatchObject({ code: 'run-ended' });
    await application.call('cancelRun', { run });
    await events.of('run-cancelled', run);
    await refused;
    await application.close();
  });

  it('more runs than anybody looks at are refused', async () => {
    const { application } = withThread(
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {});",
    );
    const runs: string[] = [];
    await expect(
      (async () => {
        for (;;) runs.push((await application.call('openCaptures', { names: [STORY] })).run);
      })(),
    ).rejects.toMatchObject({ code: 'too-many-runs' });
    expect(runs).toHaveLength(50);
    await application.call('closeRun', { run: runs[0] });
    await application.call('openCaptures', { names: [STORY] });
    await application.close();
  });
});

/** A thread that has read one capture at once; `then` is what it does when it is asked. */
const READ = (then: string): string => `
  import { parentPort } from 'node:worker_threads';
  const finished = { kind: 'finished', paths: [${JSON.stringify(STORY)}], captures: [], sessions: 0, sessionsOf: [0],
    errors: [], skipped: [] };
  parentPort.postMessage({ kind: 'report', report: { kind: 'rows', from: 0, rows: [] } });
  parentPort.postMessage({ kind: 'report', report: finished });
  parentPort.on('message', () => { ${then} });
`;

describe('a run that has been read', () => {
  it('and closed before it was put among the recent files is not told to be finished', async () => {
    const { application, events, folder } = withThread(READ(''));
    execFileSync('mkfifo', [join(folder, 'recent-files.json')]);
    const { run } = await application.call('openCaptures', { names: [STORY] });
    await events.of('run-rows', run);
    // Remembering waits for the list to be read.
    await new Promise((fulfil) => setTimeout(fulfil, 100));
    await application.call('closeRun', { run });
    writeFileSync(join(folder, 'recent-files.json'), '');
    await expect.poll(() => application.call('recentFiles', {})).toHaveLength(1);
    expect(events.all.map(({ kind }) => kind)).toEqual(['run-rows']);
    await application.close();
  });

  it('and whose thread broke later has failed, also for a window that comes then', async () => {
    const { application, events } = withThread(READ('process.exit(1);'));
    const { run } = await application.call('openCaptures', { names: [STORY] });
    await events.of('run-finished', run);
    await expect(application.call('session', { run, id: 's1' })).rejects.toMatchObject({ code: 'run-broken' });
    await events.of('run-failed', run);
    const later: string[] = [];
    await application.replay(({ kind }) => later.push(kind));
    expect(later).toEqual(['run-opened', 'run-failed']);
    await application.close();
  });
});
