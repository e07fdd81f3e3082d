export const VERIFY_HELP = `starttrace verify: verify a chain of certificates up to a trusted root.

Usage:
  starttrace verify [OPTIONS] CHAIN --trust ROOTS

CHAIN is a file with the certificates as a server or client sends them, its own first: PEM, DER or PKCS #7 (.p7b),
recognised by content; a .p7b is a set, whose chain is put in order. Nothing is fetched, from nowhere: what CHAIN and
ROOTS hold is all there is.

The path is searched among all certificates of the file, in any order, and checked by RFC 5280 section 6: signatures,
validity, basic constraints, key usage, extended key usage, name constraints, critical extensions, revocation. What a
stricter profile would refuse is told as a warning.

Options:
  --trust ROOTS         a file or folder with trusted roots, or the name of a trust policy (see starttrace trust list)
  --name NAME           the host that must be named in the certificate (RFC 9525): a DNS name or an IP address
  --at TIME             verify as of this time: now (default), a date (2014-09-03) or a date and time
                        (2014-09-03T10:02:11Z), in UTC when no zone is given
  --profile PROFILE     path: RFC 5280 section 6, what mail servers enforce (default, unless the policy says otherwise)
                        rfc5280: and the certificate profile of its section 4
                        webpki: and the CA/Browser Forum's rules that can be checked offline
  --purpose PURPOSE     server (default) or client: what the certificate is used for
  --crl FILE            a CRL, PEM or DER; may be given several times. With any, every certificate below the root needs
                        a valid one that covers it, or the chain fails
  --require-revocation  fail also where nothing tells whether a certificate was revoked
  --json                one JSON document on standard output, schema starttrace/verification@1 (docs/json.md)
  --help, -h            this text

Examples:
  starttrace verify chain.pem --trust roots.pem
  starttrace verify chain.pem --trust roots.pem --name mail.fabrikam.com --at 2014-09-03
  starttrace verify chain.p7b --trust roots.pem --crl issuing.crl --crl root.crl
  starttrace verify chain.pem --trust roots.pem --profile webpki --json | jq .outcome

Like in openssl:
  openssl verify -x509_strict -CAfile ROOTS -untrusted CHAIN CHAIN   starttrace verify CHAIN --trust ROOTS
  … -attime 1409738531                                               … --at 2014-09-03T10:02:11Z
  … -verify_hostname NAME                                            … --name NAME
  … -crl_check_all -CRLfile FILE                                     … --crl FILE

Exit codes:
  0    the chain is valid
  1    it is not, or cannot be decided on this platform
  2    bad usage, or a file without what is asked of it
  130  interrupted with Ctrl-C
`;
