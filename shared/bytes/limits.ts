/**
 * Every size that an attacker controls, in one place, with the reason for its value. A capture is hostile input:
 * nothing read from it decides how much memory or time is spent.
 */
export const LIMITS = {
  /** Bytes of one captured packet. Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD is 262,144; larger is damage. */
  packetBytes: 262_144,
  /** Bytes of one pcapng block that must lie in memory as a whole (packets with options, interfaces, secrets). */
  blockBytes: 16 * 1024 * 1024,
  /** pcapng interfaces in one section. Real files hold a handful; Wireshark itself has no cap. */
  interfaces: 65_536,
  /** Bytes of pcapng Decryption Secrets Blocks that are kept of one file. A key log line has 200, so 150,000 sessions. */
  secretsBytes: 32 * 1024 * 1024,
  /** Entries of a Network Monitor frame table held at one time; the table is read in parts of this many. */
  netmonTableEntries: 65_536,
  /** Tunnels and tags unwrapped on the way to TCP. Deeper nesting is not seen outside of attacks. */
  encapsulationDepth: 16,
  /** IP datagrams awaiting fragments at one time, and the bytes they may hold together. */
  fragmentedDatagrams: 1_024,
  fragmentBytes: 16 * 1024 * 1024,
  /** Flows that are remembered as "not mail". A set-associative cache: old ones are forgotten, never grown. */
  undecidedFlows: 32_768,
  /** Packets with payload that are looked at before a flow on an unknown port is given up. */
  detectionPackets: 4,
  /** Copies of such packets of all flows together, 3 MiB; the oldest are forgotten. Lines of SMTP come in single packets. */
  undecidedSegments: 2_048,
  /** Payload of one such copy: what an Ethernet frame holds. A larger packet is not kept. */
  undecidedSegmentBytes: 1_500,
  /** Bytes of each direction in which TLS is looked for inside another protocol (--scope tls). */
  tlsSearchBytes: 256 * 1024,
  /** Bytes held behind a hole, per direction, before the hole is declared lost. A receive window of the 2010s. */
  heldBytesPerDirection: 256 * 1024,
  /** Segments held behind a hole, per direction. */
  heldSegmentsPerDirection: 512,
  /** Bytes held behind holes in all flows together. */
  heldBytes: 32 * 1024 * 1024,
  /** Bytes kept to compare retransmissions with, per direction and for all flows together. */
  historyBytesPerDirection: 16 * 1024,
  historyBytes: 16 * 1024 * 1024,
  /** One SMTP line. RFC 5321 section 4.5.3.1 says 512 and 1,000; Exchange's AUTH lines reach 12,288 (RFC 4954). */
  smtpLineBytes: 16_384,
  /** Text that is kept of one reply or command. */
  smtpTextCharacters: 2_048,
  /** Lines of one reply. EHLO answers hold about 20. */
  smtpReplyLines: 256,
  /** Envelopes, and recipients of one envelope (Exchange accepts 1,000 by default). */
  smtpEnvelopes: 1_000,
  smtpRecipients: 1_000,
  /** Plaintext record of TLS 1.2 and before may be 2^14 + 2,048 when encrypted (RFC 5246 section 6.2.3). */
  tlsRecordBytes: 16_384 + 2_048,
  /** One handshake message. The length field allows 16 MiB; OpenSSL takes 100 KiB of certificates. */
  tlsHandshakeBytes: 1024 * 1024,
  /** Holes in one handshake message that are told apart; further ones count as one with what lies between. */
  holesPerHandshake: 64,
  /** Bytes of handshake messages whose hash is kept up before the hash is known: a ClientHello, with room for another. */
  transcriptBytes: 2 * 1024 * 1024,
  /** One line of a key log. The longest that decryption needs has 200; an ECHConfig may make it some thousand. */
  keyLogLineBytes: 16_384,
  /** Secrets of all key logs together, five to a session of TLS 1.3: 75 MiB. */
  keyLogSecrets: 1_000_000,
  /** Different secrets of one kind for one session, when key logs contradict one another. */
  keyLogAlternatives: 4,
  /** Lines of a key log that are named because they make no sense; the rest is counted. */
  keyLogJunkLines: 10,
  /** Sessions whose master secret is kept for those that resume them. Servers forget after some hours. */
  resumableSessions: 100_000,
  /** Bits of an RSA modulus. OpenSSL takes 16,384; a decryption of that size lasts a second. */
  rsaModulusBits: 16_384,
  /**
   * Places in the sequence that are tried for a record behind missing packets, and the bytes of ciphertext tried for
   * one direction, about half a second's work. A hole of 1 MiB holds some 64 to 400 records of mail.
   */
  lostRecords: 4_096,
  sequenceSearchBytes: 32 * 1024 * 1024,
  /** A hole in RC4 that is bridged: all the keystream for it is made. */
  keystreamGapBytes: 1024 * 1024,
  /** Certificates in one message, and bytes of one. The longest useful chains have ten. */
  certificatesPerMessage: 64,
  certificateBytes: 256 * 1024,
  /** Nesting of DER. A certificate needs about twelve levels. */
  derDepth: 32,
  /** Elements of one list inside a certificate (names, attributes, extensions). */
  derElements: 16_384,
  /** Bytes of one OBJECT IDENTIFIER: 128 sub-identifiers of 32 bits, the most that SMIv2 allows (RFC 2578 section 3.5). */
  objectIdentifierBytes: 640,
  /** PEM text read at one time, and blocks in it. Debian's bundle of all roots is 220 KB with 140 blocks. */
  pemBytes: 16 * 1024 * 1024,
  pemBlocks: 16_384,
  /** Characters of a YAML or JSON document that a person wrote. All of Mozilla's roots as PEM are 220,000. */
  documentCharacters: 2 * 1024 * 1024,
  /** Collections inside of collections in such a document. Trust policies and expectations need about six. */
  documentDepth: 64,
  /** Words and signs of such a document. A thousand partners with all their settings need 60,000. */
  documentTokens: 150_000,
  /** Characters of a text that holds pasted connectors, and connectors in it. One in full has about 3,000 characters. */
  pastedCharacters: 4 * 1024 * 1024,
  pastedConnectors: 1_000,
  /** How many times over aliases may repeat nodes of such a document ("billion laughs"). */
  documentAliases: 100,
  /**
   * Bytes of one CRL, and entries in it. The largest that a public CA served (in 2014, after Heartbleed) had 5 MB with
   * 140,000 entries; 16 bytes are kept for each entry.
   */
  revocationListBytes: 64 * 1024 * 1024,
  revocationListEntries: 2_000_000,
  /** Bytes of one OCSP response, and single responses in it. A stapled one has one or two, in 2 KB. */
  ocspResponseBytes: 64 * 1024,
  ocspSingleResponses: 256,
  /** Bytes of one PKCS #7 file; the certificates and CRLs in it are counted as PEM blocks are. */
  pkcs7Bytes: 64 * 1024 * 1024,
  /** Bytes of one file of certificates, CRLs or an OCSP response: the largest of what may be in it. */
  certificateFileBytes: 64 * 1024 * 1024,
  /** Files of one folder of certificates. Debian's /etc/ssl/certs has 280. */
  certificateFolderFiles: 10_000,
  /** Certificates of one path, both ends included. RFC 5280 sets no limit; the longest in use have six. */
  pathCertificates: 20,
  /** Signatures verified in search of a path: 200 of the slowest kind (P-521, large RSA) take less than half a second. */
  pathSignatures: 200,
  /** Steps of the search, each one issuer tried for one certificate. Paths in use need fewer than a hundred. */
  pathSteps: 5_000,
  /** Comparisons of a name with a name constraint in one search. Go has 250,000, OpenSSL 2^20. */
  nameConstraintComparisons: 250_000,
  /** Findings of one rule about one certificate that are told apart; the rest is counted. */
  findingsOfOneRule: 10,
  /** Bytes of one request to the loopback host: an expectation file of the largest size, each character escaped twice. */
  requestBytes: 16 * 1024 * 1024,
  /** Bytes of the files that a page has handed over and not closed. Larger captures are opened by their name. */
  uploadBytes: 8 * 1024 ** 3,
  /** Timeline events of one session; the rest is counted. */
  timelineEvents: 1_000,
  /** Problems of one session or one capture that are kept; the rest is counted. */
  problems: 100,
  /** Bytes of stapled OCSP responses that are kept of one analysis: one has 500 to 2,000. */
  stapledBytes: 32 * 1024 * 1024,
  /** Distinct certificates of one analysis whose bytes are kept. */
  certificates: 1_000_000,
} as const;
