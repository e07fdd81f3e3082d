import { Registry } from './registry.ts';

/** IANA's TLS Supported Groups, and private ones of post-quantum experiments where IANA has no entry. */
export const NAMED_GROUPS = new Registry(`
1 sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1 sect409k1
c sect409r1 sect571k1 sect571r1 secp160k1 secp160r1 secp160r2 secp192k1 secp192r1 secp224k1 secp224r1 secp256k1
17 secp256r1 secp384r1 secp521r1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 x25519 x448
1f brainpoolP256r1tls13 brainpoolP384r1tls13 brainpoolP512r1tls13 GC256A GC256B GC256C GC256D GC512A GC512B
28 GC512C curveSM2
100 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192
200 MLKEM512 MLKEM768 MLKEM1024 frodo976shake frodo1344aes frodo1344shake
214 ntru_hps2048509 ntru_hps2048677 ntru_hps4096821 ntru_hrss701 lightsaber saber firesaber sidhp434 sidhp503
21d sidhp610 sidhp751 sikep434 sikep503 sikep610 sikep751
22c hqc128 hqc192 hqc256 ntrulpr653 ntrulpr761 ntrulpr857 sntrup653 sntrup761 sntrup857
238 bikel1
23a kyber512 bikel3 kyber768 kyber1024 kyber90s512 kyber90s768 kyber90s1024 ntrulpr1277 sntrup1277
245 ntru_hps40961229 ntru_hrss1373
11e9 SecP256r1MLKEM512 MLKEM512X25519 SecP256r1MLKEM768 X25519MLKEM768 SecP384r1MLKEM1024 curveSM2MLKEM768
2f00 p256_frodo640aes p256_frodo640shake p384_frodo976aes p384_frodo976shake p521_frodo1344aes
2f05 p521_frodo1344shake
2f14 p256_ntru_hps2048509 p384_ntru_hps2048677 p521_ntru_hps4096821 p384_ntru_hrss701 p256_lightsaber p384_saber
2f1a p521_firesaber p256_sidhp434 p256_sidhp503 p384_sidhp610 p521_sidhp751 p256_sikep434 p256_sikep503
2f21 p384_sikep610 p521_sikep751
2f2c p256_hqc128 p384_hqc192 p521_hqc256 p256_ntrulpr653
2f31 p384_ntrulpr857 p256_sntrup653
2f34 p384_sntrup857
2f38 p256_bikel1
2f3a p256_kyber512 p384_bikel3 p384_kyber768 p521_kyber1024 p256_kyber90s512 p384_kyber90s768 p521_kyber90s1024
2f41 p521_ntrulpr1277 p521_sntrup1277 p256_ntrulpr761 p256_sntrup761 p521_ntru_hps40961229 p521_ntru_hrss1373
4138 CECPQ2
6399 X25519Kyber768Draft00 SecP256r1Kyber768Draft00
ff01 arbitrary_explicit_prime_curves arbitrary_explicit_char2_curves
`);

/** The name of a group: `x25519`, `GREASE (0x0a0a)` or `Unknown (0x1234)`. */
export function namedGroupName(code: number): string {
  return NAMED_GROUPS.name(code, 4);
}
