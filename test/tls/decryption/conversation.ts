import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sameOctets } from '../../../shared/bytes/same-octets.ts';
import { createReader, detect } from '../../../shared/capture/detect.ts';
import { READ_PACKET, READ_SEEK } from '../../../shared/capture/reader.ts';
import { CaptureWindow } from '../../../shared/capture/window.ts';
import { ConnectionSet } from '../../../shared/net/connection-set.ts';
import { type ClientHello, parseClientHello } from '../../../shared/tls/client-hello.ts';
import { CONTENT, EXTENSION, HANDSHAKE, isTls13, VERSION } from '../../../shared/tls/codes.ts';
import { type DecryptedRecord, RecordDecryptor } from '../../../shared/tls/decryption/record-decryptor.ts';
import { MasterSecretMemory } from '../../../shared/tls/decryption/resumption.ts';
import type { RsaDecryptionKey } from '../../../shared/tls/decryption/rsa-key-exchange.ts';
import { SecretStore } from '../../../shared/tls/decryption/secret-store.ts';
import {
  earlyDataKeys,
  type KnownSecrets,
  prfOf,
  type SessionSecrets,
  secretsFor,
} from '../../../shared/tls/decryption/session-secrets.ts';
import { finishedVerifyData } from '../../../shared/tls/decryption/tls12-keys.ts';
import { tls13FinishedVerifyData } from '../../../shared/tls/decryption/tls13-keys.ts';
import { HandshakeTranscript } from '../../../shared/tls/decryption/transcript.ts';
import { parseServerHello, type ServerHello } from '../../../shared/tls/server-hello.ts';
import { scanInto } from '../../../shared/trace/packet-scan.ts';
import { concat } from '../../support/octets.ts';

/** Bytes of one direction, in the order in which they arrived among those of the other. */
export interface Chunk {
  readonly direction: 0 | 1;
  readonly bytes: Uint8Array;
}

/** The bytes of every connection in a capture; those with holes are left out. */
export function conversationsOf(file: string | URL): readonly (readonly Chunk[])[] {
  const packed = readFileSync(file);
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed;
  const detected = detect(bytes);
  if (detected.kind !== 'capture') throw new Error(JSON.stringify(detected));
  const found: { chunks: Chunk[]; whole: boolean }[] = [];
  const connections = new ConnectionSet(() => {
    const conversation = { chunks: [] as Chunk[], whole: true };
    found.push(conversation);
    return {
      event: () => {},
      data: (direction, data, start, end) =>
        conversation.chunks.push({ direction, bytes: Uint8Array.from(data.subarray(start, end)) }),
      hole: () => {
        conversation.whole = false;
      },
      finish: () => {},
    };
  });
  const scan = scanInto('tls', connections);
  const window = new CaptureWindow(bytes, true);
  const reader = createReader(detected.format, window);
  for (;;) {
    const status = reader.next();
    if (status === READ_PACKET) scan.packet(0, reader);
    else if (status === READ_SEEK) window.start = window.seekTo;
    else break;
  }
  connections.finish();
  return found.filter(({ whole, chunks }) => whole && chunks.length > 0).map(({ chunks }) => chunks);
}

interface Direction {
  buffer: Uint8Array;
  messages: Uint8Array;
  decryptor: RecordDecryptor | null;
  encrypted: boolean;
  application: Uint8Array;
  verified: number;
}

/** A reader of TLS that is as plain as it can be: whole records, no damage, nothing but decryption. */
export class PlainConversation {
  readonly known: KnownSecrets;
  readonly #directions: readonly [Direction, Direction] = [direction(), direction()];
  #client: 0 | 1 | null = null;
  #transcript = new HandshakeTranscript();
  clientHello: ClientHello | null = null;
  serverHello: ServerHello | null = null;
  #keyExchange: Uint8Array | null = null;
  #sessionHash: Uint8Array | null = null;
  secrets: SessionSecrets | null = null;
  /** Records that did not decrypt, and Finished messages that did not verify. */
  readonly failures: string[] = [];
  readonly messageTypes: { readonly client: number[]; readonly server: number[] } = { client: [], server: [] };

  constructor(
    store = new SecretStore(),
    privateKeys: readonly RsaDecryptionKey[] = [],
    memory = new MasterSecretMemory(),
  ) {
    this.known = { store, privateKeys, memory };
  }

