/** The syntax of DNS names in certificates: RFC 1034 section 3.5 as RFC 1123 section 2.1 changes it. */

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const LENIENT_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const DOTTED_DECIMAL = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Octets of a name without its final dot (RFC 1035 section 2.3.4, less the lengths of the first label and the root). */
const LONGEST_NAME = 253;

/** The "preferred name syntax" that RFC 5280 section 4.2.1.6 asks for; an address in dotted decimal is none. */
export function isPreferredName(name: string): boolean {
  if (name.length === 0 || name.length > LONGEST_NAME || DOTTED_DECIMAL.test(name)) return false;
  return name.split('.').every((label) => LABEL.test(label));
}

/** As `isPreferredName`, with underscores, which hosts do have: what can be compared at all. */
export function isComparableName(name: string): boolean {
  if (name.length === 0 || name.length > LONGEST_NAME) return false;
  return name.split('.').every((label) => LENIENT_LABEL.test(label));
}

/** What follows `*.` of a wildcard name, or null for a name whose left-most label is no lone asterisk. */
export function wildcardParent(name: string): string | null {
  return name.startsWith('*.') ? name.slice(2) : null;
}

/** Lower case, without the dot of the root. */
export function comparableName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Whether `name` is `ancestor` or lies below it; both comparable. Every name lies below the empty one. */
export function isWithin(name: string, ancestor: string): boolean {
  return ancestor === '' || name === ancestor || name.endsWith(`.${ancestor}`);
}
