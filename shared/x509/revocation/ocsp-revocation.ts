/** What a stapled OCSP response proves of one certificate (RFC 6960 section 3.2). */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sameOctets } from '../../bytes/same-octets.ts';
import type { X509Certificate } from '../certificate.ts';
import { integerToHex } from '../der-values.ts';
import { nameKey } from '../path/compare-names.ts';
import type { Finding, RevocationResult } from '../path/model.ts';
import type { RevocationOptions } from './crl-revocation.ts';
import { weakAlgorithm } from './list-authenticity.ts';
import type { CertificateId, OcspResponse, ResponderId, SingleResponse } from './ocsp-response.ts';

/** Hash functions of a CertID. */
const HASHES: ReadonlyMap<string, (bytes: Uint8Array) => Uint8Array> = new Map([
  ['1.3.14.3.2.26', sha1],
  ['2.16.840.1.101.3.4.2.1', sha256],
  ['2.16.840.1.101.3.4.2.2', sha384],
  ['2.16.840.1.101.3.4.2.3', sha512],
]);

/**
 * `good` and `revoked` only when the response is about the certificate, signed by its issuer or by a responder that the
 * issuer delegated, and of the time `at` (seconds since 1970); else `unknown`, with the reason as a finding. A nonce
 * proves nothing to a third party and is not looked at.
 */
export async function ocspRevocation(
  response: OcspResponse,
  certificate: X509Certificate,
  issuer: X509Certificate,
  at: number,
  options: RevocationOptions,
): Promise<RevocationResult> {
  const name = certificate.subject.text;
  const finding = (code: string, severity: Finding['severity'], message: string, rule: string): Finding => {
    const profile = severity === 'error' ? 'path' : null;
    return { code, severity, profile, certificate: certificate.sha256, message, rule };
  };
  const unknown = (code: string, message: string, rule: string): RevocationResult => {
    return { status: 'unknown', findings: [finding(code, 'warning', message, rule)] };
  };
  const single = singleFor(response, certificate, issuer);
  if (single === null) {
    const message = `The stapled OCSP response is about another certificate than ${name}.`;
    return unknown('ocsp-other-certificate', message, 'RFC 6960 section 3.2 (1)');
  }
  const distrust = await whyNotAuthentic(response, issuer, at, options);
  if (distrust !== null) {
    return unknown('ocsp-not-authentic', `The stapled OCSP response ${distrust.why}.`, distrust.rule);
  }
  const critical = [...response.extensions, ...single.extensions].find((extension) => extension.critical);
  if (critical !== undefined) {
    const message = `The stapled OCSP response has the critical extension ${critical.name ?? critical.oid}.`;
    return unknown('ocsp-critical-extension', message, 'RFC 6960 section 4.4');
  }
  const { status, thisUpdate, nextUpdate } = single;
  if (status.kind === 'revoked') {
    const why = status.reason ?? 'no reason given';
    const hold = status.reason === 'certificateHold' ? 'is on hold since' : 'was revoked on';
    if (status.at.epochSeconds <= at) {
      const message = `${name} ${hold} ${status.at.iso} (${why}), says the stapled OCSP response.`;
      const found = finding('certificate-revoked', 'error', message, 'RFC 6960 section 2.2');
      return { status: 'revoked', findings: [found] };
    }
    const message = `${name} was revoked later, on ${status.at.iso} (${why}).`;
    return unknown('revoked-later', message, 'RFC 6960 section 2.2');
  }
  const untimely = whyUntimely(single, at);
  if (untimely !== null) {
    return unknown('ocsp-not-current', `The stapled OCSP response ${untimely}.`, 'RFC 6960 section 3.2 (5, 6)');
  }
  if (status.kind === 'unknown') {
    const message = `The OCSP responder does not know ${name}.`;
    return unknown('ocsp-unknown', message, 'RFC 6960 section 2.2');
  }
  const until = nextUpdate === null ? '' : ` to ${nextUpdate.iso}`;
  const message = `${name} is not revoked: the stapled OCSP response of ${thisUpdate.iso}${until} says good.`;
  return { status: 'good', findings: [finding('ocsp-good', 'note', message, 'RFC 6960 section 2.2')] };
}

/** The single response about this certificate, by its serial number and the hashes of its issuer's name and key. */
function singleFor(
  { responses }: OcspResponse,
  certificate: X509Certificate,
  issuer: X509Certificate,
): SingleResponse | null {
  const isAbout = ({ hashOid, issuerNameHash, issuerKeyHash, serialNumberBytes }: CertificateId): boolean => {
    const hash = HASHES.get(hashOid);
    return (
      hash !== undefined &&
      integerToHex(serialNumberBytes) === certificate.serialNumber &&
      sameOctets(hash(certificate.issuer.der), issuerNameHash) &&
      sameOctets(hash(issuer.publicKey.subjectPublicKey), issuerKeyHash)
    );
  };
  const about = responses.filter((single) => isAbout(single.certificate));
  // A response may answer twice; the answer that does harm counts.
  return about.find(({ status }) => status.kind === 'revoked') ?? about[0] ?? null;
}

