import { gunzipSync } from 'node:zlib';
import type { Problem } from '../../shared/bytes/problem.ts';
import { createReader, detect } from '../../shared/capture/detect.ts';
import { READ_PACKET, READ_SEEK } from '../../shared/capture/reader.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { TraceAnalysis, type TraceResult } from '../../shared/trace/trace-analysis.ts';

export interface InMemoryAnalysis extends TraceResult {
  readonly problems: readonly Problem[];
  readonly packetCount: number;
}

/** Runs the analysis over one capture that lies in memory, without any of the host's streaming. */
export function analyzeBytes(bytes: Uint8Array, scope: Scope = 'mail'): InMemoryAnalysis {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const detected = detect(plain);
  if (detected.kind !== 'capture') throw new Error(JSON.stringify(detected));
  const window = new CaptureWindow(plain, true);
  const reader = createReader(detected.format, window);
  const analysis = new TraceAnalysis(scope);
  let packetCount = 0;
  for (;;) {
    const status = reader.next();
    if (status === READ_PACKET) {
      packetCount++;
      analysis.packet(0, reader);
    } else if (status === READ_SEEK) {
      window.start = window.seekTo;
    } else break;
  }
  const result = analysis.finish();
  return { ...result, packetCount, problems: [...reader.problems, ...analysis.problems(0)] };
}