  read(chunks: readonly Chunk[]): this {
    for (const { direction, bytes } of chunks) {
      if (this.#client === null && looksLikeHello(bytes)) this.#client = direction;
      if (this.#client !== null) this.#push(direction, bytes);
    }
    return this;
  }

  text(side: 'client' | 'server'): string {
    return Buffer.from(this.#side(side).application).toString('latin1');
  }

  verified(side: 'client' | 'server'): number {
    return this.#side(side).verified;
  }

  #side(side: 'client' | 'server'): Direction {
    return this.#directions[side === 'client' ? (this.#client ?? 0) : 1 - (this.#client ?? 0)];
  }

  #push(index: 0 | 1, bytes: Uint8Array): void {
    const side = this.#directions[index];
    side.buffer = concat(side.buffer, bytes);
    for (;;) {
      const { buffer } = side;
      const length = buffer.length < 5 ? 0 : 5 + ((buffer[3] << 8) | buffer[4]);
      if (buffer.length < 5 || buffer.length < length) return;
      side.buffer = buffer.slice(length);
      this.#record(index, buffer[0], (buffer[1] << 8) | buffer[2], buffer.slice(5, length));
    }
  }

  #record(index: 0 | 1, type: number, version: number, fragment: Uint8Array): void {
    const side = this.#directions[index];
    const name = index === this.#client ? 'client' : 'server';
    if (type === CONTENT.changeCipherSpec) {
      if (this.serverHello === null || isTls13(this.serverHello.version)) return;
      side.encrypted = true;
      const secrets = this.#findSecrets();
      if (secrets.kind === 'keys') side.decryptor = new RecordDecryptor(secrets[name]);
      return;
    }
    // A client that gives up before it has keys says so in plaintext: an alert has two octets, and no cipher's record.
    if (!side.encrypted || (type === CONTENT.alert && fragment.length === 2)) {
      this.#content(index, type, fragment);
      return;
    }
    if (side.decryptor === null) {
      this.failures.push(`${name}: no keys`);
      return;
    }
    let opened: DecryptedRecord = side.decryptor.decrypt(type, version, fragment);
    const { secrets } = this;
    if (opened.kind === 'bad-record' && name === 'client' && secrets?.kind === 'tls13-keys') {
      // Early data that the server did not take: the client goes on without a word.
      const next = new RecordDecryptor(secrets.keys.clientHandshake);
      const again = next.decrypt(type, version, fragment);
      if (again.kind === 'plaintext') {
        side.decryptor = next;
        opened = again;
      }
    }
    if (opened.kind === 'bad-record') {
      side.decryptor.pass(fragment.length, fragment);
      this.failures.push(`${name}: ${opened.reason}`);
    } else this.#content(index, opened.contentType, opened.bytes);
  }

