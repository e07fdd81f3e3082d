/** Positions `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export const NOTHING_MISSING: readonly ByteRange[] = [];
