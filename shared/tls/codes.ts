/** Code points that the parsers themselves act on. All others are only looked up by name (see `registries/`). */

/** ContentType (RFC 8446 section 5.1, RFC 6520). */
export const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;

/** HandshakeType (RFC 8446 appendix B.3, RFC 5246 section 7.4, RFC 6066, RFC 8879). */
export const HANDSHAKE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  helloRetryRequest: 6,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  certificateUrl: 21,
  certificateStatus: 22,
  supplementalData: 23,
  keyUpdate: 24,
  compressedCertificate: 25,
  nextProtocol: 67,
} as const;

/** ExtensionType (IANA, TLS ExtensionType Values). */
export const EXTENSION = {
  serverName: 0,
  maxFragmentLength: 1,
  statusRequest: 5,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  applicationLayerProtocolNegotiation: 16,
  statusRequestV2: 17,
  signedCertificateTimestamp: 18,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  compressCertificate: 27,
  recordSizeLimit: 28,
  sessionTicket: 35,
  /** key_share up to TLS 1.3 draft 22. */
  keyShareDraft: 40,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  certificateAuthorities: 47,
  postHandshakeAuth: 49,
  signatureAlgorithmsCert: 50,
  keyShare: 51,
  encryptedClientHello: 0xfe0d,
  renegotiationInfo: 0xff01,
} as const;

export const VERSION = {
  ssl2: 0x0002,
  tlcp: 0x0101,
  ssl3: 0x0300,
  tls10: 0x0301,
  tls11: 0x0302,
  tls12: 0x0303,
  tls13: 0x0304,
} as const;

/** TLS 1.3, one of its drafts (0x7fXX), or a draft as Facebook numbered them (0xfbXX). */
export function isTls13(version: number): boolean {
  return version === VERSION.tls13 || version >> 8 === 0x7f || version >> 8 === 0xfb;
}

/** A version that a record header or the legacy field of a hello may carry: SSL 3.0 to TLS 1.3, or TLCP. */
export function isRecordVersion(version: number): boolean {
  return (version >= VERSION.ssl3 && version <= VERSION.tls13) || version === VERSION.tlcp;
}

/** Reserved to keep peers tolerant (RFC 8701): 0x0a0a, 0x1a1a, … 0xfafa. */
export function isGrease(code: number): boolean {
  return code <= 0xffff && (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}
