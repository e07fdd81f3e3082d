import { Registry } from './registry.ts';

/** IANA's TLS ExtensionType Values, and private ones of browsers. */
export const EXTENSION_TYPES = new Registry(`
0 server_name max_fragment_length client_certificate_url trusted_ca_keys truncated_hmac status_request
6 user_mapping client_authz server_authz cert_type supported_groups ec_point_formats srp signature_algorithms
e use_srtp heartbeat application_layer_protocol_negotiation status_request_v2 signed_certificate_timestamp
13 client_certificate_type server_certificate_type padding encrypt_then_mac extended_master_secret token_binding
19 cached_info tls_lts compress_certificate record_size_limit pwd_protect pwd_clear password_salt ticket_pinning
21 tls_cert_with_extern_psk delegated_credential session_ticket TLMSP TLMSP_proxying TLMSP_delegate
27 supported_ekt_ciphers key_share_draft pre_shared_key early_data supported_versions cookie
2d psk_key_exchange_modes ticket_early_data_info certificate_authorities oid_filters post_handshake_auth
32 signature_algorithms_cert key_share transparency_info connection_id_deprecated connection_id external_id_hash
38 external_session_id quic_transport_parameters ticket_request dnssec_chain
3c sequence_number_encryption_algorithms rrc tls_flags
3374 next_protocol_negotiation
4469 application_settings
44cd application_settings_new
754f channel_id_old channel_id
fd00 ech_outer_extensions
fe0d encrypted_client_hello
ff01 renegotiation_info
ffa5 quic_transport_parameters_draft
ffce encrypted_server_name
`);

/** The name of an extension: `server_name`, `GREASE (0x0a0a)` or `Unknown (0x1234)`. */
export function extensionName(code: number): string {
  return EXTENSION_TYPES.name(code, 4);
}
