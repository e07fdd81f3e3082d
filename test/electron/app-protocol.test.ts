import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { declareAppProtocol, fileWithin, serveAppProtocol } from '../../electron/main/app-protocol.ts';
import { CONTENT_SECURITY_POLICY } from '../../electron/main/security.ts';
import { temporaryFolder } from '../support/application.ts';
import { becomeReady, electron, resetElectron } from '../support/electron-stand-in.ts';

vi.mock('electron', () => import('../support/electron-stand-in.ts'));

const above = temporaryFolder();
const folder = join(above, 'renderer');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets', 'index-1a.js'), 'export {};');
writeFileSync(join(folder, 'assets', 'index-1a.css'), 'body {}');
writeFileSync(join(folder, 'notes.txt'), 'not served');
writeFileSync(join(above, 'secret.html'), 'secret');
mkdirSync(join(above, 'renderer-other'));
writeFileSync(join(above, 'renderer-other', 'index.html'), 'secret');
symlinkSync(folder, join(above, 'link'));

beforeEach(() => {
  resetElectron();
  declareAppProtocol();
  becomeReady();
  serveAppProtocol(folder);
});

/** The request object keeps the address as it was written, as Electron's does. */
async function get(url: string, method = 'GET'): Promise<Response> {
  const handler = electron.protocols.get('starttrace');
  if (handler === undefined) throw new Error('no handler');
  return handler({ url, method } as Request);
}

describe('what is served', () => {
  it.each([
    ['index.html', 'text/html; charset=utf-8'],
    ['assets/index-1a.js', 'text/javascript; charset=utf-8'],
    ['assets/index-1a.css', 'text/css; charset=utf-8'],
  ])('%s as %s, with the policy', async (path, type) => {
    const response = await get(`starttrace://app/${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  it('the scheme has an origin of its own and may not pass by the policy', () => {
    expect(electron.schemes).toEqual([
      { scheme: 'starttrace', privileges: { standard: true, secure: true, codeCache: true } },
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%2fsecret.html',
    '/..%5csecret.html',
    '/assets/..%2f..%2fsecret.html',
    '/%252e%252e%252fsecret.html',
    '/..\\secret.html',
    '//secret.html',
    '/%2fetc%2fpasswd',
    '/C:%5cWindows%5cwin.ini',
    '/C:/Windows/win.ini',
    '/index.html%00.js',
    '/../renderer-other/index.html',
    '/%ff',
    '/notes.txt',
    '/assets',
    '/assets/',
    '/',
    '/missing.html',
  ])('%s', async (path) => {
    const response = await get(`starttrace://app${path}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it.each(['starttrace://other/index.html', 'starttrace:///index.html', 'file:///etc/passwd', 'nothing'])(
    'another host: %s',
    async (url) => expect((await get(url)).status).toBe(404),
  );

  it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('%s', async (method) => {
    expect((await get('starttrace://app/index.html', method)).status).toBe(405);
  });
});

it('no address leads out of the folder', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '%2e', '%2f', '%5c', '/', '\\', '%00', '%', 'C:', '~', 'index.html', 'assets'),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const file = fileWithin('/build/renderer', `starttrace://app/${parts.join('')}`);
      if (file !== null) expect(file).toMatch(/^\/build\/renderer\/[\w.-]+(?:\/[\w.-]+)*$/);
      if (file !== null) expect(file.split('/')).not.toContain('..');
    }),
    { numRuns: 2_000 },
  );
});
