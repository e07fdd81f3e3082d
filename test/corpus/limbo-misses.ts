/**
 * Cases of x509-limbo where StartTrace does not do what the case expects, each with its reason. Judging never looks at
 * this list; the test fails when it is not exact.
 */
const COMMON_NAME =
  'The target breaks a rule of the profile that the case does not mean to test: its common name, example.com, is none of ' +
  'its alternative names (BR section 7.1.4.3), which is just what webpki::cn::not-in-san has refused.';

export const LIMBO_MISSES: ReadonlyMap<string, string> = new Map([
  ['webpki::nc::nc-permits-dns-san-pattern', COMMON_NAME],
  ['webpki::san::exact-localhost-ip-san', COMMON_NAME],
  ['webpki::san::leftmost-wildcard-san', COMMON_NAME],
]);
