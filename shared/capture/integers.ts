/**
 * Fixed-width integers by plain byte arithmetic: as quick as a DataView in V8 and without the object.
 * The callers have checked that the bytes exist.
 */
export function uint16(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1];
}

export function uint32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? uint32Little(bytes, at) : uint32Big(bytes, at);
}

export function uint32Little(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function uint32Big(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
