/** The same packets in tunnels, with tags, of other link types. */
import { WRAPPINGS, type Wrapping, wrapAll } from '../wrap.ts';
import { writePcap } from '../write.ts';
import type { Deriver } from './deriver.ts';

export function deriveLinks(make: Deriver): void {
  const base = 'tls-1.2.pcap';
  const save = (file: string, from: string, wrapping: Wrapping, words: string) => {
    const packets = wrapAll(make.packets(from), wrapping);
    make.save(`${file}.pcap`, from, writePcap(packets, { linkType: wrapping.linkType }), packets.length, words, {
      linkTypes: [wrapping.name],
    });
  };
  const WORDS: Readonly<Record<keyof typeof WRAPPINGS, string>> = {
    vlan: '802.1Q tag',
    qinq: '802.1ad and 802.1Q tags',
    'linux-cooked-v1': 'Linux cooked capture',
    'linux-cooked-v2': 'Linux cooked capture version 2',
    'raw-ip': 'raw IP',
    null: 'BSD loopback of a little-endian host',
    loop: 'OpenBSD loopback',
    pppoe: 'PPPoE session',
    mpls: 'two MPLS labels',
    gre: 'IPv4 in GRE in IPv4',
    'ip-in-ip': 'IPv4 in IPv4',
    vxlan: 'VXLAN',
    geneve: 'GENEVE with an option',
    erspan: 'ERSPAN type II',
  };
  for (const [name, wrapping] of Object.entries(WRAPPINGS)) {
    save(`link-${name}`, base, wrapping, `The packets as ${WORDS[name as keyof typeof WRAPPINGS]}`);
  }
  save('link-raw-ip-v6', 'ipv6.pcap', WRAPPINGS['raw-ip'], 'IPv6 packets as raw IP');
  save('link-null-v6', 'ipv6.pcap', WRAPPINGS.null, 'IPv6 packets as BSD loopback');
  save('link-ipv6-in-ipv4', 'ipv6.pcap', WRAPPINGS['ip-in-ip'], 'IPv6 in IPv4 (6in4)');
}
