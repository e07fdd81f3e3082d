/**
 * Where our reading of the corpus is not that of tshark 4.0.17, who is right, and why. Each entry was looked up in the
 * packets. An entry that no longer differs, or differs in another way, fails the test.
 */

/**
 * `we`: the packets bear us out. `tshark`: they bear tshark out. `both`: the same facts, told in other words or counted
 * to another place. `out-of-scope`: what tshark reads lies in a protocol that we do not.
 */
export type Right = 'we' | 'tshark' | 'both' | 'out-of-scope';

export type ComparedField = 'session' | 'serverChain' | 'clientChain' | 'starttls' | 'version' | 'serverName';

interface Explained {
  readonly right: Right;
  readonly reason: string;
}

/** One field of one stream. `ours` is what we say: the version, or each certificate by the start of its SHA-256. */
export interface StreamDifference extends Explained {
  readonly file: string;
  readonly streams: readonly number[];
  readonly field: ComparedField;
  readonly ours: string;
}

const NDPI = 'ntop+nDPI/tests/cfgs/default/pcap/';
const MERCURY = 'cisco+mercury/unit_tests/pcaps/';
const SAMPLES = 'ajbanjara+Wireshark/uploads/__moin_import__/attachments/SampleCaptures/';
const ARKIME = 'arkime+arkime/tests/pcap/arkime_synthetic.pcap';

const CUT_MESSAGE: Explained = {
  right: 'we',
  reason:
    'The Certificate message is cut off behind its first certificate, which was captured whole: we show it and say ' +
    '"cut" or "lost". tshark shows nothing of a message that is not complete.',
};

const OPENVPN: Explained = {
  right: 'out-of-scope',
  reason:
    'OpenVPN over TCP: TLS lies in its own packets, with an opcode, a session and often an HMAC before each piece. ' +
    'That is no TLS on TCP, and no mail.',
};

const ZSTANDARD = 'seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples/file_heuristics/pcapng-example.pcapng.zst';

const UNREAD: Explained = {
  right: 'out-of-scope',
  reason: 'Compressed with Zstandard: refused, with the command that unpacks it.',
};

export const STREAM_DIFFERENCES: readonly StreamDifference[] = [
  {
    file: 'FoxIO-LLC+ja4/pcap/http2-with-cookies.pcapng',
    streams: [0],
    field: 'serverChain',
    ours: '',
    right: 'tshark',
    reason:
      'TLS 1.3 with the keys in a Decryption Secrets Block: tshark decrypts the certificates, we say that they are ' +
      'encrypted. Its own reading without the keys shows none either.',
  },
  { file: `${SAMPLES}OpenVPN_TCP_tls-auth.pcapng`, streams: [0, 1], field: 'session', ours: 'none', ...OPENVPN },
  { file: `${MERCURY}openvpn_tcp_multi.pcap`, streams: [0, 1], field: 'session', ours: 'none', ...OPENVPN },
  { file: `${NDPI}openvpn.pcap`, streams: [0], field: 'session', ours: 'none', ...OPENVPN },
  { file: `${NDPI}openvpn_nohmac_tcp.pcapng`, streams: [0], field: 'session', ours: 'none', ...OPENVPN },
  { file: ZSTANDARD, streams: [0], field: 'session', ours: 'none', ...UNREAD },
  {
    file: ARKIME,
    streams: [90],
    field: 'version',
    ours: 'TLS 1.3',
    right: 'we',
    reason:
      'A synthetic ServerHello whose extensions are one single byte, with the suite TLS_AES_128_GCM_SHA256, which only ' +
      'TLS 1.3 has (RFC 8446 appendix B.4): the supported_versions extension is what is broken off.',
  },
  {
    file: ARKIME,
    streams: [97],
    field: 'version',
    ours: 'TLS 1.2',
    right: 'we',
    reason:
      'A synthetic ServerHello with 256 empty extensions. tshark takes the two bytes behind the empty ' +
      'supported_versions, which are the number of the next extension (44), for a version.',
  },
  {
    file: 'cisco+mercury/test/afl_data/full_cert_empty_second_cert.pcap',
    streams: [0],
    field: 'serverChain',
    ours: '03a201dc6265505b',
    ...CUT_MESSAGE,
  },
  {
    file: `${MERCURY}capture2.pcap`,
    streams: [216, 217],
    field: 'serverChain',
    ours: '781a2dc557dd7ed3',
    ...CUT_MESSAGE,
  },
  { file: `${NDPI}imaps.pcap`, streams: [1], field: 'serverChain', ours: '5f9e1d3ac19b6193', ...CUT_MESSAGE },
  {
    file: `${NDPI}tls_client_certificate_with_missing_server_one.pcapng`,
    streams: [0],
    field: 'serverChain',
    ours: 'f8321c8cf5067790',
    ...CUT_MESSAGE,
  },
];

