/** CRLReason, in CRL entries (RFC 5280 section 5.3.1) and OCSP responses (RFC 6960 section 4.2.1). */
import type { DerDocument, DerElement } from '../der.ts';
import { readCount } from '../der-values.ts';

/** By number; 7 is not used. */
const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  null,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** `unknown`: a number that the RFC does not give a meaning. */
export type ReasonCode = NonNullable<(typeof REASONS)[number]> | 'unknown';

/** The identifier octet of ENUMERATED. */
export const ENUMERATED = 0x0a;

/** Reads the value of an ENUMERATED CRLReason; its tag has been looked at. */
export function readReasonCode(document: DerDocument, element: DerElement): ReasonCode {
  // The content of an ENUMERATED is that of an INTEGER (X.690 section 8.4).
  return REASONS[readCount(document, element, 'CRLReason')] ?? 'unknown';
}
