import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isGrease } from '../../shared/tls/codes.ts';
import { ALERT_DESCRIPTIONS, alertDescriptionName, alertLevelName } from '../../shared/tls/registries/alerts.ts';
import { isAnonymousSuite, suiteKind } from '../../shared/tls/registries/cipher-suite-kinds.ts';
import { CIPHER_SUITES, cipherSuiteName } from '../../shared/tls/registries/cipher-suites.ts';
import { EXTENSION_TYPES, extensionName } from '../../shared/tls/registries/extension-types.ts';
import { NAMED_GROUPS, namedGroupName } from '../../shared/tls/registries/named-groups.ts';
import {
  certificateCompressionName,
  clientCertificateTypeName,
  compressionMethodName,
  contentTypeName,
  HANDSHAKE_TYPES,
  handshakeTypeName,
  versionName,
} from '../../shared/tls/registries/protocol.ts';
import { SIGNATURE_SCHEMES, signatureSchemeName } from '../../shared/tls/registries/signature-schemes.ts';
import { hasTshark } from './support.ts';

describe('names', () => {
  it('cipher suites in IANA form', () => {
    expect(cipherSuiteName(0xc030)).toBe('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384');
    expect(cipherSuiteName(0x1301)).toBe('TLS_AES_128_GCM_SHA256');
    expect(cipherSuiteName(0x00ff)).toBe('TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
    expect(cipherSuiteName(0x5600)).toBe('TLS_FALLBACK_SCSV');
    expect(cipherSuiteName(0xe013)).toBe('ECC_SM4_CBC_SM3');
    expect(cipherSuiteName(0xc100)).toBe('TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC');
    expect(cipherSuiteName(0x010080)).toBe('SSL_CK_RC4_128_WITH_MD5');
  });

  it('unknown codes stay numbers, and GREASE (RFC 8701) is marked', () => {
    expect(cipherSuiteName(0x1234)).toBe('Unknown (0x1234)');
    for (const name of [cipherSuiteName, extensionName, namedGroupName, signatureSchemeName, versionName]) {
      expect(name(0x0a0a)).toBe('GREASE (0x0a0a)');
      expect(name(0xfafa)).toBe('GREASE (0xfafa)');
    }
    expect(alertDescriptionName(200)).toBe('Unknown (0xc8)');
    expect(isGrease(0x0a1a)).toBe(false);
  });

  it.each([
    [0x0002, 'SSL 2.0'],
    [0x0300, 'SSL 3.0'],
    [0x0301, 'TLS 1.0'],
    [0x0304, 'TLS 1.3'],
    [0x7f1c, 'TLS 1.3 (draft 28)'],
    [0xfb1a, 'TLS 1.3 (Facebook draft 26)'],
    [0x0101, 'TLCP 1.1'],
    [0x0305, 'Unknown (0x0305)'],
  ])('version %i is %s', (code, name) => {
    expect(versionName(code)).toBe(name);
  });

  it('one of each of the others', () => {
    expect(extensionName(16)).toBe('application_layer_protocol_negotiation');
    expect(namedGroupName(0x11ec)).toBe('X25519MLKEM768');
    expect(namedGroupName(0x28)).toBe('GC512C');
    expect(signatureSchemeName(0x091c)).toBe('slhdsa_shake_256f');
    expect(signatureSchemeName(0x0906)).toBe('mldsa87');
    expect(extensionName(62)).toBe('tls_flags');
    expect(cipherSuiteName(0x0071)).toBe('TLS_AES_128_CCM_ASCONHASH256');
    expect(namedGroupName(0x1d)).toBe('x25519');
    expect(signatureSchemeName(0x0804)).toBe('rsa_pss_rsae_sha256');
    expect(signatureSchemeName(0x0202)).toBe('dsa_sha1');
    expect(alertDescriptionName(48)).toBe('unknown_ca');
    expect(alertLevelName(2)).toBe('fatal');
    expect(handshakeTypeName(11)).toBe('certificate');
    expect(contentTypeName(22)).toBe('handshake');
    expect(compressionMethodName(0)).toBe('null');
    expect(certificateCompressionName(2)).toBe('brotli');
    expect(clientCertificateTypeName(64)).toBe('ecdsa_sign');
    expect(clientCertificateTypeName(67)).toBe('gost_sign256');
  });

  it('pairs of hash and signature of TLS 1.2 that are no scheme (RFC 5246 section 7.4.1.4.1, RFC 8422 section 5.1.3)', () => {
    expect(signatureSchemeName(0x0402)).toBe('dsa_sha256');
    expect(signatureSchemeName(0x0301)).toBe('rsa_sha224');
    // 7 is reserved, 8 is Intrinsic.
    expect(signatureSchemeName(0x0701)).toBe('Unknown (0x0701)');
    expect(signatureSchemeName(0x0840)).toBe('gostr34102012_256_intrinsic');
  });
});

describe('what a cipher suite means', () => {
  it('every TLS suite but the signalling values has a kind', () => {
    const without = [...CIPHER_SUITES.codes()].filter((code) => suiteKind(code).keyExchange === 'unknown');
    expect(without.map(cipherSuiteName)).toEqual(['TLS_EMPTY_RENEGOTIATION_INFO_SCSV', 'TLS_FALLBACK_SCSV']);
  });

  it.each([
    [0x0000, 'null', 'anonymous', true],
    [0x0018, 'dhe', 'anonymous', true],
    [0xc018, 'ecdhe', 'anonymous', true],
    [0x00ae, 'psk', 'pre-shared-key', true],
    [0xc035, 'ecdhe-psk', 'pre-shared-key', true],
    [0xc0aa, 'dhe-psk', 'pre-shared-key', true],
    [0x0094, 'rsa-psk', 'rsa', false],
    [0xc01d, 'srp', 'password', true],
    [0xc01e, 'srp', 'rsa', false],
    [0x001e, 'kerberos', 'kerberos', true],
    [0xc030, 'ecdhe', 'rsa', false],
    [0x0003, 'rsa', 'rsa', false],
    [0x1302, 'tls13', 'negotiated', false],
    [0xe013, 'sm2', 'sm2', false],
    [0xfefe, 'rsa', 'rsa', false],
    [0x0a0a, 'unknown', 'unknown', false],
  ])('%i: %s, %s, anonymous %s', (code, keyExchange, authentication, anonymous) => {
    expect(suiteKind(code)).toEqual({ keyExchange, authentication });
    expect(isAnonymousSuite(code)).toBe(anonymous);
  });
});

describe.skipIf(!hasTshark())('tshark knows no code that is missing here', () => {
  const table = new Map<string, Map<number, string>>();
  const rows = hasTshark()
    ? execFileSync('tshark', ['-G', 'values'], {
        encoding: 'latin1',
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    : '';
  for (const [, field, code, name] of rows.matchAll(/^V\t(tls\.[^\t]*)\t([^\t]*)\t(.*)$/gm)) {
    if (!table.has(field)) table.set(field, new Map());
    table.get(field)?.set(Number(code), name);
  }
  const entries = (field: string) =>
    [...(table.get(field) ?? [])].filter(([code]) => !isGrease(code)) as readonly (readonly [number, string])[];

  it('cipher suites, by the same names', () => {
    const suites = entries('tls.handshake.ciphersuite');
    expect(suites.length).toBeGreaterThan(400);
    for (const [code, name] of suites) expect(CIPHER_SUITES.find(code)).toBe(name);
  });

  it('groups, by the same names except those that IANA has given out since', () => {
    const differing = entries('tls.handshake.extensions_supported_group').filter(
      ([code, name]) => NAMED_GROUPS.find(code) !== name,
    );
    expect(differing.map(([code]) => namedGroupName(code))).toEqual(['MLKEM512', 'MLKEM768', 'MLKEM1024']);
  });

  it('signature schemes, by the same names', () => {
    for (const [code, name] of entries('tls.handshake.sig_hash_alg')) expect(SIGNATURE_SCHEMES.find(code)).toBe(name);
  });

  it('extensions, alerts and handshake types', () => {
    for (const [code] of entries('tls.handshake.extension.type')) expect(EXTENSION_TYPES.find(code)).not.toBeNull();
    // 7 is a message of SSL 2.0, whose types stand in the same field.
    const types = entries('tls.handshake.type').map(([code]) => code);
    expect(types.filter((code) => HANDSHAKE_TYPES.find(code) === null)).toEqual([7]);
    for (const [code, name] of entries('tls.alert_message.desc')) {
      expect(ALERT_DESCRIPTIONS.find(code)).toBe(name.toLowerCase().replaceAll(' ', '_'));
    }
  });
});
