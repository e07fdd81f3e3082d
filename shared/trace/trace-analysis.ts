import type { Problem } from '../bytes/problem.ts';
import type { PacketReader } from '../capture/reader.ts';
import type { Certificate, Session, UnreadableCertificate } from '../contract/analysis.ts';
import { compareArrivals } from '../net/arrival.ts';
import { ConnectionTracker } from '../net/connection-tracker.ts';
import { PacketDecoder } from '../net/packet-decoder.ts';
import { TcpSegment } from '../net/segment.ts';
import { CertificateStore } from './certificate-store.ts';
import { isMailPort, looksLikeMail } from './mail-detection.ts';
import { type FinishedSession, type RecorderSink, type Scope, SessionRecorder } from './session-recorder.ts';

export interface TraceResult {
  readonly sessions: readonly Session[];
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** Bytes of each certificate, for whoever validates or saves them. */
  readonly store: CertificateStore;
}

/**
 * The analysis: packets in, session facts out. One object for one run over any number of captures.
 *
 * Packets are given in the order of time; `packet` copies what it needs before it returns.
 */
export class TraceAnalysis {
  readonly #segment = new TcpSegment();
  /** Fragments and malformed packets are matters of one file: each has its own decoder. */
  readonly #decoders: PacketDecoder[] = [];
  readonly #tracker: ConnectionTracker;
  readonly #store = new CertificateStore();
  readonly #finished: FinishedSession[] = [];
  readonly #unanswered: { count: number; readonly frame: number }[] = [];

  constructor(scope: Scope) {
    const sink: RecorderSink = {
      session: (session) => this.#finished.push(session),
      unanswered: ({ first }) => {
        this.#unanswered[first.capture] ??= { count: 0, frame: first.frame };
        this.#unanswered[first.capture].count++;
      },
    };
    this.#tracker = new ConnectionTracker({
      followsPort: scope === 'tls' ? () => true : isMailPort,
      inspect: (segment, opening) => (looksLikeMail(segment, opening) ? 'follow' : opening ? 'ignore' : 'later'),
      open: (connection) => new SessionRecorder(connection, scope, this.#store, sink),
    });
  }

  /** The packet on which `reader` stands, of the capture with this index. */
  packet(capture: number, reader: PacketReader): void {
    const decoder = this.#decoders[capture] ?? this.#addDecoder(capture);
    const { linkType, buffer, offset, capturedLength, originalLength } = reader;
    if (decoder.decode(linkType, buffer, offset, capturedLength, originalLength, this.#segment)) {
      this.#tracker.accept(this.#segment, capture, reader);
    }
  }

  /** What went wrong between the packets of a capture and its sessions. To be asked after `finish`. */
  problems(capture: number): readonly Problem[] {
    const problems = [...(this.#decoders[capture]?.problems() ?? [])];
    const unanswered = this.#unanswered[capture];
    if (unanswered) {
      const { count, frame } = unanswered;
      problems.push({
        code: 'unanswered-connections',
        message: `${count} ${count === 1 ? 'connection' : 'connections'} to mail ports got no answer, the first in frame ${frame}.`,
        frame,
      });
    }
    return problems;
  }

  /** No more packets. */
  finish(): TraceResult {
    this.#tracker.finish();
    const sessions = this.#finished
      .sort((a, b) => compareArrivals(a.start, b.start))
      .map(({ session }, index) => ({ id: `s${index + 1}`, ...session }));
    return { sessions, certificates: this.#store.contract(), store: this.#store };
  }

  #addDecoder(capture: number): PacketDecoder {
    const decoder = new PacketDecoder();
    this.#decoders[capture] = decoder;
    return decoder;
  }
}
