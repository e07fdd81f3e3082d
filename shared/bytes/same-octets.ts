/** Whether two strings of octets are equal. Not in constant time: nothing that is compared here is secret. */
export function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, i) => octet === right[i]);
}
