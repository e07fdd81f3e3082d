import { Registry } from './registry.ts';

/** IANA's TLS SignatureScheme, and private ones of post-quantum experiments. */
export const SIGNATURE_SCHEMES = new Registry(`
201 rsa_pkcs1_sha1
203 ecdsa_sha1
401 rsa_pkcs1_sha256
403 ecdsa_secp256r1_sha256
420 rsa_pkcs1_sha256_legacy
501 rsa_pkcs1_sha384
503 ecdsa_secp384r1_sha384
520 rsa_pkcs1_sha384_legacy
601 rsa_pkcs1_sha512
603 ecdsa_secp521r1_sha512
620 rsa_pkcs1_sha512_legacy
704 eccsi_sha256 iso_ibs1 iso_ibs2 iso_chinese_ibs sm2sig_sm3 gostr34102012_256a gostr34102012_256b
70b gostr34102012_256c gostr34102012_256d gostr34102012_512a gostr34102012_512b gostr34102012_512c
804 rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512 ed25519 ed448 rsa_pss_pss_sha256
80a rsa_pss_pss_sha384 rsa_pss_pss_sha512
81a ecdsa_brainpoolP256r1tls13_sha256 ecdsa_brainpoolP384r1tls13_sha384 ecdsa_brainpoolP512r1tls13_sha512
904 mldsa44 mldsa65 mldsa87
911 slhdsa_sha2_128s slhdsa_sha2_128f slhdsa_sha2_192s slhdsa_sha2_192f slhdsa_sha2_256s slhdsa_sha2_256f
917 slhdsa_shake_128s slhdsa_shake_128f slhdsa_shake_192s slhdsa_shake_192f slhdsa_shake_256s slhdsa_shake_256f
fe0b falcon512 p256_falcon512 rsa3072_falcon512 falcon1024 p521_falcon1024
fe1b picnic3l1 p256_picnic3l1 rsa3072_picnic3l1
fe27 rainbowIclassic p256_rainbowIclassic rsa3072_rainbowIclassic
fe3c rainbowVclassic p521_rainbowVclassic
fe42 sphincsharaka128frobust p256_sphincsharaka128frobust rsa3072_sphincsharaka128frobust
fe5e sphincssha256128frobust p256_sphincssha256128frobust rsa3072_sphincssha256128frobust
fe7a sphincsshake256128frobust p256_sphincsshake256128frobust rsa3072_sphincsshake256128frobust
fe96 picnicl1full p256_picnicl1full rsa3072_picnicl1full
fea0 dilithium2 p256_dilithium2 rsa3072_dilithium2 dilithium3 p384_dilithium3 dilithium5 p521_dilithium5
fea7 dilithium2_aes p256_dilithium2_aes rsa3072_dilithium2_aes dilithium3_aes p384_dilithium3_aes dilithium5_aes
fead p521_dilithium5_aes
`);

/** HashAlgorithm and SignatureAlgorithm of TLS 1.2, from which pairs that are no SignatureScheme take their name. */
const HASHES = new Registry(`
0 none md5 sha1 sha224 sha256 sha384 sha512
8 intrinsic
`);
const SIGNATURES = new Registry(`
0 anonymous rsa dsa ecdsa
40 gostr34102012_256 gostr34102012_512
`);

/** The name of a signature scheme: `rsa_pss_rsae_sha256`, `dsa_sha1`, `GREASE (0x0a0a)` or `Unknown (0x1234)`. */
export function signatureSchemeName(code: number): string {
  const signature = SIGNATURES.find(code & 0xff);
  const hash = HASHES.find(code >> 8);
  if (SIGNATURE_SCHEMES.find(code) === null && signature !== null && hash !== null) return `${signature}_${hash}`;
  return SIGNATURE_SCHEMES.name(code, 4);
}