/**
 * Streams that tshark calls TLS because of their port, without version, name or certificate in it, and of which we
 * report nothing.
 */
export interface StreamWithoutRecord {
  readonly file: string;
  readonly streams: readonly number[];
  readonly reason: string;
}

const ON_A_TLS_PORT =
  'The capture begins in the midst of a connection and holds no whole record: keep-alive bytes, or pieces from the ' +
  'inside of records ("Continuation Data").';

export const STREAMS_WITHOUT_RECORD: readonly StreamWithoutRecord[] = [
  { file: `${SAMPLES}dof-small-device.pcapng`, streams: [2], reason: ON_A_TLS_PORT },
  { file: `${NDPI}anyconnect-vpn.pcap`, streams: [12], reason: ON_A_TLS_PORT },
  ...['capture2.pcap', 'dns_packet.capture2.pcap'].map((name) => ({
    file: MERCURY + name,
    streams: [121, 123, 125, 131, 145, 147, 158, 160, 161],
    reason: ON_A_TLS_PORT,
  })),
  {
    file: `${NDPI}openvpn.pcap`,
    streams: [1, 2],
    reason: 'OpenVPN on port 443: tshark takes it for TLS, finds no record and says "Continuation Data".',
  },
];

/** Sessions that we report and tshark's record does not have, by file and server. */
export interface SurplusSession {
  readonly file: string;
  /** Server's address and port, as the record writes them, of each. */
  readonly servers: readonly string[];
  readonly service: 'smtp' | 'tls';
  readonly reason: string;
}

const NO_CONTENT =
  'A connection to a port of mail on which nothing was said: opened and closed, or refused. It is worth a line, ' +
  'since that is why no mail went out; the record has it as "port only".';

const NOT_ITS_PORT =
  'TLS records on a port where tshark expects something else, so that it does not look: it is TLS all the same.';

export const SURPLUS_SESSIONS: readonly SurplusSession[] = [
  {
    file: `${SAMPLES}sldy.pcap`,
    servers: [
      '67.195.168.230:25',
      '195.2.244.30:25',
      '202.12.141.132:25',
      '67.195.168.230:25',
      '202.12.141.132:25',
      '211.125.95.177:25',
      '218.102.53.136:25',
    ],
    service: 'smtp',
    reason: NO_CONTENT,
  },
  { file: `${MERCURY}capture2.pcap`, servers: ['86.3.249.41:2525'], service: 'smtp', reason: NO_CONTENT },
  { file: `${MERCURY}dns_packet.capture2.pcap`, servers: ['86.3.249.41:2525'], service: 'smtp', reason: NO_CONTENT },
  { file: `${NDPI}synscan.pcap`, servers: ['64.13.134.52:25'], service: 'smtp', reason: NO_CONTENT },
  {
    file: 'zeek+zeek/testing/btest/Traces/tcp/truncated-header.pcap',
    servers: ['128.3.26.249:25'],
    service: 'smtp',
    reason: 'The snap length cuts every packet behind its TCP header: the dialogue took place, and was not captured.',
  },
  {
    file: 'ajbanjara+Wireshark/uploads/__moin_import__/attachments/Development/PcapNg/pcap-ng_Wi-Fi_Bluetooth_USB_Cooked_timestamps_issue_1.ntar',
    servers: ['209.85.163.125:5222'],
    service: 'tls',
    reason: NOT_ITS_PORT,
  },
  {
    file: `${NDPI}anyconnect-vpn.pcap`,
    servers: ['10.0.0.149:8009', '17.57.144.116:5223'],
    service: 'tls',
    reason: NOT_ITS_PORT,
  },
  {
    file: `${NDPI}anydesk.pcapng`,
    servers: ['51.83.239.144:80', '51.83.238.219:80'],
    service: 'tls',
    reason: NOT_ITS_PORT,
  },
  {
    file: 'zeek+zeek/testing/btest/Traces/tls/irc-starttls.pcap',
    servers: ['185.18.76.170:6667'],
    service: 'tls',
    reason: 'STARTTLS inside IRC: tshark goes on reading the handshake as IRC.',
  },
  {
    file: 'zeek+zeek/testing/btest/Traces/tls/ssl-to-http-server.pcap',
    servers: ['87.240.132.72:80'],
    service: 'tls',
    reason: 'A ClientHello to a server of plain HTTP, which answers 400: the attempt is a fact, and tshark sees HTTP.',
  },
];

