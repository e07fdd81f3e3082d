export const MAIN_HELP = `starttrace: find every SMTP STARTTLS handshake in a capture, and the certificates that both sides presented.

Usage:
  starttrace COMMAND [OPTIONS] …

Commands:
  analyze FILE…   read captures and print every SMTP session, its STARTTLS exchange, its TLS handshake and certificates
  verify CHAIN    verify a chain of certificates up to a trusted root, at any time, with name and revocation
  expect PART     what mail partners expect: import it from Exchange, check it, and see what breaks when a domain moves
  trust PART      whom to trust: list the policies, show one with its roots and their ends, update your own
  open FILE…      open captures in the window, after a summary in the terminal
  serve FILE…     the same for a browser of your choice on this machine: prints its address

Options:
  --help, -h      this text; after a command, the command's own
  --version, -V   the version

Examples:
  starttrace analyze capture.pcapng
  starttrace analyze --help

Exit codes:
  0   all is well
  1   a check failed, or a certificate cannot be decoded
  2   bad usage, or input that is not what the command reads
  130 interrupted with Ctrl-C
`;

/** `limit`: with more sessions than this, only the overview is printed by default. */
export function analyzeHelp(limit: number): string {
  return `starttrace analyze: read captures and print every SMTP session in them.

Usage:
  starttrace analyze [OPTIONS] FILE…

FILE is a capture, a folder of captures, or - for standard input. pcap, pcapng, Microsoft Network Monitor (.cap) and
snoop, each also inside gzip, are recognised by their content. Several files, also a ring-buffer set of dumpcap, are
merged by time: a session that crosses from one into the next stays whole.

SMTP is found on any port by what is said; implicit TLS on port 465 (and on 25, 587 and 2525 where it begins at once).
For each session: the greeting, how STARTTLS went, the TLS handshake, the certificates of both sides in the order sent
or why there are none to see, a timeline with Wireshark's frame numbers, and a display filter that leads to them.
Passwords and message content are dropped as they are read.

Options:
  --scope mail|tls  mail (default): SMTP and SMTP over TLS.
                    tls: every TLS stream over TCP, also where it begins later inside another protocol
                    (FTP, LDAP, XMPP, MySQL, PostgreSQL, RDP, CONNECT …)
  --session ID      one session in full: s1, s2 … as the overview numbers them
  --details         every session in full, however many there are (default: up to ${limit})
  --summary         the overview only
  --json            one JSON document on standard output, schema starttrace/analysis@1 (docs/json.md)
  --help, -h        this text

Options that judge (every session at the capture's time and now):
  --expect FILE         what each partner's connector does with the mail, by an expectation file
  --trust POLICY        the roots to trust: a policy's name (starttrace trust list), a policy file, a PEM file or folder
  --at capture|now|TIME which point in time decides the exit code; TIME as 2025-05-12 or 2025-05-12T23:59:00Z
  --profile path|rfc5280|webpki
                        how much is asked of certificates (default: what the policy says)
  --crl FILE            a certificate revocation list, PEM or DER; may be given several times
  --require-revocation  a certificate whose revocation is unknown fails
  --catalogue FILE      what providers present, beside what is known (docs/expectations.md)
  --strict              an outcome that is unknown counts as failed

Examples:
  starttrace analyze --expect partners.yaml --trust eop-2014 capture.pcapng
                                                  what becomes of the mail
  starttrace analyze capture.pcapng               the overview, and each session
  starttrace analyze --session s3 capture.pcapng  one session
  starttrace analyze ring-buffer/                 all captures in a folder as one
  tcpdump -w - 'port 25' | starttrace analyze -   from a pipe, when it ends
  starttrace analyze --json capture.pcapng | jq   for programs

Like in tshark:
  tshark -r FILE -Y smtp                          starttrace analyze FILE
  tshark … -T json                                starttrace analyze FILE --json
  tshark … -e tls.handshake.certificate           starttrace analyze FILE --json, field sessions[].certificates

Exit codes:
  0    read; a damaged capture that was read in part is 0 too, with the problem named
  1    a certificate cannot be decoded; an expectation does not hold; judged without --expect: a path is not valid
  2    bad usage, or a file that is no capture
  130  interrupted with Ctrl-C
`;
}
