/** Files that are cut, damaged, empty or no captures. */
import { gzip, simplePcapng, writePcap, writePcapng } from '../write.ts';
import { type Deriver, fromServer, isRecord } from './deriver.ts';

export function deriveDamage(make: Deriver): void {
  const base = 'tls-1.2.pcap';
  const second = 'tls-1.1.pcap';
  const packets = make.packets(base);
  const file = writePcap(packets);
  make.save(
    'damage-cut-file.pcap',
    base,
    file.subarray(0, file.length - 20),
    packets.length - 1,
    'The file ends inside its last packet',
    {
      problems: ['the file ends inside a packet'],
    },
  );
  const half = packets.findIndex((packet) => fromServer(packet) && isRecord(packet, 22)) + 2;
  const halfLength = writePcap(packets.slice(0, half)).length - 700;
  make.save(
    'damage-cut-in-certificate.pcap',
    base,
    file.subarray(0, halfLength),
    half - 1,
    'The file ends inside the Certificate message',
    {
      problems: ['the file ends inside a packet'],
      sessions: make.sessions(base, {
        outcome: 'incomplete',
        visibility: { server: 'cut', client: 'cut' },
        note: '"lost" is as right as "cut"',
      }),
    },
  );
  const both = [...packets, ...make.packets(second)];
  const damaged = Buffer.from(writePcap(both));
  damaged.writeUInt32LE(0x7fff_ffff, file.length + 8);
  damaged.writeUInt32LE(0x7fff_ffff, file.length + 12);
  make.save(
    'damage-absurd-length.pcap',
    base,
    damaged,
    packets.length,
    'A packet header in the middle says 2,147,483,647 bytes; the packets before it are whole',
    {
      problems: ['absurd packet length'],
      rewrittenFrom: `${base}, ${second}`,
    },
  );
  const pcapng = Buffer.from(simplePcapng(both));
  // The first block's trailing length of the second half.
  const until = simplePcapng(packets).length;
  pcapng.writeUInt32LE(13, until + 4);
  make.save(
    'damage-block-length.pcapng',
    base,
    pcapng,
    packets.length,
    'A pcapng block in the middle has an impossible length',
    {
      problems: ['impossible block length'],
      rewrittenFrom: `${base}, ${second}`,
    },
  );
  const zipped = gzip(file);
  make.save(
    'damage-cut-gzip.pcap.gz',
    base,
    zipped.subarray(0, zipped.length - 60),
    null,
    'A gzip file without its end',
    {
      problems: ['the compressed data ends early'],
    },
  );
  const nothing = { sessions: [], secrets: [] };
  make.save('damage-empty.pcap', base, Buffer.alloc(0), null, 'A file of no bytes', {
    ...nothing,
    readable: false,
    problems: ['no capture: the file is empty'],
  });
  make.save('damage-header-only.pcap', base, file.subarray(0, 24), 0, 'A pcap header and no packet', {
    ...nothing,
    linkTypes: ['ETHERNET'],
  });
  make.save(
    'damage-header-only.pcapng',
    base,
    writePcapng([{ interfaces: [], blocks: [] }]),
    0,
    'A section header and nothing else',
    { ...nothing, linkTypes: [] },
  );
  make.save(
    'damage-no-capture.pcap',
    base,
    Buffer.from('220 mail.northwind.example ESMTP\r\n'.repeat(40)),
    null,
    'Text under the name of a capture',
    {
      ...nothing,
      readable: false,
      problems: ['no capture'],
    },
  );
  make.save(
    'damage-gzip-of-text.pcap.gz',
    base,
    gzip(Buffer.from('This is no capture.\n'.repeat(40))),
    null,
    'Compressed text under the name of a capture',
    {
      ...nothing,
      readable: false,
      problems: ['no capture'],
    },
  );
}
