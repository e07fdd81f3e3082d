/** Recorded TLS handshakes, and fresh copies of them for one session each. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';

export const TEMPLATE_FOLDER = join(import.meta.dirname, 'templates');

export interface TemplateCertificate {
  readonly from: 'client' | 'server';
  /** Index into `flights`. */
  readonly flight: number;
  /** Of the DER in the flight. */
  readonly offset: number;
  readonly length: number;
  /** Where the serial number's octets lie in the flight; null where the certificate is the same for all partners. */
  readonly serialNumber: { readonly offset: number; readonly length: number } | null;
}

export interface HandshakeTemplate {
  readonly name: string;
  readonly use: 'mail' | 'web';
  readonly version: 'TLS 1.2' | 'TLS 1.3';
  /** `data` is base64 of everything one side sent before the other side answered. */
  readonly flights: readonly { readonly from: 'client' | 'server'; readonly data: string }[];
  readonly certificates: readonly TemplateCertificate[];
}

export interface Handshake {
  readonly flights: readonly { readonly from: 'client' | 'server'; readonly data: Buffer }[];
  /** SHA-256 of the certificates in the clear, in the order sent. */
  readonly serverCertificates: readonly string[];
  readonly clientCertificates: readonly string[];
}

/** All committed templates in the order of their file names, and a digest over them that names this set. */
export function readTemplates(): { readonly templates: readonly HandshakeTemplate[]; readonly digest: string } {
  const hash = createHash('sha256');
  const names = readdirSync(TEMPLATE_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const templates = names.map((name) => {
    const text = readFileSync(join(TEMPLATE_FOLDER, name), 'utf8');
    hash.update(text);
    const template: HandshakeTemplate = JSON.parse(text);
    return template;
  });
  return { templates, digest: hash.digest('hex') };
}

/**
 * The template as one partner presents it: its leaf certificates carry the partner's own serial number, so that they
 * are certificates of their own (their signatures no longer verify, which nobody in this benchmark looks at).
 */
export function issueFor(template: HandshakeTemplate, random: Random): Handshake {
  const flights = template.flights.map(({ from, data }) => ({ from, data: Buffer.from(data, 'base64') }));
  for (const { flight, serialNumber } of template.certificates) {
    if (serialNumber === null) continue;
    const { data } = flights[flight];
    // The first octet stays, so that the integer remains positive and minimally encoded.
    for (let index = 1; index < serialNumber.length; index += 1) data[serialNumber.offset + index] = random.below(256);
  }
  const digests = (from: 'client' | 'server'): readonly string[] =>
    template.certificates
      .filter((certificate) => certificate.from === from)
      .map(({ flight, offset, length }) =>
        createHash('sha256')
          .update(flights[flight].data.subarray(offset, offset + length))
          .digest('hex'),
      );
  return { flights, serverCertificates: digests('server'), clientCertificates: digests('client') };
}

/** Offset of ClientHello.random and ServerHello.random in a first record: record 5, handshake header 4, version 2. */
const HELLO_RANDOM_OFFSET = 11;
/** The last eight octets of a ServerHello.random may be RFC 8446 section 4.1.3's downgrade sentinel. */
const HELLO_RANDOM_FREE_LENGTH = 24;
/** RFC 8446 section 4.1.3: the random that makes a ServerHello a HelloRetryRequest begins so. */
const HELLO_RETRY_REQUEST_START = 0xcf21ad74;

/** The handshake's flights for one session, with hello randoms of its own. */
export function refresh(handshake: Handshake, random: Random): Handshake['flights'] {
  // A second ClientHello repeats the first one's random, so these stay as they were recorded.
  if (handshake.flights[1].data.readUInt32BE(HELLO_RANDOM_OFFSET) === HELLO_RETRY_REQUEST_START)
    return handshake.flights;
  return handshake.flights.map((flight, index) => {
    if (index > 1) return flight;
    const data = Buffer.from(flight.data);
    for (let at = 0; at < HELLO_RANDOM_FREE_LENGTH; at += 1) data[HELLO_RANDOM_OFFSET + at] = random.below(256);
    return { from: flight.from, data };
  });
}
