import { codeToHex } from '../../bytes/hex.ts';
import { isGrease } from '../codes.ts';
import { Registry } from './registry.ts';

const CONTENT_TYPES = new Registry('14 change_cipher_spec alert handshake application_data heartbeat tls12_cid');

export const HANDSHAKE_TYPES = new Registry(`
0 hello_request client_hello server_hello hello_verify_request new_session_ticket end_of_early_data
6 hello_retry_request
8 encrypted_extensions request_connection_id new_connection_id
b certificate server_key_exchange certificate_request server_hello_done certificate_verify client_key_exchange
11 client_certificate_request
14 finished certificate_url certificate_status supplemental_data key_update compressed_certificate ekt_key
43 next_protocol
cb encrypted_extensions_draft
fe message_hash
`);

const COMPRESSION_METHODS = new Registry(`
0 null DEFLATE
40 LZS
`);

const CERTIFICATE_COMPRESSIONS = new Registry('1 zlib brotli zstd');

/** ClientCertificateType (IANA). */
const CLIENT_CERTIFICATE_TYPES = new Registry(`
1 rsa_sign dss_sign rsa_fixed_dh dss_fixed_dh rsa_ephemeral_dh dss_ephemeral_dh
14 fortezza_dms gost_sign94 gost_sign01
40 ecdsa_sign rsa_fixed_ecdh ecdsa_fixed_ecdh gost_sign256 gost_sign512
50 ibc_params
`);

/** `handshake`, or `Unknown (0x12)`. */
export function contentTypeName(code: number): string {
  return CONTENT_TYPES.name(code, 2);
}

/** `client_hello`, or `Unknown (0x12)`. */
export function handshakeTypeName(code: number): string {
  return HANDSHAKE_TYPES.name(code, 2);
}

/** `null`, `DEFLATE`, `LZS` or `Unknown (0x12)`. */
export function compressionMethodName(code: number): string {
  return COMPRESSION_METHODS.name(code, 2);
}

/** `zlib`, `brotli`, `zstd` or `Unknown (0x1234)` (RFC 8879). */
export function certificateCompressionName(code: number): string {
  return CERTIFICATE_COMPRESSIONS.name(code, 4);
}

/** `rsa_sign`, or `Unknown (0x12)`. */
export function clientCertificateTypeName(code: number): string {
  return CLIENT_CERTIFICATE_TYPES.name(code, 2);
}

/** `TLS 1.2`, `SSL 3.0`, `TLS 1.3 (draft 28)`, `TLCP 1.1`, `GREASE (0x0a0a)` or `Unknown (0x1234)`. */
export function versionName(code: number): string {
  switch (code) {
    case 0x0002:
      return 'SSL 2.0';
    case 0x0101:
      return 'TLCP 1.1';
    case 0x0300:
      return 'SSL 3.0';
    case 0x0301:
      return 'TLS 1.0';
    case 0x0302:
      return 'TLS 1.1';
    case 0x0303:
      return 'TLS 1.2';
    case 0x0304:
      return 'TLS 1.3';
    case 0x0100:
      return 'DTLS 1.0 (OpenSSL before 0.9.8f)';
    case 0xfeff:
      return 'DTLS 1.0';
    case 0xfefd:
      return 'DTLS 1.2';
    case 0xfefc:
      return 'DTLS 1.3';
    default:
      return draftName(code);
  }
}

function draftName(code: number): string {
  const hex = codeToHex(code);
  if (code >> 8 === 0x7f) return `TLS 1.3 (draft ${code & 0xff})`;
  if (code >> 8 === 0xfb) return `TLS 1.3 (Facebook draft ${code & 0xff})`;
  return isGrease(code) ? `GREASE (${hex})` : `Unknown (${hex})`;
}
