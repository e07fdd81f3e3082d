import type { Problem } from '../bytes/problem.ts';
import { ConnectionSet } from '../net/connection-set.ts';
import { Fingerprints } from '../tls/fingerprints.ts';
import { CertificateStore } from './certificate-store.ts';
import { type FinishedSession, type RecorderSink, type Scope, SessionRecorder } from './session-recorder.ts';
import { TimeText } from './timeline.ts';

/**
 * The second half of an analysis: segments of followed flows in, sessions and certificates out. Sessions are handed
 * over when their connection ends, in no particular order.
 */
export class SessionAnalysis {
  readonly connections: ConnectionSet;
  readonly store = new CertificateStore();
  readonly #unanswered: { count: number; readonly frame: number }[] = [];

  constructor(scope: Scope, finished: (session: FinishedSession) => void) {
    const sink: RecorderSink = {
      fingerprints: new Fingerprints(),
      times: new TimeText(),
      session: finished,
      unanswered: ({ first }) => {
        this.#unanswered[first.capture] ??= { count: 0, frame: first.frame };
        this.#unanswered[first.capture].count++;
      },
    };
    this.connections = new ConnectionSet((connection) => new SessionRecorder(connection, scope, this.store, sink));
  }

  /** No more segments: the connections still open end here. */
  finish(): void {
    this.connections.finish();
  }

  /** What is worth saying of a capture beside its sessions. To be asked after `finish`. */
  problems(capture: number): readonly Problem[] {
    const unanswered = this.#unanswered[capture];
    if (!unanswered) return [];
    const { count, frame } = unanswered;
    return [
      {
        code: 'unanswered-connections',
        message: `${count} ${count === 1 ? 'connection' : 'connections'} to mail ports got no answer, the first in frame ${frame}.`,
        frame,
      },
    ];
  }
}
