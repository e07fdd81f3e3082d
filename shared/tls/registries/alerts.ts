import { codeToHex } from '../../bytes/hex.ts';
import { Registry } from './registry.ts';

/** IANA's TLS Alerts, with those that only older versions send. */
export const ALERT_DESCRIPTIONS = new Registry(`
0 close_notify end_of_early_data
a unexpected_message
14 bad_record_mac decryption_failed record_overflow
1e decompression_failure
28 handshake_failure no_certificate bad_certificate unsupported_certificate certificate_revoked certificate_expired
2e certificate_unknown illegal_parameter unknown_ca access_denied decode_error decrypt_error too_many_cids_requested
3c export_restriction
46 protocol_version insufficient_security
50 internal_error
56 inappropriate_fallback
5a user_canceled
64 no_renegotiation
6d missing_extension unsupported_extension certificate_unobtainable unrecognized_name
71 bad_certificate_status_response bad_certificate_hash_value unknown_psk_identity certificate_required
75 general_error
78 no_application_protocol ech_required
`);

/** The name of an alert's description: `unknown_ca`, or `Unknown (0x12)`. */
export function alertDescriptionName(code: number): string {
  return ALERT_DESCRIPTIONS.name(code, 2);
}

/** `warning`, `fatal`, or `Unknown (0x12)` (RFC 8446 section 6). */
export function alertLevelName(code: number): string {
  switch (code) {
    case 1:
      return 'warning';
    case 2:
      return 'fatal';
    default:
      return `Unknown (${codeToHex(code, 2)})`;
  }
}
