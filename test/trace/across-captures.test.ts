import { describe, expect, it } from 'vitest';
import { createReader, detect } from '../../shared/capture/detect.ts';
import { READ_PACKET } from '../../shared/capture/reader.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import { TraceAnalysis } from '../../shared/trace/trace-analysis.ts';
import { captureOf, Talk, type TalkPacket } from '../support/talk.ts';
import { loadFixture } from '../tls/support.ts';

/** The one session of packets that lie in two files, of which the second begins at `cut`. */
function sessionAcross(packets: readonly TalkPacket[], cut: number): Session {
  const analysis = new TraceAnalysis('mail');
  const timed = packets.map((packet, index) => ({ ...packet, milliseconds: index }));
  for (const [capture, part] of [timed.slice(0, cut), timed.slice(cut)].entries()) {
    const bytes = captureOf(part);
    const detected = detect(bytes);
    if (detected.kind !== 'capture') throw new Error(detected.kind);
    const reader = createReader(detected.format, new CaptureWindow(bytes, true));
    while (reader.next() === READ_PACKET) analysis.packet(capture, reader);
  }
  const { sessions } = analysis.finish();
  expect(sessions).toHaveLength(1);
  return sessions[0];
}

describe('a session that goes on in another file', () => {
  const { client, server } = loadFixture('tls12-alert');
  const talk = new Talk().open().server('220 mx.example ESMTP\r\n').client('EHLO client.example\r\n');
  talk.server('250-mx.example\r\n250 STARTTLS\r\n').client('STARTTLS\r\n').server('220 go\r\n');
  const hello = 5 + ((client[3] << 8) | client[4]);
  talk.client(client.subarray(0, hello)).server(server).client(client.subarray(hello)).close();
  const { packets } = talk;
  const upgrade = packets.findIndex(({ payload }) => Buffer.from(payload).toString('latin1') === 'STARTTLS\r\n');

  it('tells of each frame in which file it is', () => {
    const session = sessionAcross(packets, upgrade);
    expect(session).toMatchObject({ capture: 0, firstFrame: 1, lastCapture: 1, lastFrame: packets.length - upgrade });
    expect(session.smtp?.upgrade).toMatchObject({ frame: 1, capture: 1 });
    const { chain } = session.certificates.server;
    expect(chain.map(({ capture }) => capture)).toEqual(chain.map(() => 1));
    expect(chain.length).toBeGreaterThan(0);
    const alerts = session.tls?.alerts ?? [];
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.map(({ capture }) => capture)).toEqual(alerts.map(() => 1));
  });

  it('says nothing of it where the frame is in the file of the first packet', () => {
    const session = sessionAcross(packets, packets.length);
    expect('lastCapture' in session).toBe(false);
    expect(JSON.stringify({ ...session, capture: undefined })).not.toContain('"capture"');
    const late = sessionAcross(packets, packets.length - 1);
    expect(late.lastCapture).toBe(1);
    expect(JSON.stringify(late.tls)).not.toContain('"capture"');
  });
});
