import type { Problem } from '../bytes/problem.ts';
import type { PacketReader } from '../capture/reader.ts';
import type { ConnectionSet } from '../net/connection-set.ts';
import { arrivalOf, FlowFilter, type FlowFollower } from '../net/flow-filter.ts';
import { PacketDecoder } from '../net/packet-decoder.ts';
import { TcpSegment } from '../net/segment.ts';
import { isMailPort, looksLikeMail } from './mail-detection.ts';
import type { Scope } from './session-recorder.ts';

/**
 * The first half of an analysis: packets in, segments of the flows that matter out. It is all that most packets of a
 * large capture ever meet, so it allocates nothing for them.
 */
export class PacketScan {
  readonly #segment = new TcpSegment();
  /** Fragments and malformed packets are matters of one file: each has its own decoder. */
  readonly #decoders: PacketDecoder[] = [];
  readonly #filter: FlowFilter;

  constructor(scope: Scope, follower: FlowFollower) {
    const policy = {
      followsPort: scope === 'tls' ? () => true : isMailPort,
      inspect: (segment: TcpSegment, opening: boolean) =>
        looksLikeMail(segment, opening) ? 'follow' : opening ? 'ignore' : 'later',
    } as const;
    this.#filter = new FlowFilter(policy, follower);
  }

  /** The packet on which `reader` stands, of the capture with this index. Packets come in the order of time. */
  packet(capture: number, reader: PacketReader): void {
    const decoder = this.#decoders[capture] ?? this.#addDecoder(capture);
    const segment = this.#segment;
    const { linkType, buffer, offset, capturedLength, originalLength } = reader;
    if (decoder.decode(linkType, buffer, offset, capturedLength, originalLength, segment)) {
      this.#filter.accept(segment, capture, reader);
    }
  }

  /** What went wrong between the packets of a capture and TCP. To be asked when all packets are in. */
  problems(capture: number): readonly Problem[] {
    return this.#decoders[capture]?.problems() ?? [];
  }

  #addDecoder(capture: number): PacketDecoder {
    const decoder = new PacketDecoder();
    this.#decoders[capture] = decoder;
    return decoder;
  }
}

/** A scan whose segments go straight to the connections, on the same thread. */
export function scanInto(scope: Scope, connections: ConnectionSet): PacketScan {
  return new PacketScan(scope, {
    opening: (flow, direction, segment, opening) => connections.opening(flow, direction, segment, opening),
    segment: (flow, direction, segment, capture, place) => {
      if (connections.passBy(flow, direction, segment, capture, place)) return;
      connections.segment(flow, direction, segment, arrivalOf(capture, place));
    },
    isDismissed: (flow) => connections.isDismissed(flow),
  });
}
