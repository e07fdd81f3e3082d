import type { PresentedCertificate, Side } from '../contract/analysis.ts';
import type { Handshake } from '../tls/handshake.ts';
import { cipherSuiteName } from '../tls/registries/cipher-suites.ts';
import { namedGroupName } from '../tls/registries/named-groups.ts';
import { certificateCompressionName, versionName } from '../tls/registries/protocol.ts';

/** A handshake message as a timeline shows it. `chain`: the certificates that its side has sent so far. */
export function describeHandshake(
  handshake: Handshake,
  side: Side,
  chain: readonly PresentedCertificate[] | null,
): string {
  switch (handshake.kind) {
    case 'client-hello': {
      const named = handshake.supportedVersions?.filter(isRealVersion) ?? [];
      const versions = named.length > 0 ? named : [handshake.legacyVersion];
      const name = handshake.serverName === null ? 'no server name' : `server name ${handshake.serverName}`;
      const resumes =
        handshake.pskIdentities > 0 || (handshake.sessionTicketLength ?? 0) > 0 ? ', offers to resume a session' : '';
      return `ClientHello: ${name}, up to ${versionName(Math.max(...versions))}${resumes}`;
    }
    case 'server-hello': {
      const suite = handshake.cipherSuite === null ? 'no cipher suite' : cipherSuiteName(handshake.cipherSuite);
      return `ServerHello: ${versionName(handshake.version)}, ${suite}${handshake.selectedPsk === null ? '' : ', resumes a session'}`;
    }
    case 'hello-retry-request':
      return handshake.keyShareGroup === null
        ? 'HelloRetryRequest'
        : `HelloRetryRequest: wants a key share for ${namedGroupName(handshake.keyShareGroup)}`;
    case 'ssl2-server-hello':
      return 'ServerHello: SSL 2.0';
    case 'certificate': {
      if (handshake.entries.length === 0) return 'Certificate: empty, the client has none to show';
      const names = (chain ?? []).map(({ subject }) => shortName(subject));
      const lost = handshake.entries.filter(({ kind }) => kind === 'lost').length;
      const parts = [...names, ...(lost > 0 ? [`${lost} not captured`] : [])];
      return `Certificate${handshake.entries.length === 1 ? '' : ` ×${handshake.entries.length}`}: ${parts.join(', ')}`;
    }
    case 'certificate-request':
      return handshake.authorities.length === 0
        ? 'CertificateRequest: any authority'
        : `CertificateRequest: ${handshake.authorities.length} acceptable ${handshake.authorities.length === 1 ? 'authority' : 'authorities'}`;
    case 'certificate-status':
      return `CertificateStatus: ${handshake.ocspResponse ? `stapled OCSP response (${handshake.ocspResponse.length} bytes)` : 'empty'}`;
    case 'server-key-exchange':
      return `ServerKeyExchange${handshake.namedGroup === null ? '' : `: ${namedGroupName(handshake.namedGroup)}`}`;
    case 'new-session-ticket':
      return `NewSessionTicket: valid for ${handshake.lifetimeSeconds} s`;
    case 'certificate-verify':
      return `CertificateVerify: the ${side} proves that it holds the key`;
    case 'compressed-certificate':
      return `CompressedCertificate (${certificateCompressionName(handshake.algorithm)}, ${handshake.uncompressedLength} bytes)`;
    case 'encrypted-extensions':
      return 'EncryptedExtensions';
    case 'key-update':
      return 'KeyUpdate';
    case 'server-hello-done':
      return 'ServerHelloDone';
    case 'client-key-exchange':
      return 'ClientKeyExchange';
    case 'finished':
      return 'Finished';
    case 'hello-request':
      return 'HelloRequest';
    case 'hello-verify-request':
      return 'HelloVerifyRequest';
    case 'end-of-early-data':
      return 'EndOfEarlyData';
    case 'certificate-url':
      return 'CertificateURL';
    case 'supplemental-data':
      return 'SupplementalData';
    case 'next-protocol':
      return 'NextProtocol';
    case 'ssl2-message':
      return 'SSL 2.0 message';
    case 'unknown':
      return `handshake message of unknown type ${handshake.type}`;
  }
}

/** The most specific attribute value of an RFC 4514 name: enough to tell certificates apart in one line. */
export function shortName(subject: string | null): string {
  if (subject === null) return 'unreadable certificate';
  if (subject === '') return 'certificate without a subject';
  const match = /(?:^|,|\+)CN=((?:\\.|[^,+\\])*)/.exec(subject);
  // Octets in hexadecimal stay escaped: they are control characters.
  return match ? match[1].replace(/\\(?![0-9A-Fa-f]{2})(.)/g, '$1') : subject;
}

/** Neither GREASE (RFC 8701) nor a draft's private number. */
function isRealVersion(version: number): boolean {
  return version >= 0x0300 && version <= 0x0304;
}
