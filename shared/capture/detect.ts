import type { Problem } from '../bytes/problem.ts';
import { describeForeign } from './foreign.ts';
import { uint32Little } from './integers.ts';
import { NetmonReader } from './netmon.ts';
import { PcapReader } from './pcap.ts';
import { pcapMagic } from './pcap-header.ts';
import { PcapngReader } from './pcapng.ts';
import { BLOCK_SECTION_HEADER } from './pcapng-blocks.ts';
import type { CaptureFormat, PacketReader } from './reader.ts';
import { SnoopReader } from './snoop.ts';
import type { CaptureWindow } from './window.ts';

/** What a file is, by its content. */
export type Detected =
  | { readonly kind: 'capture'; readonly format: CaptureFormat }
  | { readonly kind: 'gzip' }
  | { readonly kind: 'foreign'; readonly problem: Problem };

/** With fewer bytes `detect` may be wrong about a longer file; with more it is not better. */
export const DETECTION_BYTES = 16_384;

/**
 * Tells captures from other files by their first bytes `bytes[start, end)`, which are the whole file or at least
 * DETECTION_BYTES. Names play no part. For anything that cannot be read the problem says what the file is, as far as
 * that is known, and what to do; its message is a sentence with "This" for the file.
 */
export function detect(bytes: Uint8Array, start = 0, end = bytes.length): Detected {
  if (end - start >= 4) {
    if (pcapMagic(bytes, start) !== null) return { kind: 'capture', format: 'pcap' };
    const first = uint32Little(bytes, start);
    if (first === BLOCK_SECTION_HEADER) return { kind: 'capture', format: 'pcapng' };
    if (first === NETMON_1_MAGIC || first === NETMON_2_MAGIC) return { kind: 'capture', format: 'netmon' };
    if (first === SNOOP_MAGIC && end - start >= 8 && uint32Little(bytes, start + 4) === SNOOP_MAGIC_REST) {
      return { kind: 'capture', format: 'snoop' };
    }
  }
  if (end - start >= 2 && bytes[start] === 0x1f && bytes[start + 1] === 0x8b) return { kind: 'gzip' };
  return { kind: 'foreign', problem: describeForeign(bytes, start, end) };
}

/** A reader for the format that `detect` found, at the beginning of the file. */
export function createReader(format: CaptureFormat, window: CaptureWindow): PacketReader {
  switch (format) {
    case 'pcap':
      return new PcapReader(window);
    case 'pcapng':
      return new PcapngReader(window);
    case 'netmon':
      return new NetmonReader(window);
    case 'snoop':
      return new SnoopReader(window);
  }
}

/** "RTSS", "GMBU", "snoo" and "p" as little-endian numbers. */
const NETMON_1_MAGIC = 0x53535452;
const NETMON_2_MAGIC = 0x55424d47;
const SNOOP_MAGIC = 0x6f6f6e73;
const SNOOP_MAGIC_REST = 0x00000070;