  #content(index: 0 | 1, type: number, bytes: Uint8Array): void {
    const side = this.#directions[index];
    if (type === CONTENT.applicationData) side.application = concat(side.application, bytes);
    if (type !== CONTENT.handshake) return;
    side.messages = concat(side.messages, bytes);
    for (;;) {
      const { messages } = side;
      const length = messages.length < 4 ? 0 : 4 + ((messages[1] << 16) | (messages[2] << 8) | messages[3]);
      if (messages.length < 4 || messages.length < length) return;
      side.messages = messages.slice(length);
      this.#message(index, messages.slice(0, length));
    }
  }

  #message(index: 0 | 1, message: Uint8Array): void {
    const type = message[0];
    const body = message.subarray(4);
    const name = index === this.#client ? 'client' : 'server';
    this.messageTypes[name].push(type);
    if (type === HANDSHAKE.helloRequest) return;
    if (type === HANDSHAKE.clientHello && this.serverHello !== null && !isTls13(this.serverHello.version)) {
      this.#transcript = new HandshakeTranscript();
      this.serverHello = null;
      this.secrets = null;
    }
    if (type === HANDSHAKE.clientHello) this.#transcript.add(message);
    switch (type) {
      case HANDSHAKE.clientHello: {
        const parsed = parseClientHello(body);
        if (parsed.kind !== 'done') throw new Error('ClientHello');
        this.clientHello = parsed.value;
        if (parsed.value.earlyData) {
          const { cipherSuites, random } = parsed.value;
          const side = this.#directions[index];
          side.decryptor = new RecordDecryptor(earlyDataKeys(VERSION.tls13, cipherSuites, random, this.known.store));
          side.encrypted = true;
        }
        return;
      }
      case HANDSHAKE.serverHello:
        this.#readServerHello(body);
        break;
      case HANDSHAKE.clientKeyExchange:
        this.#keyExchange = body;
        break;
      case HANDSHAKE.finished:
        this.#finished(index, body);
        break;
      case HANDSHAKE.keyUpdate:
        if (this.#directions[index].decryptor?.updateKeys() !== true) this.failures.push('no key update');
        return;
      case HANDSHAKE.endOfEarlyData:
        if (this.secrets?.kind === 'tls13-keys') {
          this.#directions[index].decryptor = new RecordDecryptor(this.secrets.keys.clientHandshake);
        }
        break;
      case HANDSHAKE.newSessionTicket:
        if (this.secrets?.kind === 'tls13-keys') return;
        this.#rememberTicket(body.subarray(6));
        break;
      default:
        break;
    }
    this.#transcript.add(message);
    if (type === HANDSHAKE.clientKeyExchange) this.#sessionHash = this.#transcript.digest();
    if (type === HANDSHAKE.serverHello && this.serverHello !== null && isTls13(this.serverHello.version)) {
      const secrets = this.#findSecrets();
      if (secrets.kind === 'tls13-keys') {
        this.#side('server').decryptor = new RecordDecryptor(secrets.keys.serverHandshake);
        const client = this.#side('client');
        client.decryptor ??= new RecordDecryptor(secrets.keys.clientHandshake);
      }
      this.#side('server').encrypted = this.#side('client').encrypted = true;
    }
  }

  #readServerHello(body: Uint8Array): void {
    const parsed = parseServerHello(body);
    if (parsed.kind !== 'done') throw new Error('ServerHello');
    const prf = prfOf(parsed.value.version, parsed.value.cipherSuite ?? 0);
    if (parsed.value.kind === 'hello-retry-request') {
      if (prf === 'sha256' || prf === 'sha384') this.#transcript.retry(prf);
      return;
    }
    this.serverHello = parsed.value;
    if (prf !== null) this.#transcript.select(prf);
  }

  #rememberTicket(ticket: Uint8Array): void {
    const secrets = this.#findSecrets();
    if (secrets.kind === 'keys') this.known.memory.remember('ticket', ticket, secrets.masterSecrets[0]);
  }

  #findSecrets(): SessionSecrets {
    const { clientHello, serverHello } = this;
    if (clientHello === null || serverHello === null) throw new Error('no hello');
    const ticket = clientHello.extensions.find(({ type }) => type === EXTENSION.sessionTicket)?.bytes ?? null;
    this.secrets ??= secretsFor(
      {
        version: serverHello.version,
        clientVersion: clientHello.legacyVersion,
        cipherSuite: serverHello.cipherSuite ?? 0,
        compressionMethod: serverHello.compressionMethod,
        clientRandom: clientHello.random,
        serverRandom: serverHello.random,
        sessionId: serverHello.sessionId,
        sessionTicket: ticket,
        resumed: this.#keyExchange === null,
        extendedMasterSecret: serverHello.extendedMasterSecret,
        encryptThenMac: serverHello.encryptThenMac,
        sessionHash: this.#sessionHash,
        clientKeyExchange: this.#keyExchange,
      },
      this.known,
    );
    return this.secrets;
  }

  #finished(index: 0 | 1, body: Uint8Array): void {
    const side = this.#directions[index];
    const name = index === this.#client ? 'client' : 'server';
    const digest = this.#transcript.digest();
    const { secrets, serverHello, clientHello } = this;
    if (digest === null || serverHello === null || clientHello === null) throw new Error('no transcript');
    const prf = prfOf(serverHello.version, serverHello.cipherSuite ?? 0);
    let expected: Uint8Array | null = null;
    if (secrets?.kind === 'tls13-keys' && (prf === 'sha256' || prf === 'sha384')) {
      const label = name === 'client' ? 'client-handshake-traffic-secret' : 'server-handshake-traffic-secret';
      const [secret] = this.known.store.find('client-random', clientHello.random, label);
      expected = tls13FinishedVerifyData(prf, secret, digest, serverHello.version);
      side.decryptor = new RecordDecryptor(
        name === 'client' ? secrets.keys.clientApplication : secrets.keys.serverApplication,
      );
    } else if (secrets?.kind === 'keys' && prf !== null && prf !== 'ssl3') {
      expected = finishedVerifyData(prf, secrets.masterSecrets[0], name, digest);
      this.known.memory.remember('session-id', serverHello.sessionId, secrets.masterSecrets[0]);
    }
    if (expected !== null && sameOctets(expected, body)) side.verified++;
    else if (prf !== 'ssl3') this.failures.push(`${name}: Finished does not verify`);
  }
}

function direction(): Direction {
  const none = new Uint8Array(0);
  return { buffer: none, messages: none, decryptor: null, encrypted: false, application: none, verified: 0 };
}

function looksLikeHello(bytes: Uint8Array): boolean {
  return bytes[0] === CONTENT.handshake && bytes[1] === 3 && bytes[5] === HANDSHAKE.clientHello;
}
