/** The issuing distribution point of a CRL: which certificates and which reasons it speaks of (RFC 5280 section 5.2.5). */
import { contextTag, type DerReader } from '../der.ts';
import { readBoolean, readNamedBits } from '../der-values.ts';
import {
  type DistributionPointName,
  REVOCATION_REASONS,
  type RevocationReason,
  readDistributionPointName,
} from '../service-extensions.ts';

export interface IssuingDistributionPoint {
  readonly name: DistributionPointName | null;
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  /** Null when the list covers all reasons. */
  readonly onlySomeReasons: readonly RevocationReason[] | null;
  readonly indirectCRL: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

export function readIssuingDistributionPoint(outer: DerReader): IssuingDistributionPoint {
  const { document } = outer;
  const what = 'issuingDistributionPoint';
  const reader = outer.sequence(what);
  const readFlag = (tag: number, field: string): boolean => {
    const element = reader.optional(contextTag(tag, 'primitive'), field);
    if (element === null) return false;
    const value = readBoolean(document, element, field);
    if (!value && document.failure === null) {
      document.note('default-encoded', `${field} is FALSE, which DER leaves out (X.690 section 11.5).`, element.start);
    }
    return value;
  };
  const name = reader.optional(contextTag(0, 'constructed'), 'distributionPoint');
  const pointName = name === null ? null : readDistributionPointName(reader.enter(name, 'distributionPoint'));
  const onlyContainsUserCerts = readFlag(1, 'onlyContainsUserCerts');
  const onlyContainsCACerts = readFlag(2, 'onlyContainsCACerts');
  const reasons = reader.optional(contextTag(3, 'primitive'), 'onlySomeReasons');
  const onlySomeReasons =
    reasons === null ? null : readNamedBits(document, reasons, REVOCATION_REASONS, 'onlySomeReasons');
  const indirectCRL = readFlag(4, 'indirectCRL');
  const onlyContainsAttributeCerts = readFlag(5, 'onlyContainsAttributeCerts');
  reader.finish(what);
  return {
    name: pointName,
    onlyContainsUserCerts,
    onlyContainsCACerts,
    onlySomeReasons,
    indirectCRL,
    onlyContainsAttributeCerts,
  };
}
