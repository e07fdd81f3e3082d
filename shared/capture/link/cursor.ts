/**
 * Where a decoder stands inside a frame. One instance serves all packets; each layer moves `at` behind its header
 * and narrows `end` and `wireEnd` where it knows better.
 */
export class FrameCursor {
  buffer: Uint8Array = new Uint8Array(0);
  /** Offset of the first byte not yet read. */
  at = 0;
  /** Offset behind the last captured byte. */
  end = 0;
  /** Offset behind the last byte that was on the wire; at least `end`, more with a short snap length. */
  wireEnd = 0;
  /** Tags, tunnels and extension headers left behind so far; bounded by `LIMITS.encapsulationDepth`. */
  depth = 0;
}

/**
 * How a layer ends when it does not lead to another one. Negative, so that these share a number with EtherTypes and
 * IP protocol numbers.
 */
export const OUTCOME = {
  /** A layer that holds no TCP, or none that can be read (compressed, cut into cells). */
  nothing: -1,
  /** A header whose fields contradict each other. */
  malformed: -2,
  /** The bytes end inside a header. */
  truncated: -3,
  /** A link type without a decoder. */
  unsupported: -4,
  /** Nested deeper than `LIMITS.encapsulationDepth`. */
  tooDeep: -5,
  /** Encrypted below TCP: protected 802.11, MACsec, ESP. */
  encrypted: -6,
} as const;
