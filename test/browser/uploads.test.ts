/** Files that a page hands over: what is refused is said, and leaves nothing behind. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/application.ts';
import { TestLoopback } from '../support/loopback.ts';

let loopback: TestLoopback;
let token: string;
let before: string | undefined;
/** Where the files of this test come to lie. */
let folder: string;

beforeEach(async () => {
  before = process.env['TMPDIR'];
  folder = temporaryFolder();
  loopback = await TestLoopback.start({ uploadBytes: 1_000_000 });
  token = await loopback.token();
  process.env['TMPDIR'] = folder;
});
afterEach(async () => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  await loopback.host.close();
  rmSync(folder, { recursive: true, force: true });
});

async function upload(
  body: RequestInit['body'],
): Promise<{ status: number; ticket: string | undefined; code: string | undefined }> {
  const headers = { Authorization: `Bearer ${token}`, Origin: loopback.origin };
  // A body of unknown length is sent while it is made.
  const answer = await fetch(`${loopback.origin}/upload?name=a.pcap`, {
    method: 'PUT',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  const { ticket, error } = (await answer.json()) as { ticket?: string; error?: { code: string } };
  return { status: answer.status, ticket, code: error?.code };
}

function kept(): readonly string[] {
  return readdirSync(folder).flatMap((one) => readdirSync(join(folder, one)));
}

describe('a file', () => {
  it('that grows past the cap while it comes is refused with a reason, not cut off', async () => {
    let left = 30;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(new Uint8Array(100_000));
      },
    });
    expect(await upload(body)).toMatchObject({ status: 413, code: 'upload-too-large' });
    expect(kept()).toEqual([]);
  });

  it('that is given back, because one after it was refused, frees its room', async () => {
    const { ticket } = await upload(new Uint8Array(600_000));
    expect((await upload(new Uint8Array(600_000))).status).toBe(413);
    const path = `/upload?ticket=${ticket}`;
    expect((await loopback.send({ method: 'DELETE', path, headers: {} })).status).toBe(403);
    expect((await loopback.send({ method: 'DELETE', path, headers: { Origin: loopback.origin } })).status).toBe(401);
    expect(kept()).toHaveLength(1);
    expect((await loopback.send({ method: 'DELETE', path, headers: loopback.headers(token) })).status).toBe(200);
    expect(kept()).toEqual([]);
    expect((await upload(new Uint8Array(600_000))).status).toBe(200);
  });

  it('that no run can be opened for, because too many are, is deleted', async () => {
    for (let run = 0; run < 50; run++) {
      await loopback.call(token, 'openCaptures', { names: [join(folder, 'nothing.pcap')] });
    }
    const { ticket } = await upload(new Uint8Array(1000));
    const refused = await loopback.call(token, 'openUploads', { tickets: [ticket] });
    expect(JSON.parse(refused.text).error.code).toBe('too-many-runs');
    await expect.poll(kept).toEqual([]);
  });

  it('is taken once there is a place for it again: a folder that could not be made is no lasting failure', async () => {
    rmSync(folder, { recursive: true });
    expect(await upload('x')).toMatchObject({ status: 422, code: 'upload-failed' });
    mkdirSync(folder);
    expect((await upload('x')).status).toBe(200);
  });

  it('that had no place does not keep the host from ending', async () => {
    rmSync(folder, { recursive: true });
    await upload('x');
    await expect(loopback.host.close()).resolves.toBeUndefined();
    mkdirSync(folder);
    loopback = await TestLoopback.start();
  });
});

it('who has no token yet has little room to speak', async () => {
  const { status } = await loopback.send({
    method: 'POST',
    path: '/session',
    headers: { Origin: loopback.origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: 'x'.repeat(20_000) }),
  });
  expect(status).toBe(413);
});
