/** What a page of another site, another program and a curious user of the same machine may try: docs/security.md. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { OPERATIONS } from '../../shared/contract/operations.ts';
import { STORY } from '../support/command.ts';
import { TestLoopback } from '../support/loopback.ts';

let loopback: TestLoopback;
let token: string;

beforeAll(async () => {
  loopback = await TestLoopback.start();
  token = await loopback.token();
});
afterAll(() => loopback.host.close());

const about = (headers: Readonly<Record<string, string>>) =>
  loopback.send({ method: 'POST', path: '/api/about', headers, body: '{}' });

it('the page itself is answered: the refusals below are for what differs from it', async () => {
  expect((await about(loopback.headers(token))).status).toBe(200);
});

describe('the address', () => {
  it('is 127.0.0.1 only: no other address of this machine answers', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1');
    for (const { address } of others) {
      const outcome = await new Promise((fulfil) => {
        const socket = connect({ host: address, port: loopback.port });
        socket.on('connect', () => fulfil('connected'));
        socket.on('error', ({ code }: NodeJS.ErrnoException) => fulfil(code));
      });
      expect(outcome).toBe('ECONNREFUSED');
    }
  });

  it('holds a code of 256 bits in its fragment, which no server is sent, and every launch has another', async () => {
    const address = new URL(loopback.host.newAddress(true));
    expect(address.host).toBe(`127.0.0.1:${loopback.port}`);
    expect(address.search).toBe('');
    expect(address.hash).toMatch(/^#code=[\w-]{43}$/);
    const other = await TestLoopback.start();
    expect(await other.token()).not.toBe(token);
    expect((await other.exchange(loopback.code(false))).status).toBe(401);
    await other.host.close();
  });

  it('for a command line works once, for whoever reads the list of processes too late', async () => {
    const code = loopback.code(true);
    expect((await loopback.exchange(code)).status).toBe(200);
    expect((await loopback.exchange(code)).status).toBe(401);
  });

  it('for a terminal works for a second tab as well', async () => {
    const code = loopback.code(false);
    expect((await loopback.exchange(code)).status).toBe(200);
    expect((await loopback.exchange(code)).status).toBe(200);
  });

  it.each(['', 'x', '__proto__', 'A'.repeat(43), 'A'.repeat(10_000)])(
    'a code that was never given out: %s',
    async (code) => {
      const { status, text } = await loopback.exchange(code);
      expect(status).toBe(401);
      expect(text).not.toContain(token);
    },
  );
});

describe('the token', () => {
  it.each<[string, (right: string) => Record<string, string>]>([
    ['none', () => ({})],
    ['a wrong one', () => ({ Authorization: `Bearer ${'A'.repeat(43)}` })],
    ['an empty one', () => ({ Authorization: 'Bearer ' })],
    ['a part of it', (right) => ({ Authorization: `Bearer ${right.slice(0, -1)}` })],
    ['more than it', (right) => ({ Authorization: `Bearer ${right}A` })],
    ['as a cookie', (right) => ({ Cookie: `token=${right}` })],
    ['by another scheme', (right) => ({ Authorization: `Basic ${right}` })],
  ])('%s', async (_, authorization) => {
    const { Authorization: __, ...headers } = loopback.headers(token);
    for (const [method, path] of [
      ['POST', '/api/about'],
      ['GET', '/events'],
      ['PUT', '/upload?name=a'],
      ['POST', '/api/nothing'],
      ['GET', '/nothing'],
    ]) {
      const answer = await loopback.send({
        method,
        path,
        headers: { ...headers, ...authorization(token) },
        body: '{}',
      });
      expect(answer.status, path).toBe(401);
    }
  });

  it('in the address counts for nothing', async () => {
    const { Authorization: _, ...headers } = loopback.headers(token);
    const answer = await loopback.send({ method: 'POST', path: `/api/about?token=${token}`, headers, body: '{}' });
    expect(answer.status).toBe(401);
  });

  it('is asked for by every operation', async () => {
    for (const operation of Object.keys(OPERATIONS)) {
      const answer = await loopback.send({
        method: 'POST',
        path: `/api/${operation}`,
        headers: { Origin: loopback.origin, 'Content-Type': 'application/json' },
        body: '{}',
      });
      expect(answer.status, operation).toBe(401);
    }
  });

  it('is in no cookie: a browser sends nothing by itself that would be believed', async () => {
    for (const path of ['/', '/assets/main.js']) {
      expect((await loopback.send({ path })).headers['set-cookie']).toBeUndefined();
    }
    expect((await loopback.exchange(loopback.code(true))).headers['set-cookie']).toBeUndefined();
  });
});

describe('other names (DNS rebinding)', () => {
  it.each([
    'attacker.example',
    'localhost',
    'attacker.example:PORT',
    'localhost:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:PORT',
    '0.0.0.0:PORT',
    '127.0.0.1.attacker.example:PORT',
  ])('Host %s', async (name) => {
    const host = name.replace('PORT', String(loopback.port));
    for (const path of ['/', '/assets/main.js', '/events', '/nothing']) {
      const { status } = await loopback.send({ path, headers: { Host: host, Authorization: `Bearer ${token}` } });
      expect(status, path).toBe(421);
    }
    expect((await about({ ...loopback.headers(token), Host: host })).status).toBe(421);
    const exchanged = await loopback.send({
      method: 'POST',
      path: '/session',
      headers: { Host: host, 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: loopback.code(true) }),
    });
    expect(exchanged.status).toBe(421);
  });
});

describe('other sites', () => {
  it.each([
    'http://attacker.example',
    'null',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT.attacker.example',
  ])('Origin %s', async (name) => {
    const Origin = name.replace('PORT', String(loopback.port));
    expect((await about({ ...loopback.headers(token), Origin })).status).toBe(403);
    const events = await loopback.send({ path: '/events', headers: { Authorization: `Bearer ${token}`, Origin } });
    expect(events.status).toBe(403);
    const page = await loopback.send({ path: '/assets/main.js', headers: { Origin } });
    expect(page.status).toBe(403);
  });

  it('a POST or PUT without an origin', async () => {
    const { Origin: _, ...headers } = loopback.headers(token);
    expect((await about(headers)).status).toBe(403);
    expect((await loopback.send({ method: 'PUT', path: '/upload?name=a', headers, body: 'x' })).status).toBe(403);
  });

  it.each(['cross-site', 'same-site', 'none'])('Sec-Fetch-Site %s', async (site) => {
    expect((await about({ ...loopback.headers(token), 'Sec-Fetch-Site': site })).status).toBe(403);
  });

  it('a form cannot post what is understood', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      'text/plain;application/json',
    ]) {
      const answer = await about({ ...loopback.headers(token), 'Content-Type': type });
      expect(answer.status, type).toBe(415);
    }
    // As a browser sends it: no token, and another origin.
    const form = await loopback.send({
      method: 'POST',
      path: '/api/forgetRecentFiles',
      headers: { Origin: 'http://attacker.example', 'Content-Type': 'text/plain', 'Sec-Fetch-Site': 'cross-site' },
      body: '{}',
    });
    expect(form.status).toBe(403);
  });

  it('a preflight gets no permission', async () => {
    const answer = await loopback.send({
      method: 'OPTIONS',
      path: '/api/about',
      headers: { Origin: 'http://attacker.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('nothing may be framed, sniffed, embedded or told on', async () => {
    const answers = [
      await loopback.send({ path: '/' }),
      await loopback.send({ path: '/assets/main.js' }),
      await about(loopback.headers(token)),
      await about({}),
      await loopback.send({ path: '/', headers: { Host: 'attacker.example' } }),
    ];
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    }
  });
});

describe('files', () => {
  it('of the page are served with their types', async () => {
    expect(await loopback.send({ path: '/' })).toMatchObject({
      status: 200,
      text: expect.stringContaining('<title>StartTrace</title>'),
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    expect((await loopback.send({ path: '/assets/main.js' })).headers['content-type']).toMatch(/^text\/javascript/);
    expect(await loopback.send({ method: 'HEAD', path: '/index.html' })).toMatchObject({ status: 200, text: '' });
  });

  it.each([
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/assets/../../secret.html',
    '/assets/..%5c..%5csecret.html',
    '/assets/....//....//secret.html',
    '//etc/passwd',
    '/etc/passwd',
    '/assets/notes.txt',
    '/assets',
    '/assets/',
    '/index.html/',
    '/index.html%00.js',
    '/__proto__',
    'http://attacker.example/',
    '*',
  ])('and no other: %s', async (path) => {
    for (const headers of [{}, { Authorization: `Bearer ${token}` }]) {
      const { status, text } = await loopback.send({ path, headers });
      expect([401, 404]).toContain(status);
      expect(text).not.toContain('secret');
      expect(text).not.toContain('root:');
    }
  });
});

describe('requests', () => {
  it.each(['', '{', 'undefined', '{"a":}', '\u0000', '['.repeat(100_000)])(
    'a body that is no JSON: %s',
    async (body) => {
      const answer = await loopback.send({
        method: 'POST',
        path: '/api/about',
        headers: loopback.headers(token),
        body,
      });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text).error.code).toBe('json-invalid');
    },
  );

  it.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['more than there is', { more: 1 }],
    ['a prototype', JSON.parse('{"__proto__":{"run":"x"}}')],
  ])('input of another form: %s', async (_, input) => {
    const answer = await loopback.call(token, 'about', input);
    expect({ status: answer.status, code: JSON.parse(answer.text).error.code }).toEqual({
      status: 400,
      code: 'input-invalid',
    });
  });

  it.each(['nothing', 'constructor', '__proto__', 'toString', 'about/', 'about/../about', 'about%2f', ''])(
    'an operation that there is not: %s',
    async (operation) => {
      expect((await loopback.call(token, operation, {})).status).toBe(404);
    },
  );

  it('an operation by another method', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await loopback.send({ method, path: '/api/about', headers: loopback.headers(token) });
      expect(answer.status, method).toBe(405);
    }
  });

  it('a body that is too large, as announced and as sent', async () => {
    const headers = loopback.headers(token);
    const announced = await loopback
      .send({
        method: 'POST',
        path: '/api/about',
        headers: { ...headers, 'Content-Length': String(LIMITS.requestBytes + 1), Expect: '100-continue' },
      })
      .catch((error: Error) => error);
    expect(announced).toMatchObject({ status: 413 });
    const sent = await loopback
      .send({
        method: 'POST',
        path: '/api/checkExpectations',
        headers: { ...headers, 'Transfer-Encoding': 'chunked' },
        body: new Uint8Array(LIMITS.requestBytes + 1).fill(0x20),
      })
      // The connection may end before all of it was written.
      .catch((error: NodeJS.ErrnoException) => ({ status: error.code }));
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(sent.status);
    expect((await about(headers)).status).toBe(200);
  });

  it('a mistake of ours tells no path and no stack', async () => {
    const { text } = await loopback.call(token, 'cancelRun', { run: 'nobody' });
    expect(JSON.parse(text)).toEqual({ error: { code: 'run-unknown', message: expect.any(String) } });
  });
});

describe('uploads', () => {
  it('past the cap are refused, and leave nothing', async () => {
    const small = await TestLoopback.start({ uploadBytes: 1000 });
    const right = await small.token();
    const put = (bytes: number, extra: Record<string, string> = {}) =>
      small
        .send({
          method: 'PUT',
          path: '/upload?name=a.pcap',
          headers: { ...small.headers(right), ...extra },
          body: new Uint8Array(bytes),
        })
        .catch((error: NodeJS.ErrnoException) => ({ status: error.code, text: '' }));
    expect((await put(600)).status).toBe(200);
    const second = await put(600);
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(second.status);
    const chunked = await put(600, { 'Transfer-Encoding': 'chunked' });
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(chunked.status);
    expect((await put(300)).status).toBe(200);
    await small.host.close();
  });

  it('a name that leads elsewhere is only ever shown', async () => {
    const put = await loopback.send({
      method: 'PUT',
      path: `/upload?name=${encodeURIComponent('../../../../tmp/evil.pcap')}`,
      headers: loopback.headers(token),
      body: readFileSync(STORY),
    });
    const { ticket } = JSON.parse(put.text);
    const events = await loopback.events(token);
    const { run } = JSON.parse((await loopback.call(token, 'openUploads', { tickets: [ticket] })).text).result;
    const { captures, sessions } = await events.record.of('run-finished', run);
    events.close();
    expect(sessions).toBe(12);
    expect(captures[0].file).toBe('../../../../tmp/evil.pcap');
  });

  it('a ticket counts once, and none that was not given out', async () => {
    const put = await loopback.send({
      method: 'PUT',
      path: '/upload?name=a',
      headers: loopback.headers(token),
      body: 'x',
    });
    const { ticket } = JSON.parse(put.text);
    expect((await loopback.call(token, 'openUploads', { tickets: [ticket] })).status).toBe(200);
    for (const wrong of [ticket, 'nobody', '__proto__']) {
      const answer = await loopback.call(token, 'openUploads', { tickets: [wrong] });
      expect(JSON.parse(answer.text).error.code).toBe('upload-unknown');
    }
  });
});
