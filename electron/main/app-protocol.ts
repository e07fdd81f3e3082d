/** Serves the window's files to the window, and nothing else. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { protocol } from 'electron';
import { CONTENT_SECURITY_POLICY, isOwnPage, PAGE_SCHEME } from './security.ts';

/** What the build of the window consists of; a file of another kind is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Before the application is ready: the scheme has an origin of its own, as https has. */
export function declareAppProtocol(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

/** Once the application is ready. `folder` is the path of the window's build. */
export function serveAppProtocol(folder: string): void {
  protocol.handle(PAGE_SCHEME, (request) => answer(folder, request));
}

async function answer(folder: string, { method, url }: { method: string; url: string }): Promise<Response> {
  if (method !== 'GET') return refusal(405);
  const file = isOwnPage(url) ? fileWithin(folder, url) : null;
  const contentType = file === null ? undefined : CONTENT_TYPES[extname(file)];
  if (file === null || contentType === undefined) return refusal(404);
  try {
    return new Response(new Uint8Array(await readFile(file)), { headers: { ...HEADERS, 'content-type': contentType } });
  } catch {
    // Not there, or a folder.
    return refusal(404);
  }
}

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

function refusal(status: 404 | 405): Response {
  return new Response(null, { status, headers: HEADERS });
}

/**
 * Where the file lies that an address names, or null for one that leads anywhere but down. The parts of the path are
 * looked at after decoding: `%2e%2e%2f`, a backslash or a drive would be read only by the file system.
 */
export function fileWithin(folder: string, address: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return null;
  }
  const parts = path.split('/').slice(1);
  const isName = (part: string): boolean => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part);
  if (parts.length === 0 || !parts.every(isName)) return null;
  const file = join(folder, ...parts);
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : null;
}
