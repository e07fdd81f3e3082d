import { done, malformed, type Parsed } from '../bytes/parsed.ts';
import type { ByteRange } from './byte-range.ts';
import { VectorReader } from './vector-reader.ts';

/** SERVER-HELLO of SSL 2.0 (draft-hickman-netscape-ssl-00 section 5.5.2). Arrays are views. */
export interface Ssl2ServerHello {
  readonly kind: 'ssl2-server-hello';
  readonly version: number;
  /** The server knows the client's session: no certificate follows. */
  readonly sessionIdHit: boolean;
  /** 1 is X.509; 0 is none. */
  readonly certificateType: number;
  /** One certificate at most; null when there is none. */
  readonly certificate: Uint8Array | null;
  /** Cipher kinds of three bytes. */
  readonly cipherKinds: readonly number[];
  readonly connectionId: Uint8Array;
}

/** Parses the body of a SERVER-HELLO, which begins behind the type byte. Malformed: `ssl2-hello-malformed`/`-lost`. */
export function parseSsl2ServerHello(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
): Parsed<Ssl2ServerHello> {
  const reader = new VectorReader(body, 0, length, missing);
  const sessionIdHit = reader.uint(1) !== 0;
  const certificateType = reader.uint(1);
  const version = reader.uint(2);
  const certificateBytes = reader.uint(2);
  const cipherBytes = reader.uint(2);
  const connectionIdBytes = reader.uint(2);
  const certificate = reader.opaque(certificateBytes);
  const kinds = new VectorReader(reader.opaque(cipherBytes));
  const cipherKinds = kinds.uints(3);
  const connectionId = reader.opaque(connectionIdBytes);
  const failure = reader.failure ?? kinds.failure;
  if (failure === 'lost') return malformed('ssl2-hello-lost', 'A part of the SERVER-HELLO was not captured.');
  if (failure === 'short') return malformed('ssl2-hello-malformed', 'The SERVER-HELLO is shorter than its fields say.');
  return done(
    {
      kind: 'ssl2-server-hello',
      version,
      sessionIdHit,
      certificateType,
      certificate: certificate.length > 0 ? certificate : null,
      cipherKinds,
      connectionId,
    },
    length,
  );
}
