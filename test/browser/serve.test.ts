/** `starttrace serve` with a page that is there before its summary. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { EXPECTATIONS, temporaryFolder } from '../support/application.ts';
import { ensureBuilt, outcome, STORY, start } from '../support/command.ts';
import { EventReader } from '../support/loopback.ts';

beforeAll(ensureBuilt);

it('a run that the page closes before the summary is out does not end the window', async () => {
  const folder = temporaryFolder();
  const pipe = join(folder, 'slow.pcapng');
  execFileSync('mkfifo', [pipe]);
  const child = start(['serve', '--expect', EXPECTATIONS, pipe], { env: { XDG_DATA_HOME: folder } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = outcome(child);
  const address = await new Promise<URL>((fulfil) => {
    let text = '';
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
      const found = /http:\S+/.exec(text)?.[0];
      if (found?.includes('#code=') && text.includes(`${found}\n`)) fulfil(new URL(found));
    });
  });
  const { origin } = address;
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${origin}/${path}`, {
      method: 'POST',
      headers: { Origin: origin, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const exchanged = await post('session', { code: address.hash.slice('#code='.length) });
  const { token } = (await exchanged.json()) as { token: string };
  const Authorization = `Bearer ${token}`;
  const events = await EventReader.open(`${origin}/events`, { Authorization });
  await expect.poll(() => events.record.all.length).toBeGreaterThan(0);
  const [opened] = events.record.all;
  writeFileSync(pipe, readFileSync(STORY));
  await events.record.of('run-finished', opened.run);
  // The command's own question for the summary is on its way, or answered: the next one is not.
  const question = { trust: 'windows', expectations: null, at: null };
  const answers = await Promise.all([
    post('api/judge', { run: opened.run, question }, { Authorization }),
    post('api/closeRun', { run: opened.run }, { Authorization }),
  ]);
  // Both are answered: the thread that ends closes nobody's connection but its own pipe.
  expect(answers[1].status).toBe(200);
  await sleep(500);
  expect((await post('api/about', {}, { Authorization })).status).toBe(200);
  events.close();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0 });
});
