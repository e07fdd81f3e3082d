import type { Problem } from '../../shared/bytes/problem.ts';
import type { PacketScan } from '../../shared/trace/packet-scan.ts';
import type { CaptureInputSummary } from '../files/read-captures.ts';
import type { CollectedSessions } from '../worker/session-collector.ts';
import { collectedList, type SessionList } from './session-list.ts';

/** What either way of analysing comes to. */
export interface RunResult extends Pick<CollectedSessions, 'certificates' | 'certificateBytes' | 'staples'> {
  readonly summaries: readonly CaptureInputSummary[];
  readonly sessions: SessionList;
  /** By capture. */
  problems(capture: number): readonly Problem[];
}

/** Puts together what was read, what the scan noticed and what was collected from it. */
export function runResult(
  summaries: readonly CaptureInputSummary[],
  scan: PacketScan,
  collected: CollectedSessions,
): RunResult {
  const { certificates, certificateBytes, staples, problems } = collected;
  return {
    summaries,
    sessions: collectedList(collected),
    certificates,
    certificateBytes,
    staples,
    problems: (capture) => [...scan.problems(capture), ...problems[capture]],
  };
}
