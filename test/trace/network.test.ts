/** Real sessions whose packets are cut, reordered and repeated anew: what they say must not change. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createReader, detect } from '../../shared/capture/detect.ts';
import { READ_PACKET } from '../../shared/capture/reader.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import { PacketDecoder } from '../../shared/net/packet-decoder.ts';
import { TcpSegment } from '../../shared/net/segment.ts';
import { analyzeBytes } from '../support/analyze.ts';
import { Chance } from '../support/planted.ts';
import { ACK, FIN, sessionOf, split, Talk, type TalkPacket } from '../support/talk.ts';

const FOLDER = resolve(import.meta.dirname, '../captures');
const { captures } = JSON.parse(readFileSync(resolve(FOLDER, 'manifest.json'), 'utf8')) as {
  readonly captures: readonly {
    readonly file: string;
    readonly readable: boolean;
    readonly packets: number | null;
    readonly sessions: readonly unknown[];
  }[];
};

/** The TCP segments of a capture with one session, as packets that can be rearranged. */
function packetsOf(bytes: Uint8Array, { client, server }: Session): TalkPacket[] {
  const detected = detect(bytes);
  if (detected.kind !== 'capture') throw new Error('no capture');
  const reader = createReader(detected.format, new CaptureWindow(bytes, true));
  const decoder = new PacketDecoder();
  const segment = new TcpSegment();
  const talk = new Talk({
    clientAddress: client.address,
    clientPort: client.port,
    serverAddress: server.address,
    serverPort: server.port,
  });
  const packets: TalkPacket[] = [];
  while (reader.next() === READ_PACKET) {
    const { linkType, buffer, offset, capturedLength, originalLength } = reader;
    if (!decoder.decode(linkType, buffer, offset, capturedLength, originalLength, segment)) continue;
    const payload = new Uint8Array(segment.payloadLength);
    payload.set(segment.buffer.subarray(segment.payload, segment.payload + segment.capturedPayload));
    packets.push({
      from: segment.sourcePort === client.port ? 'client' : 'server',
      sequence: segment.sequence,
      acknowledgement: segment.acknowledgement,
      flags: segment.flags,
      payload,
      identification: packets.length + 1,
      captured: segment.capturedPayload,
      talk,
    });
  }
  return packets;
}

/** What must stay: everything but frames, times and what TCP itself is told of. */
function factsOf({ service, smtp, tls, certificates, timeline, problems }: Session) {
  const presented = ({ visibility, chain }: Session['certificates']['server']) => ({
    visibility,
    chain: chain.map(({ sha256, subject }) => ({ sha256, subject })),
  });
  const isTcp = (name: string) => /^(?:tcp|duplicate|many-retransmissions)/.test(name);
  return {
    service,
    smtp: smtp && { ...smtp, upgrade: smtp.upgrade && { ...smtp.upgrade, frame: 0 } },
    tls: tls && { ...tls, alerts: tls.alerts.map((alert) => ({ ...alert, frame: 0 })) },
    server: presented(certificates.server),
    client: presented(certificates.client),
    // Each side tells its own in order; how the two interleave depends on the packets.
    story: (['client', 'server'] as const).map((side) =>
      timeline.filter(({ from, kind }) => from === side && !isTcp(kind)).map(({ summary }) => summary),
    ),
    problems: problems
      .map(({ code }) => code)
      .filter((code) => !isTcp(code))
      .sort(),
  };
}

/** Payloads in other pieces; the last piece carries the flags. */
function resegmented(packets: readonly TalkPacket[], chance: Chance): TalkPacket[] {
  return packets.flatMap((packet) => {
    const pieces: TalkPacket[] = [];
    let rest = packet;
    const isWhole = packet.captured === packet.payload.length;
    while (isWhole && rest.payload.length > 1 && chance.once(2)) {
      const [first, last] = split(
        rest,
        1 + chance.int(Math.min(rest.payload.length - 1, chance.pick([3, 100, 2_000]))),
      );
      pieces.push({ ...first, flags: rest.flags & ~FIN, captured: first.payload.length });
      rest = { ...last, captured: last.payload.length };
    }
    return [...pieces, rest];
  });
}

/** Neighbours of one direction change places: within a window, and never in front of what they answer. */
function reordered(packets: readonly TalkPacket[], chance: Chance): TalkPacket[] {
  const order = [...packets];
  for (let round = 0; round < 3; round++) {
    for (let at = 3; at + 1 < order.length; at++) {
      if (order[at].from === order[at + 1].from && chance.once(2)) {
        [order[at], order[at + 1]] = [order[at + 1], order[at]];
      }
    }
  }
  return order;
}

/** Copies of a mirror port, and segments sent again some packets later. */
function repeated(packets: readonly TalkPacket[], chance: Chance): TalkPacket[] {
  const all = packets.map((packet, index) => ({ ...packet, identification: index + 1 }));
  const copied = all.flatMap((packet) => (chance.once(4) ? [packet, packet] : [packet]));
  for (let at = 0; at < copied.length; at++) {
    const packet = copied[at];
    if (packet.payload.length === 0 || (packet.flags & ACK) === 0 || !chance.once(8)) continue;
    const later = Math.min(copied.length, at + 1 + chance.int(6));
    copied.splice(later, 0, { ...packet, identification: 50_000 + at });
  }
  return copied;
}

const material = captures
  .filter(({ file, readable, packets, sessions }) => {
    // What is under test are intact streams: damage, loss and rearrangement of its own have other tests.
    // Port 10025: what comes before a flow is known to be mail is not kept, and that depends on its segments.
    const isOther =
      /damage|lost|conflict|snap|ring|duplicate|fragment|reorder|overlap|port-reused|one-direction|port-10025/.test(
        file,
      );
    return readable && !isOther && sessions.length === 1 && packets !== null && packets < 120 && file.endsWith('.pcap');
  })
  .map(({ file }) => file);

describe('the facts of a real session', () => {
  it('there is material', () => expect(material.length).toBeGreaterThan(60));

  it.each(material)('%s, in other segments, in another order, with repetitions', (file) => {
    const bytes = readFileSync(resolve(FOLDER, file));
    const [original] = analyzeBytes(bytes).sessions;
    const packets = packetsOf(bytes, original);
    const plain = factsOf(sessionOf(packets));
    expect(plain).toEqual(factsOf(original));
    for (let seed = 1; seed <= 4; seed++) {
      const chance = new Chance(seed * 7_919);
      const pieces = resegmented(packets, chance);
      expect(factsOf(sessionOf(pieces)), 'in other segments').toEqual(plain);
      const order = reordered(pieces, chance);
      expect(factsOf(sessionOf(order)), 'in another order').toEqual(plain);
      expect(factsOf(sessionOf(repeated(order, chance))), 'with repetitions').toEqual(plain);
    }
  });
});