/** Streams that the record has for their port alone, and of which we report nothing either. */
export const UNANSWERED_SYNS: Readonly<Record<string, number>> = {
  [`${SAMPLES}sldy.pcap`]: 7,
  [`${NDPI}synscan.pcap`]: 6,
  'OISF+suricata-verify/tests/decode-etag-02/input.pcap': 1,
};

/** A whole file of which packet count or times differ. */
export interface FileDifference {
  readonly files: readonly string[];
  readonly field: 'unreadable' | 'packets' | 'times';
  readonly right: Right;
  readonly reason: string;
}

const GOPACKET = 'google+gopacket/pcapgo/tests/be/';
const UPLOADS = 'ajbanjara+Wireshark/uploads/';
const FILTER = 'the-tcpdump-group+libpcap/tests/filter/';
const PCAPNG = `${UPLOADS}__moin_import__/attachments/Development/PcapNg/`;

export const FILE_DIFFERENCES: readonly FileDifference[] = [
  {
    files: ['manish123.cap', 'tcpshake.cap', 'xx.cap'].map((name) => SAMPLES + name),
    field: 'unreadable',
    right: 'out-of-scope',
    reason: 'Captures of Sniffer and NetXRay: refused, with the command that converts them.',
  },
  {
    files: [ZSTANDARD],
    field: 'unreadable',
    ...UNREAD,
  },
  {
    files: [
      `${UPLOADS}19568882943f275165a5c314f35c024f/mp4-ftyp-styp-sidx.pcap`,
      `${UPLOADS}35812d74f0d49a361a36491d69697052/ch11-25-slt.pcap`,
      `${UPLOADS}486520825a0a8fb0372a77f70f0afbfc/alp-sample2.pcap`,
      `${FILTER}brcm-tag-stp.pcap`,
      `${FILTER}dsa.pcap`,
    ],
    field: 'packets',
    right: 'we',
    reason: 'tshark 4.0.17 does not know the link type and opens the file not at all; packets can be counted anyway.',
  },
  {
    files: [
      'the-tcpdump-group+tcpdump/tests/juniper_es_oobr.pcap',
      `${PCAPNG}pcap-ng_Wi-Fi_Bluetooth_USB_Cooked_timestamps_issue_1.ntar`,
    ],
    field: 'packets',
    right: 'we',
    reason: 'tshark stops at a packet that is too short for the pseudo-header of its link type; the records go on.',
  },
  {
    files: ['test017.pcapng', 'test102.pcapng', 'test202.pcapng'].map((name) => GOPACKET + name),
    field: 'packets',
    right: 'both',
    reason:
      'Custom blocks and systemd journal entries: tshark gives each a frame number. Our frame numbers count them too, ' +
      'but they are no packets.',
  },
  {
    files: ['OISF+suricata-verify/tests/bug-6875-01/fuzz.pcap'],
    field: 'packets',
    right: 'we',
    reason:
      'A fuzzed file. tshark takes it for the format of Red Hat 6.1 and makes a second frame of bytes inside a packet.',
  },
  {
    files: [
      `${GOPACKET}test011.pcapng`,
      `${GOPACKET}test201.pcapng`,
      `${GOPACKET}test102.pcapng`,
      `${GOPACKET}test202.pcapng`,
    ],
    field: 'times',
    right: 'we',
    reason:
      'Some packets have no time (simple packet blocks): capinfos then gives none at all, we give those there are.',
  },
  {
    files: ['seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples/pcapng-example.pcapng'],
    field: 'times',
    right: 'we',
    reason:
      "One interface counts nanoseconds and says so in if_tsresol; capinfos takes the other interface's time, in the " +
      'year 586524, for the earliest.',
  },
  {
    files: [`${NDPI}fuzz-2021-10-13.pcap`],
    field: 'times',
    right: 'both',
    reason: 'A fuzzed fraction of 1.88 seconds: tshark prints it as it stands, we carry the second over and say so.',
  },
  {
    files: [`${GOPACKET}test902.pcapng`],
    field: 'times',
    right: 'we',
    reason:
      'The clock counts 1/256 s, and this is 0.1953125 s: capinfos breaks off behind two digits, we behind three.',
  },
];
