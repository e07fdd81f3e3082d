import { LIMITS } from '../../shared/bytes/limits.ts';

/**
 * How two threads share TCP segments: a ring of blocks in shared memory. A block belongs to the writer while its state
 * is EMPTY and to the reader while it is FULL; each side waits for its next block. Records never cross blocks.
 */
export interface SegmentRing {
  readonly control: SharedArrayBuffer;
  readonly blocks: SharedArrayBuffer;
  /** By flow: whether the reader has dismissed or settled it, and up to which SYN; see `DISMISSED` and `SETTLED`. */
  readonly verdicts: SharedArrayBuffer;
}

export const BLOCK_COUNT = 16;
/** A whole packet and a header fit into one block. */
export const BLOCK_BYTES = LIMITS.packetBytes + 64 * 1024;

export const EMPTY = 0;
export const FULL = 1;

/** Words of `control`: the state of each block, the bytes used in each, and what ends the run. */
export const CONTROL = {
  state: 0,
  used: BLOCK_COUNT,
  /** Set with the last block to its number plus one. */
  ended: 2 * BLOCK_COUNT,
  /** Set to 1 when the reader has failed: nobody will empty blocks any more. */
  failed: 2 * BLOCK_COUNT + 1,
  words: 2 * BLOCK_COUNT + 2,
} as const;

/**
 * A record: two doubles (seconds and fraction of the arrival), these words, two addresses of sixteen bytes each, and
 * the payload, padded to eight bytes.
 */
export const WORD = {
  /** 0 for a segment, 1 for a SYN that was captured before its flow was followed. */
  kind: 4,
  flow: 5,
  direction: 6,
  ipVersion: 7,
  capture: 8,
  frame: 9,
  digits: 10,
  sequence: 11,
  acknowledgement: 12,
  flags: 13,
  window: 14,
  payloadLength: 15,
  capturedPayload: 16,
  identification: 17,
  sourcePort: 18,
  destinationPort: 19,
} as const;

export const ADDRESSES_AT = 80;
export const ADDRESS_BYTES = 16;
export const PAYLOAD_AT = ADDRESSES_AT + 2 * ADDRESS_BYTES;

/** Flows whose verdicts the reader can tell the writer; those beyond are simply passed on whole. */
export const VERDICT_FLOWS = 1 << 20;
/**
 * A verdict holds for the connections opened so far: its two high bits say what, the rest how many SYNs of the flow
 * the reader had seen. The writer counts the SYNs that it passes on; only equal counts mean the same connection.
 */
export const DISMISSED = 1 << 30;
export const SETTLED = 1 << 29;
export const SYN_COUNT_MASK = SETTLED - 1;

export function createSegmentRing(): SegmentRing {
  return {
    control: new SharedArrayBuffer(4 * CONTROL.words),
    blocks: new SharedArrayBuffer(BLOCK_COUNT * BLOCK_BYTES),
    verdicts: new SharedArrayBuffer(4 * VERDICT_FLOWS),
  };
}

export function recordBytes(payloadBytes: number): number {
  return (PAYLOAD_AT + payloadBytes + 7) & ~7;
}
