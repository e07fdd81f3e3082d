import { LIMITS } from '../../bytes/limits.ts';
import { decodeLatin1 } from '../../bytes/text.ts';
import { hashOf } from './hashes.ts';

/**
 * Master secrets of sessions up to TLS 1.2, by what resumes them: a session id (RFC 5246 appendix F.1.4) or a ticket
 * (RFC 5077). Of those that nobody asked for again the oldest are forgotten.
 */
export class MasterSecretMemory {
  readonly #secrets = new Map<string, Uint8Array>();

  /** Remembers what a full handshake agreed on. `name` is the ServerHello's session id or NewSessionTicket's ticket. */
  remember(kind: 'session-id' | 'ticket', name: Uint8Array, master: Uint8Array): void {
    if (name.length === 0) return;
    const key = keyOf(kind, name);
    this.#secrets.delete(key);
    this.#secrets.set(key, master);
    if (this.#secrets.size <= LIMITS.resumableSessions) return;
    for (const oldest of this.#secrets.keys()) {
      this.#secrets.delete(oldest);
      return;
    }
  }

  /** The master secret of the session that is resumed, or null. A ticket goes first (RFC 5077 section 3.4). */
  recall(sessionId: Uint8Array, ticket: Uint8Array | null): Uint8Array | null {
    const byTicket = ticket === null ? undefined : this.#secrets.get(keyOf('ticket', ticket));
    return byTicket ?? this.#secrets.get(keyOf('session-id', sessionId)) ?? null;
  }
}

/** Tickets have hundreds of octets, their hashes 32. */
function keyOf(kind: 'session-id' | 'ticket', name: Uint8Array): string {
  return kind === 'ticket' ? `t${decodeLatin1(hashOf('sha256', name))}` : `s${decodeLatin1(name)}`;
}
