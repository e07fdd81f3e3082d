/**
 * The part of a capture file that is in memory. The reader consumes it from `start`; the host refills it when the
 * reader answers READ_MORE and moves it when the reader answers READ_SEEK. Offsets in `bytes` become offsets in the
 * (decompressed) file by adding `base`.
 */
export class CaptureWindow {
  bytes: Uint8Array;
  /** Index of the lowest byte that still holds file content; a reader may step back to it. */
  low: number;
  /** Unread bytes are `bytes[start, end)`. */
  start: number;
  end: number;
  /** Offset in the file of `bytes[0]`. May be negative: only `bytes[low, end)` exist in the file. */
  base: number;
  /** No byte follows `bytes[end - 1]` in the file. */
  final: boolean;
  /** With READ_MORE: how many bytes from `start` the reader wants at least, at most LIMITS.blockBytes. */
  needed: number;
  /** With READ_SEEK: the file offset that the reader wants at `start`. */
  seekTo: number;

  /** A window over a file that lies in memory as a whole, or over an empty one that the host fills. */
  constructor(bytes: Uint8Array = new Uint8Array(0), final: boolean = bytes.length > 0) {
    this.bytes = bytes;
    this.low = 0;
    this.start = 0;
    this.end = bytes.length;
    this.base = 0;
    this.final = final;
    this.needed = 0;
    this.seekTo = 0;
  }
}
