import { LIMITS } from '../bytes/limits.ts';
import { uint32 } from './integers.ts';
import type { CaptureWindow } from './window.ts';

/** How records of the file at hand look, for the search behind damage. */
export interface RecordShape {
  readonly littleEndian: boolean;
  readonly headerBytes: number;
  /** One second in units of the fraction field. */
  readonly unitsPerSecond: number;
  /** Seconds of the last sound record, or -1 when there was none. */
  readonly lastSeconds: number;
}

/** Records in a row that must look sound: a false one has odds below 2^-40 for each of them. */
const CHAIN = 4;
const SECONDS_FROM_LAST = 86_400;
const IMPLAUSIBLE_ORIGINAL_BYTES = 128 * 1024 * 1024;

/** `findRecord` found nothing up to the end of the file. */
export const NOT_FOUND = -1;
/** `findRecord` must see more of the file; `window.needed` says how much from `window.start`. */
export const FIND_NEEDS_MORE = -2;

/**
 * Looks behind damage for the next place where a chain of records begins, from `window.start` on. Answers its index
 * in `window.bytes` and moves `window.start` there. Every byte is visited once, so that damage costs linear time.
 */
export function findRecord(window: CaptureWindow, shape: RecordShape): number {
  const { bytes, end } = window;
  const last = end - shape.headerBytes;
  for (let at = window.start; at <= last; at++) {
    if (!isPlausible(bytes, at, shape, shape.lastSeconds)) continue;
    const needed = chainFault(window, at, shape);
    if (needed === 0) {
      window.start = at;
      return at;
    }
    if (needed > 0) {
      window.start = at;
      window.needed = needed;
      return FIND_NEEDS_MORE;
    }
  }
  if (window.final) return NOT_FOUND;
  window.start = Math.max(window.start, last + 1);
  window.needed = shape.headerBytes;
  return FIND_NEEDS_MORE;
}

/** 0 for a sound chain at `first`, the bytes needed to tell, or -1 for none. */
function chainFault(window: CaptureWindow, first: number, shape: RecordShape): number {
  const { bytes, end, final } = window;
  const seconds = uint32(bytes, first, shape.littleEndian);
  let at = first;
  for (let i = 0; i < CHAIN; i++) {
    if (final && at === end && i > 1) return 0;
    if (at + shape.headerBytes > end) return final ? -1 : at + shape.headerBytes - first;
    if (!isPlausible(bytes, at, shape, seconds)) return -1;
    at += shape.headerBytes + uint32(bytes, at + 8, shape.littleEndian);
  }
  return 0;
}

function isPlausible(bytes: Uint8Array, at: number, shape: RecordShape, nearSeconds: number): boolean {
  const captured = uint32(bytes, at + 8, shape.littleEndian);
  if (captured === 0 || captured > LIMITS.packetBytes) return false;
  const original = uint32(bytes, at + 12, shape.littleEndian);
  if (original < captured || original > IMPLAUSIBLE_ORIGINAL_BYTES) return false;
  if (uint32(bytes, at + 4, shape.littleEndian) >= shape.unitsPerSecond) return false;
  if (nearSeconds < 0) return true;
  return Math.abs(uint32(bytes, at, shape.littleEndian) - nearSeconds) <= SECONDS_FROM_LAST;
}
