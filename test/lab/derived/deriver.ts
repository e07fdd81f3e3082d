/** Reads captures made before, and saves what was made of them together with the truth that they inherit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES, type Lab, type Saved } from '../lab.ts';
import { type Packet, payloadOf, readPcap, segmentOf } from '../rewrite.ts';
import type { SessionTruth } from '../truth.ts';
import { writePcap } from '../write.ts';

const SMTP = 25;
export const fromServer = (packet: Packet) => segmentOf(packet).sourcePort === SMTP;
/** Segments of the server's between its ServerHello and its last of the first flight. */
export const isRecord = (packet: Packet, type: number) => payloadOf(packet)[0] === type;

export type Rest = Partial<Omit<Saved, 'file' | 'content' | 'packets' | 'did'>>;

export class Deriver {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  packets(file: string): Packet[] {
    return readPcap(readFileSync(join(CAPTURES, file)));
  }

  sessions(file: string, change: Partial<SessionTruth> = {}): SessionTruth[] {
    return this.#lab.truth(file).sessions.map((session) => {
      const { visibilityWithKeys: _, alertsWithKeys: __, ...rest } = session;
      return { ...rest, ...change };
    });
  }

  save(file: string, base: string, content: Buffer, packets: number | null, did: string, rest: Rest = {}): void {
    this.#lab.save({
      file,
      content,
      packets,
      did,
      rewrittenFrom: base,
      tools: ['rewrite.ts'],
      sessions: this.sessions(base),
      secrets: this.#lab.truth(base).secrets,
      ...rest,
    });
  }

  /** Saves edited Ethernet packets as a plain pcap. */
  edited(file: string, base: string, packets: readonly Packet[], did: string, rest: Rest = {}): void {
    this.save(`${file}.pcap`, base, writePcap(packets), packets.length, did, rest);
  }
}