interface Distrust {
  /** In a few words that go on with "the response". */
  readonly why: string;
  readonly rule: string;
}

/** RFC 6960 section 4.2.2.2: signed by the issuer itself, or by a certificate that it issued for OCSP signing. */
async function whyNotAuthentic(
  response: OcspResponse,
  issuer: X509Certificate,
  at: number,
  options: RevocationOptions,
): Promise<Distrust | null> {
  const rule = 'RFC 6960 section 4.2.2.2';
  if (isResponder(response.responder, issuer)) return whyNotSigned(response, issuer, options);
  const responder = response.certificates
    .flatMap((reading) => (reading.kind === 'certificate' ? [reading.certificate] : []))
    .find((candidate) => isResponder(response.responder, candidate));
  if (responder === undefined) {
    return { why: 'names a responder that is not the issuer, and does not carry its certificate', rule };
  }
  const what = `is signed by ${responder.subject.text}`;
  if (nameKey(responder.issuer) !== nameKey(issuer.subject)) {
    return { why: `${what}, which another issuer certified`, rule };
  }
  const { extendedKeyUsage, keyUsage } = responder.known;
  if (extendedKeyUsage.kind !== 'present' || !extendedKeyUsage.value.some(({ oid }) => oid === OCSP_SIGNING)) {
    return { why: `${what}, whose certificate is not for OCSP signing`, rule };
  }
  const signs = keyUsage.kind === 'present' && SIGNING_USAGES.some((usage) => keyUsage.value.includes(usage));
  if (keyUsage.kind !== 'absent' && !signs) {
    return { why: `${what}, whose key usage does not allow it to sign`, rule };
  }
  if (responder.notBefore.epochSeconds > at || responder.notAfter.epochSeconds < at) {
    return { why: `${what}, whose certificate is not valid at this time`, rule };
  }
  const unknown = responder.extensions.find(({ oid, critical }) => critical && !RESPONDER_EXTENSIONS.has(oid));
  if (unknown !== undefined) {
    return { why: `${what}, whose certificate has the critical extension ${unknown.name ?? unknown.oid}`, rule };
  }
  const weakness = weakAlgorithm(responder, issuer, options.algorithms);
  if (weakness !== null) return { why: `${what}, whose certificate ${weakness}`, rule };
  const delegated = await options.verifySignature({
    algorithm: responder.signatureAlgorithm,
    key: issuer.publicKey,
    signed: responder.tbsCertificate,
    signature: responder.signatureValue,
  });
  if (delegated !== 'valid') {
    const cannot = delegated === 'unsupported' ? 'cannot be verified here' : 'the issuer did not sign';
    return { why: `${what}, whose certificate ${cannot}`, rule };
  }
  return whyNotSigned(response, responder, options);
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const SIGNING_USAGES = ['digitalSignature', 'nonRepudiation'] as const;
/** keyUsage, basicConstraints, extKeyUsage, certificatePolicies, ocspNoCheck. */
const RESPONDER_EXTENSIONS: ReadonlySet<string> = new Set([
  '2.5.29.15',
  '2.5.29.19',
  '2.5.29.37',
  '2.5.29.32',
  '1.3.6.1.5.5.7.48.1.5',
]);

async function whyNotSigned(
  response: OcspResponse,
  signer: X509Certificate,
  { verifySignature, algorithms }: RevocationOptions,
): Promise<Distrust | null> {
  const rule = 'RFC 6960 section 3.2 (2)';
  const weakness = weakAlgorithm(response, signer, algorithms);
  if (weakness !== null) return { why: weakness, rule };
  const outcome = await verifySignature({
    algorithm: response.signatureAlgorithm,
    key: signer.publicKey,
    signed: response.tbsResponseData,
    signature: response.signatureValue,
  });
  switch (outcome) {
    case 'valid':
      return null;
    case 'invalid':
      return { why: `is not signed with the key of ${signer.subject.text}`, rule };
    case 'unsupported':
      return { why: 'has a signature that this platform cannot verify', rule };
  }
}

function isResponder(responder: ResponderId, certificate: X509Certificate): boolean {
  switch (responder.kind) {
    case 'name':
      return nameKey(responder.name) === nameKey(certificate.subject);
    case 'key':
      return sameOctets(responder.hash, sha1(certificate.publicKey.subjectPublicKey));
  }
}

function whyUntimely({ thisUpdate, nextUpdate }: SingleResponse, at: number): string | null {
  if (thisUpdate.epochSeconds > at) return `was made only on ${thisUpdate.iso}`;
  if (nextUpdate === null) return 'does not say until when it holds';
  return nextUpdate.epochSeconds < at ? `ended on ${nextUpdate.iso}` : null;
}
