import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../bytes/hex.ts';
import type { ClientHello } from './client-hello.ts';
import { EXTENSION, isGrease } from './codes.ts';

const HASH_CHARACTERS = 12;
const NOTHING = '0'.repeat(HASH_CHARACTERS);

/**
 * The JA4 fingerprint of a ClientHello over TCP, after FoxIO's technical specification: GREASE never counts, cipher
 * suites and extensions are sorted, signature algorithms stay in the order sent. Null for a hello in the format of
 * SSL 2.0, which has none of what JA4 looks at, and for one that is not whole.
 */
export function ja4(hello: ClientHello): string | null {
  if (hello.format === 'ssl2' || !hello.isWhole) return null;
  const suites = hello.cipherSuites.filter((code) => !isGrease(code));
  const extensions = hello.extensions.map((extension) => extension.type).filter((code) => !isGrease(code));
  const signatures = (hello.signatureAlgorithms ?? []).filter((code) => !isGrease(code));
  const serverName = extensions.includes(EXTENSION.serverName) ? 'd' : 'i';
  const counts = `${twoDigits(suites.length)}${twoDigits(extensions.length)}`;
  return [
    `t${versionOf(hello)}${serverName}${counts}${protocolOf(hello)}`,
    suites.length === 0 ? NOTHING : shortHash(hexList(suites)),
    extensions.length === 0 ? NOTHING : shortHash(extensionText(extensions, signatures)),
  ].join('_');
}

/** server_name and application_layer_protocol_negotiation stand in the first part already. */
function extensionText(extensions: readonly number[], signatures: readonly number[]): string {
  const rest = extensions.filter(
    (code) => code !== EXTENSION.serverName && code !== EXTENSION.applicationLayerProtocolNegotiation,
  );
  const list = hexList(rest);
  return signatures.length === 0 ? list : `${list}_${signatures.map(hex).join(',')}`;
}

function versionOf(hello: ClientHello): string {
  const offered = (hello.supportedVersions ?? []).filter((code) => !isGrease(code));
  switch (offered.length > 0 ? Math.max(...offered) : hello.legacyVersion) {
    case 0x0304:
      return '13';
    case 0x0303:
      return '12';
    case 0x0302:
      return '11';
    case 0x0301:
      return '10';
    case 0x0300:
      return 's3';
    case 0x0002:
      return 's2';
    default:
      return '00';
  }
}

/** First and last character of the first protocol; of its hex where one of them is not alphanumeric. */
function protocolOf(hello: ClientHello): string {
  const protocol = hello.applicationProtocols?.[0] ?? '';
  if (protocol === '') return '00';
  const ends = protocol[0] + protocol[protocol.length - 1];
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const digits = toHex(Uint8Array.from(protocol, (character) => character.charCodeAt(0)));
  return digits[0] + digits[digits.length - 1];
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

function hexList(codes: readonly number[]): string {
  return codes.map(hex).sort().join(',');
}

function shortHash(text: string): string {
  return toHex(sha256(Uint8Array.from(text, (character) => character.charCodeAt(0)))).slice(0, HASH_CHARACTERS);
}
