export const TRUST_HELP = `starttrace trust: whom to trust, as named and dated policies that can be replaced.

Usage:
  starttrace trust list [--json]
  starttrace trust show [OPTIONS] POLICY
  starttrace trust update [--force] FILE

  list     the policies there are: those that come with StartTrace, and your own
  show     one policy: its roots, where each is from and when it ends, and its rules
  update   check a policy file and keep it as yours, under the name that stands in it

POLICY is a policy's name, or what --trust takes everywhere: a policy file (YAML or JSON), a file of certificates (PEM,
DER, .p7b), or a folder of such files. Write ./eop-2014 for a file that has the name of a policy.

mozilla is what Node.js carries, system what this machine trusts. The others are documents with their sources. A policy
of yours stands in for the one of its name; an update never goes back to an older day. docs/trust-policies.md describes
the format.

Options:
  --document       (show) the document itself, to change and keep: YAML
  --force          (update) also when the policy in place is of a later day
  --json           one JSON document on standard output, schema starttrace/trust@1 (docs/trust-policies.md)
  --help, -h       this text

Examples:
  starttrace trust list
  starttrace trust show eop-2014
  starttrace trust show --document eop-2026 > mine.yaml
  starttrace trust update mine.yaml
  starttrace analyze --trust mine capture.pcapng

Exit codes:
  0    all is well; a root that is over is no failure, it is shown
  1    a policy or a certificate cannot be read, the others are shown; or the update is of an older day, and was refused
  2    bad usage, or there is no such policy, or it cannot be read at all
`;
