/** Reads captures in memory and keeps what the reader showed, to be compared. */
import { createReader, detect } from '../../shared/capture/detect.ts';
import { type PacketReader, READ_END, READ_MORE, READ_PACKET } from '../../shared/capture/reader.ts';
import { formatTime } from '../../shared/capture/timestamp.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';

export interface SeenPacket {
  readonly frame: number;
  readonly at: string | null;
  readonly data: string;
  readonly originalLength: number;
  readonly linkType: number;
}

export interface Seen {
  readonly reader: PacketReader;
  readonly packets: readonly SeenPacket[];
}

export function seenPacket(reader: PacketReader): SeenPacket {
  const digits = reader.timeDigits();
  return {
    frame: reader.frame,
    at: digits < 0 ? null : formatTime(reader.timeSeconds(), reader.timeFraction(), digits),
    data: Buffer.from(reader.buffer.subarray(reader.offset, reader.offset + reader.capturedLength)).toString('hex'),
    originalLength: reader.originalLength,
    linkType: reader.linkType,
  };
}

/** Reads a capture that lies in memory as a whole. */
export function readWhole(bytes: Uint8Array): Seen {
  return readWith(bytes, new CaptureWindow(bytes, true), () => {
    throw new Error('The whole file is there, and the reader wants more.');
  });
}

/**
 * Reads a capture of which never more than the reader needs is there, in a window that moves for every packet and
 * holds nonsense outside of `bytes[low, end)`.
 */
export function readInSteps(bytes: Uint8Array, step: number): Seen {
  const window = new CaptureWindow();
  const fill = (from: number, length: number) => {
    const end = Math.min(bytes.length, from + length);
    const margin = 5;
    const copy = new Uint8Array(margin + Math.max(0, end - from) + margin).fill(0xa5);
    copy.set(bytes.subarray(from, end), margin);
    window.bytes = copy;
    window.base = from - margin;
    window.low = window.start = margin;
    window.end = margin + Math.max(0, end - from);
    window.final = end >= bytes.length;
  };
  fill(0, step);
  return readWith(bytes, window, (answer) => {
    if (answer === READ_MORE) fill(window.base + window.start, Math.max(window.needed, step));
    else fill(window.seekTo, step);
  });
}

function readWith(bytes: Uint8Array, window: CaptureWindow, supply: (answer: number) => void): Seen {
  const detected = detect(bytes);
  if (detected.kind !== 'capture') throw new Error(`not a capture: ${JSON.stringify(detected)}`);
  const reader = createReader(detected.format, window);
  const packets: SeenPacket[] = [];
  // Each call either consumes something or asks for something: far fewer calls than this.
  for (let calls = 0; calls < 20 * bytes.length + 1000; calls++) {
    const answer = reader.next();
    if (answer === READ_PACKET) packets.push(seenPacket(reader));
    else if (answer === READ_END) return { reader, packets };
    else supply(answer);
  }
  throw new Error('The reader does not come to an end.');
}
