import { isGrease } from '../codes.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';

export type KeyExchange =
  | 'rsa'
  | 'dh'
  | 'dhe'
  | 'ecdh'
  | 'ecdhe'
  | 'psk'
  | 'dhe-psk'
  | 'ecdhe-psk'
  | 'rsa-psk'
  | 'srp'
  | 'kerberos'
  | 'gost'
  | 'fortezza'
  | 'sm2'
  | 'identity-based'
  | 'password'
  | 'null'
  | 'tls13'
  | 'unknown';

export type Authentication =
  | 'rsa'
  | 'dss'
  | 'ecdsa'
  | 'gost'
  | 'sm2'
  | 'fortezza'
  | 'identity-based'
  | 'anonymous'
  | 'pre-shared-key'
  | 'password'
  | 'kerberos'
  /** TLS 1.3 negotiates it apart from the suite. */
  | 'negotiated'
  | 'unknown';

/** How a cipher suite agrees on keys, and what proves who the server is. */
export interface CipherSuiteKind {
  readonly keyExchange: KeyExchange;
  readonly authentication: Authentication;
}

const UNKNOWN: CipherSuiteKind = { keyExchange: 'unknown', authentication: 'unknown' };

/** By the part of the name before `_WITH_`, without `TLS_` and without `_EXPORT`. */
const KINDS: ReadonlyMap<string, CipherSuiteKind> = new Map(
  (
    [
      ['NULL', 'null', 'anonymous'],
      ['RSA', 'rsa', 'rsa'],
      ['SSL_RSA_FIPS', 'rsa', 'rsa'],
      ['DH_RSA', 'dh', 'rsa'],
      ['DH_DSS', 'dh', 'dss'],
      ['DH_anon', 'dhe', 'anonymous'],
      ['DHE_RSA', 'dhe', 'rsa'],
      ['DHE_DSS', 'dhe', 'dss'],
      ['ECDH_RSA', 'ecdh', 'rsa'],
      ['ECDH_ECDSA', 'ecdh', 'ecdsa'],
      ['ECDH_anon', 'ecdhe', 'anonymous'],
      ['ECDHE_RSA', 'ecdhe', 'rsa'],
      ['ECDHE_ECDSA', 'ecdhe', 'ecdsa'],
      ['PSK', 'psk', 'pre-shared-key'],
      ['DHE_PSK', 'dhe-psk', 'pre-shared-key'],
      ['PSK_DHE', 'dhe-psk', 'pre-shared-key'],
      ['ECDHE_PSK', 'ecdhe-psk', 'pre-shared-key'],
      ['RSA_PSK', 'rsa-psk', 'rsa'],
      ['SRP_SHA', 'srp', 'password'],
      ['SRP_SHA_RSA', 'srp', 'rsa'],
      ['SRP_SHA_DSS', 'srp', 'dss'],
      ['KRB5', 'kerberos', 'kerberos'],
      ['ECCPWD', 'password', 'password'],
      ['ECJPAKE', 'password', 'password'],
      ['SSL_FORTEZZA_KEA', 'fortezza', 'fortezza'],
      ['GOSTR341094', 'gost', 'gost'],
      ['GOSTR341001', 'gost', 'gost'],
      ['GOSTR341112_256', 'gost', 'gost'],
    ] as const
  ).map(([name, keyExchange, authentication]) => [name, { keyExchange, authentication }]),
);

/** What a cipher suite's name says about its key exchange and authentication. */
export function suiteKind(code: number): CipherSuiteKind {
  const name = CIPHER_SUITES.find(code);
  if (name === null || isGrease(code)) return UNKNOWN;
  if (code > 0xffff) return { keyExchange: 'rsa', authentication: 'rsa' };
  const separator = name.indexOf('_WITH_');
  if (separator >= 0) {
    const method = name
      .slice(0, separator)
      .replace(/^TLS_/, '')
      .replace(/_EXPORT(1024)?$/, '');
    return KINDS.get(method) ?? UNKNOWN;
  }
  if (name.endsWith('_SCSV')) return UNKNOWN;
  if (name.startsWith('TLS_')) return { keyExchange: 'tls13', authentication: 'negotiated' };
  // GM/T 0024 (TLCP) names neither TLS nor WITH.
  if (name.startsWith('IB')) return { keyExchange: 'identity-based', authentication: 'identity-based' };
  if (name.startsWith('RSA_')) return { keyExchange: 'rsa', authentication: 'rsa' };
  return { keyExchange: 'sm2', authentication: 'sm2' };
}

/**
 * True when a full handshake with this suite has no certificate from the server: anonymous Diffie-Hellman, pre-shared
 * keys, passwords, Kerberos, NULL_WITH_NULL. False where certificates are sent or nothing is known.
 */
export function isAnonymousSuite(code: number): boolean {
  const { authentication } = suiteKind(code);
  switch (authentication) {
    case 'anonymous':
    case 'pre-shared-key':
    case 'password':
    case 'kerberos':
      return true;
    case 'rsa':
    case 'dss':
    case 'ecdsa':
    case 'gost':
    case 'sm2':
    case 'fortezza':
    case 'identity-based':
    case 'negotiated':
    case 'unknown':
      return false;
    default:
      return authentication satisfies never;
  }
}
