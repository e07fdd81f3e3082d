import type { Problem } from '../bytes/problem.ts';
import type { CaptureTime } from './timestamp.ts';

/** What `next()` answers: the fields describe a packet. */
export const READ_PACKET = 0;
/** The window must be refilled with at least `window.needed` bytes from `window.start`, then `next()` called again. */
export const READ_MORE = 1;
/** Nothing follows, or nothing that could be read. */
export const READ_END = 2;
/** The window must be moved to the file offset `window.seekTo`, then `next()` called again (Network Monitor). */
export const READ_SEEK = 3;

export type CaptureFormat = 'pcap' | 'pcapng' | 'netmon' | 'snoop';

/**
 * A pull parser over a `CaptureWindow`. After READ_PACKET the packet's fields hold until the next call of `next()`;
 * its bytes are a view into the window. Nothing is allocated per packet, nothing is thrown.
 */
export interface PacketReader {
  readonly format: CaptureFormat;
  /** Advances to the next packet. One of READ_PACKET, READ_MORE, READ_END, READ_SEEK. */
  next(): number;
  /** The packet is `buffer[offset, offset + capturedLength)`. */
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly capturedLength: number;
  /** Bytes of the packet on the wire. Never less than `capturedLength` in a sound file, but that is not enforced. */
  readonly originalLength: number;
  /** LINKTYPE_ value, or UNMAPPED_LINK_TYPE for records that are no packets of a known link. */
  readonly linkType: number;
  /** Wireshark's number of this frame in this file, from 1. Records that are no packets have numbers too. */
  readonly frame: number;
  /** Whole seconds since 1970-01-01 UTC (may be negative); meaningless when `timeDigits()` is -1. */
  timeSeconds(): number;
  /** The rest of the second in units of 10^-timeDigits(). */
  timeFraction(): number;
  /** Decimal digits of a second that the capture has (6, 9, …), or -1 for a packet without time. */
  timeDigits(): number;
  /** Earliest and latest packet time so far; null before the first packet with a time. */
  earliest(): CaptureTime | null;
  latest(): CaptureTime | null;
  /** Damage found so far, in order, with file offsets. */
  readonly problems: readonly Problem[];
  /** Link types that the file declares (pcap, pcapng, snoop) or uses (Network Monitor), by first appearance. */
  readonly linkTypes: readonly number[];
  /** Decryption Secrets Blocks (pcapng), in file order. */
  readonly secrets: readonly SecretsBlock[];
}

/** Where and when the packet at hand was captured. */
export type PacketPlace = Pick<PacketReader, 'frame' | 'timeSeconds' | 'timeFraction' | 'timeDigits'>;

/** A pcapng Decryption Secrets Block. */
export interface SecretsBlock {
  /** The block's secrets type: 0x544c534b is a TLS key log. */
  readonly type: number;
  /** A copy: it outlives the window. */
  readonly bytes: Uint8Array;
  /** Number of the section from 0: secrets hold for their section only. */
  readonly section: number;
  /** The last frame before the block. */
  readonly frame: number;
}

/** Secrets type of a TLS key log in the format of SSLKEYLOGFILE. */
export const SECRETS_TLS_KEY_LOG = 0x544c534b;
