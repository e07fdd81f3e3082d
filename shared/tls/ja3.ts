import { md5 } from '@noble/hashes/legacy.js';
import { toHex } from '../bytes/hex.ts';
import type { ClientHello } from './client-hello.ts';
import { isGrease } from './codes.ts';
import type { ServerHello } from './server-hello.ts';

/**
 * JA3's text: version, cipher suites, extensions, groups and point formats in the order sent, as decimal numbers and
 * without GREASE. Null for a hello in the format of SSL 2.0, for which JA3 is not defined, and for one that is not
 * whole.
 */
export function ja3Text(hello: ClientHello): string | null {
  if (hello.format === 'ssl2' || !hello.isWhole) return null;
  return [
    String(hello.legacyVersion),
    join(hello.cipherSuites),
    join(hello.extensions.map((extension) => extension.type)),
    join(hello.supportedGroups ?? []),
    join(hello.ecPointFormats ?? []),
  ].join(',');
}

/** The JA3 fingerprint: MD5 of `ja3Text` in hex. */
export function ja3(hello: ClientHello): string | null {
  const text = ja3Text(hello);
  return text === null ? null : md5Hex(text);
}

/** JA3S's text: version, cipher suite and extensions of the ServerHello. Null where none is named, or extensions are lost. */
export function ja3sText(hello: ServerHello): string | null {
  if (hello.cipherSuite === null || !hello.isWhole) return null;
  const extensions = join(hello.extensions.map((extension) => extension.type));
  return `${hello.legacyVersion},${hello.cipherSuite},${extensions}`;
}

/** The JA3S fingerprint: MD5 of `ja3sText` in hex. */
export function ja3s(hello: ServerHello): string | null {
  const text = ja3sText(hello);
  return text === null ? null : md5Hex(text);
}

function join(codes: readonly number[]): string {
  return codes.filter((code) => !isGrease(code)).join('-');
}

function md5Hex(text: string): string {
  return toHex(md5(Uint8Array.from(text, (character) => character.charCodeAt(0))));
}
