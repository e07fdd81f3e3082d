import type { Problem } from '../bytes/problem.ts';
import type { PacketReader } from '../capture/reader.ts';
import type { Certificate, Session, UnreadableCertificate } from '../contract/analysis.ts';
import { compareArrivals } from '../net/arrival.ts';
import type { CertificateStore } from './certificate-store.ts';
import { type PacketScan, scanInto } from './packet-scan.ts';
import { SessionAnalysis } from './session-analysis.ts';
import type { FinishedSession, Scope } from './session-recorder.ts';

export interface TraceResult {
  readonly sessions: readonly Session[];
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** Bytes of each certificate, for whoever validates or saves them. */
  readonly store: CertificateStore;
}

/**
 * The whole analysis on one thread: packets in, session facts out. One object for one run over any number of captures.
 * Packets are given in the order of time; `packet` copies what it needs before it returns.
 */
export class TraceAnalysis {
  readonly #scan: PacketScan;
  readonly #analysis: SessionAnalysis;
  readonly #finished: FinishedSession[] = [];

  constructor(scope: Scope) {
    this.#analysis = new SessionAnalysis(scope, (session) => this.#finished.push(session));
    this.#scan = scanInto(scope, this.#analysis.connections);
  }

  /** The packet on which `reader` stands, of the capture with this index. */
  packet(capture: number, reader: PacketReader): void {
    this.#scan.packet(capture, reader);
  }

  /** What went wrong between the packets of a capture and its sessions. To be asked after `finish`. */
  problems(capture: number): readonly Problem[] {
    return [...this.#scan.problems(capture), ...this.#analysis.problems(capture)];
  }

  /** No more packets. */
  finish(): TraceResult {
    const { store } = this.#analysis;
    this.#analysis.finish();
    const sessions = this.#finished
      .sort((a, b) => compareArrivals(a.start, b.start))
      .map(({ session }, index) => ({ id: `s${index + 1}`, ...session }));
    return { sessions, certificates: store.contract(), store };
  }
}
