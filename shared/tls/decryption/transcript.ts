import { LIMITS } from '../../bytes/limits.ts';
import { type RunningHash, runningHash } from './hashes.ts';
import { joinOctets } from './octets.ts';
import type { Prf } from './tls12-keys.ts';

/** HandshakeType message_hash, which is never sent. */
const MESSAGE_HASH = 254;

/**
 * The hash over a connection's handshake messages (RFC 8446 section 4.4.1, RFC 7627 section 3), which the extended
 * master secret and Finished need. Messages are kept until the ServerHello tells which hash it is, then only hashed.
 */
export class HandshakeTranscript {
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #hashes: readonly RunningHash[] | null = null;
  #lost = false;

  /** The next message with its header, as sent; copied when it must wait. */
  add(message: Uint8Array): void {
    if (this.#lost) return;
    if (this.#hashes !== null) {
      for (const hash of this.#hashes) hash.update(message);
      return;
    }
    this.#waitingBytes += message.length;
    if (this.#waitingBytes > LIMITS.transcriptBytes) this.lose();
    else this.#waiting.push(message.slice());
  }

  /** A message, or a part of one, was not captured: there will be no digest. */
  lose(): void {
    this.#lost = true;
    this.#waiting = [];
  }

  /** The hash is known. SSL 3.0 and TLS up to 1.1 use MD5 and SHA-1 both. Called again, it does nothing. */
  select(prf: Prf): void {
    if (this.#hashes !== null) return;
    this.#hashes =
      prf === 'sha256' || prf === 'sha384' ? [runningHash(prf)] : [runningHash('md5'), runningHash('sha1')];
    for (const message of this.#waiting) this.add(message);
    this.#waiting = [];
  }

  /**
   * A HelloRetryRequest follows: its hash stands for the first ClientHello (RFC 8446 section 4.4.1). `prf` is that of
   * the suite in the HelloRetryRequest.
   */
  retry(prf: 'sha256' | 'sha384'): void {
    this.select(prf);
    const digest = this.digest();
    if (digest === null) return;
    this.#hashes = [runningHash(prf)];
    this.add(joinOctets(Uint8Array.of(MESSAGE_HASH, 0, 0, digest.length), digest));
  }

  /** The digest up to here (MD5 and SHA-1 one behind the other), or null when something is missing. */
  digest(): Uint8Array | null {
    if (this.#lost || this.#hashes === null) return null;
    return joinOctets(...this.#hashes.map((hash) => hash.digest()));
  }
}
