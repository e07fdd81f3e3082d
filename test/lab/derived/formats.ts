/** The same packets in every file format. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES, type Lab } from '../lab.ts';
import { must } from '../processes.ts';
import { inTime, shift } from '../rewrite.ts';
import { WRAPPINGS, wrapAll } from '../wrap.ts';
import { gzip, type Section, simplePcapng, writePcap, writePcapng } from '../write.ts';
import type { Deriver, Rest } from './deriver.ts';

export function deriveFormats(make: Deriver, lab: Lab): void {
  const base = 'tls-1.2.pcap';
  const packets = make.packets(base);
  const pcap = (name: string, options: Parameters<typeof writePcap>[1], words: string, rest: Rest = {}) =>
    make.save(`${name}.pcap`, base, writePcap(packets, options), packets.length, words, rest);
  pcap('format-pcap-big-endian', { byteOrder: 'big' }, 'pcap, big-endian, microseconds');
  pcap('format-pcap-nanoseconds', { precision: 'nano' }, 'pcap, little-endian, nanoseconds');
  pcap('format-pcap-big-endian-nanoseconds', { byteOrder: 'big', precision: 'nano' }, 'pcap, big-endian, nanoseconds');
  pcap('format-pcap-modified', { variant: 'modified' }, 'pcap with Kuznetzov\u2019s longer packet headers');
  pcap(
    'format-pcap-nokia',
    { variant: 'nokia' },
    'Nokia\u2019s pcap: the standard magic number and four more bytes in each packet header',
  );

  const other = 'starttls-not-offered.pcap';
  const third = 'tls-1.1.pcap';
  const beside = shift(make.packets(other), packets[0].at - make.packets(other)[0].at + 1_500_000n);
  const cooked = wrapAll(beside, WRAPPINGS['linux-cooked-v1']);
  const later = shift(make.packets(third), packets[0].at - make.packets(third)[0].at + 60_000_000_000n);
  const mixed = inTime([...packets, ...cooked]);
  const sections: Section[] = [
    {
      comment: 'two interfaces, two link types',
      interfaces: [
        { linkType: 1, name: 'eth0', resolution: 6 },
        { linkType: 113, name: 'any', resolution: 9, snapLength: 65_535 },
      ],
      blocks: mixed.map((packet) => ({ kind: 'packet', interface: cooked.includes(packet) ? 1 : 0, packet })),
    },
    {
      byteOrder: 'big',
      lengthKnown: true,
      interfaces: [{ linkType: 1, name: 'hme0', resolution: 0x80 | 20 }],
      blocks: later.map((packet) => ({ kind: 'packet', interface: 0, packet })),
    },
  ];
  make.save(
    'format-pcapng-sections.pcapng',
    base,
    writePcapng(sections),
    mixed.length + later.length,
    'A little-endian section with two interfaces of different link type and resolution, then a big-endian section of known length with times in 2^-20 s',
    {
      rewrittenFrom: `${base}, ${other}, ${third}`,
      linkTypes: ['ETHERNET', 'LINUX_SLL'],
      sessions: [...make.sessions(base), ...make.sessions(other), ...make.sessions(third)],
    },
  );
  const custom = Buffer.concat([Buffer.from([0x39, 0x7f, 0, 0]), Buffer.from('TEST custom block')]);
  make.save(
    'format-pcapng-old-blocks.pcapng',
    base,
    writePcapng([
      {
        interfaces: [{ linkType: 1 }],
        blocks: [
          { kind: 'unknown', type: 0x0bad, body: custom },
          { kind: 'unknown', type: 4, body: Buffer.alloc(4) },
          ...packets.map((packet, i) =>
            i % 2 === 0
              ? ({ kind: 'old-packet', interface: 0, packet } as const)
              : ({ kind: 'packet', interface: 0, packet } as const),
          ),
        ],
      },
    ]),
    packets.length,
    'Obsolete packet blocks between the usual ones; a custom and a name resolution block (Wireshark 4.0 numbers the custom block as frame 1)',
  );
  make.save(
    'format-pcapng-simple-blocks.pcapng',
    base,
    writePcapng([
      {
        interfaces: [{ linkType: 1, snapLength: 262_144 }],
        blocks: packets.map((packet) => ({ kind: 'simple', packet })),
      },
    ]),
    packets.length,
    'Simple packet blocks: no times',
  );

  const outside = (name: string, from: string, args: readonly string[], words: string, rest: Rest = {}) => {
    const output = join(lab.directory, name);
    rmSync(output, { force: true });
    must('editcap', [...args, join(CAPTURES, from), output]);
    make.save(name, from, readFileSync(output), make.packets(from).length, words, {
      tools: ['editcap 4.0.17'],
      ...rest,
    });
  };
  for (const from of ['tls-1.3.pcap', 'client-certificate-tls-1.3.pcap', 'tls-1.2-rsa-key-exchange.pcap']) {
    const { sessions, keyLog } = lab.truth(from);
    outside(
      `secrets-inside-${from.replace('.pcap', '')}.pcapng`,
      from,
      ['--inject-secrets', `tls,${join(CAPTURES, `${keyLog}`)}`],
      'The key log inside the pcapng file (Decryption Secrets Block)',
      {
        sessions,
        secretsInside: true,
      },
    );
  }
  outside('format-netmon.cap', base, ['-F', 'netmon2'], 'Microsoft Network Monitor 2.x', { format: 'netmon' });
  outside('format-netmon-1.cap', base, ['-F', 'netmon1'], 'Microsoft Network Monitor 1.x', { format: 'netmon' });
  outside('format-snoop.snoop', base, ['-F', 'snoop'], 'Solaris snoop (RFC 1761)', { format: 'snoop' });
  make.save('format-gzip.pcap.gz', base, gzip(writePcap(packets)), packets.length, 'pcap compressed with gzip');
  make.save('format-gzip.pcapng.gz', base, gzip(simplePcapng(packets)), packets.length, 'pcapng compressed with gzip');
  const whole = simplePcapng(packets);
  make.save(
    'format-gzip-members.pcapng.gz',
    base,
    Buffer.concat([gzip(whole.subarray(0, 1500)), gzip(whole.subarray(1500))]),
    packets.length,
    'pcapng compressed in two gzip members',
  );
}
