import { LIMITS } from '../bytes/limits.ts';
import { uint32 } from './integers.ts';
import * as blocks from './pcapng-blocks.ts';
import type { CaptureWindow } from './window.ts';

export { FIND_NEEDS_MORE, NOT_FOUND } from './pcap-resume.ts';

import { FIND_NEEDS_MORE, NOT_FOUND } from './pcap-resume.ts';

/** Blocks in a row whose two lengths agree: each has odds of 2^-60 to be a false one. */
const CHAIN = 2;

/** Types that the search takes for a block. Custom and unknown blocks may follow, but not begin a chain. */
const ANCHORS: ReadonlySet<number> = new Set([
  blocks.BLOCK_INTERFACE,
  blocks.BLOCK_PACKET,
  blocks.BLOCK_SIMPLE_PACKET,
  blocks.BLOCK_NAME_RESOLUTION,
  blocks.BLOCK_INTERFACE_STATISTICS,
  blocks.BLOCK_ENHANCED_PACKET,
  blocks.BLOCK_DECRYPTION_SECRETS,
]);

/**
 * Looks behind damage for the next place where blocks follow each other soundly, from `window.start` on, and moves
 * `window.start` there. Inside a section (`inSection`) any known block will do, outside only a section header.
 * Answers the index in `window.bytes`, NOT_FOUND, or FIND_NEEDS_MORE with `window.needed` set. Linear time.
 */
export function findBlock(window: CaptureWindow, littleEndian: boolean, inSection: boolean): number {
  const { bytes, end } = window;
  const last = end - 12;
  for (let at = window.start; at <= last; at++) {
    const type = uint32(bytes, at, littleEndian);
    const isSectionHeader = type === blocks.BLOCK_SECTION_HEADER;
    if (!isSectionHeader && !(inSection && ANCHORS.has(type))) continue;
    let order = littleEndian;
    if (isSectionHeader) {
      order = uint32(bytes, at + 8, true) === blocks.BYTE_ORDER_MAGIC;
      if (!order && uint32(bytes, at + 8, false) !== blocks.BYTE_ORDER_MAGIC) continue;
    }
    const needed = chainFault(window, at, order);
    if (needed < 0) continue;
    window.start = at;
    if (needed === 0) return at;
    window.needed = needed;
    return FIND_NEEDS_MORE;
  }
  if (window.final) return NOT_FOUND;
  window.start = Math.max(window.start, last + 1);
  window.needed = 12;
  return FIND_NEEDS_MORE;
}

/** 0 for a sound chain at `first`, the bytes needed to tell, or -1 for none. */
function chainFault(window: CaptureWindow, first: number, littleEndian: boolean): number {
  const { bytes, end, final } = window;
  let at = first;
  for (let i = 0; i < CHAIN; i++) {
    if (final && at === end && i > 0) return 0;
    if (at + 12 > end) return final ? -1 : at + 12 - first;
    const length = uint32(bytes, at + 4, littleEndian);
    // The search is for ordinary blocks: a giant one would make every false start expensive.
    if (length < 12 || length > LIMITS.packetBytes) return -1;
    const next = at + ((length + 3) & ~3);
    if (next > end) return final ? -1 : next - first;
    if (uint32(bytes, next - 4, littleEndian) !== length) return -1;
    at = next;
  }
  return 0;
}
