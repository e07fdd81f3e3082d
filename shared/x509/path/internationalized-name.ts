/**
 * Internationalized domain names as certificates hold them: A-labels (RFC 5890, RFC 5280 section 7.2).
 *
 * Mapping is RFC 5895's: lower case, full-width forms to their plain ones, NFC, the ideographic full stops as dots. That
 * a label is allowed by IDNA2008's tables is not checked: a name that no registry gives out matches no certificate.
 */
import { comparableName } from './domain-name.ts';
import { encodePunycode } from './punycode.ts';

const ASCII = /^[\x00-\x7f]*$/;
const FULL_STOPS = /[\u3002\uff0e\uff61]/g;

/** Characters of a label, before it is encoded; DNS has at most 63 octets. */
const LONGEST_LABEL = 63;

/** The name in lower case with A-labels and without its final dot; null where a label is too long to be one. */
export function toAsciiName(text: string): string | null {
  if (ASCII.test(text)) return comparableName(text);
  if (text.length > 4 * 255) return null;
  const mapped = text.replace(FULL_STOPS, '.').toLowerCase().normalize('NFKC').toLowerCase().normalize('NFC');
  const labels = comparableName(mapped)
    .split('.')
    .map((label) => {
      if (ASCII.test(label)) return label;
      return label.length > LONGEST_LABEL || label.startsWith('xn--') ? null : `xn--${encodePunycode(label)}`;
    });
  return labels.every((label) => label !== null && label.length <= LONGEST_LABEL) ? labels.join('.') : null;
}
