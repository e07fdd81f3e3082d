/** Fuzzing of the capture readers: any file ends, and no packet lies outside of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import { createReader, detect } from '../../../shared/capture/detect.ts';
import { READ_END, READ_MORE, READ_PACKET, READ_SEEK } from '../../../shared/capture/reader.ts';
import { CaptureWindow } from '../../../shared/capture/window.ts';

const FOLDER = new URL('../../captures/', import.meta.url);
const SEED_BYTES = 12_000;

export const target = { name: 'capture', seeds, run };

/** Small captures of every format in test/captures. */
export function seeds(): Uint8Array[] {
  return readdirSync(FOLDER)
    .filter((file) => /\.(?:pcap|pcapng|cap|snoop)$/.test(file))
    .map((file) => readFileSync(new URL(file, FOLDER)))
    .filter((bytes) => bytes.length < SEED_BYTES)
    .map((bytes) => Uint8Array.from(bytes));
}

function run(input: Uint8Array): void {
  const detected = detect(input);
  if (detected.kind !== 'capture') return;
  const window = new CaptureWindow(input, true);
  const reader = createReader(detected.format, window);
  let frame = 0;
  // Each step reads a byte at least, or moves; a reader that does neither would go round for ever.
  for (let step = 0; ; step++) {
    assert(step <= 4 * input.length + 16, 'the reader does not end');
    const status = reader.next();
    if (status === READ_END || status === READ_MORE) break;
    if (status === READ_SEEK) {
      assert(Number.isSafeInteger(window.seekTo) && window.seekTo >= 0, `a seek to ${window.seekTo}`);
      window.start = Math.min(window.seekTo, window.end);
      continue;
    }
    assert(status === READ_PACKET, `status ${status}`);
    const { offset, capturedLength, buffer } = reader;
    assert(capturedLength >= 0 && capturedLength <= LIMITS.packetBytes, `a packet of ${capturedLength} bytes`);
    assert(offset >= 0 && offset + capturedLength <= buffer.length, 'a packet outside of the file');
    assert(reader.frame > frame, 'frame numbers do not rise');
    frame = reader.frame;
    assert(Number.isSafeInteger(reader.timeSeconds()) || reader.timeDigits() < 0, 'a time that is no number');
  }
  assert(reader.problems.length <= LIMITS.problems + 1, 'too many problems');
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
