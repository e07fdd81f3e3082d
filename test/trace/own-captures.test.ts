import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf, analyzeCaptures } from '../../electron/service/analyze-captures.ts';
import type { Session } from '../../shared/contract/analysis.ts';

const FOLDER = resolve(import.meta.dirname, '../captures');

interface ManifestSession {
  readonly client: string;
  readonly server: string;
  readonly service: string;
  readonly starttls: string | null;
  readonly upgrade: string | null;
  readonly tlsVersion: string | null;
  readonly serverName: string | null;
  readonly resumed: boolean;
  readonly outcome: string | null;
  readonly visibility: { readonly server: string; readonly client: string };
  readonly serverChain: readonly string[];
  readonly clientChain: readonly string[];
  readonly alerts: readonly { readonly from: string; readonly description?: string; readonly code: number }[];
}

interface ManifestCapture {
  readonly file: string;
  readonly did: string;
  readonly readable: boolean;
  readonly format: string;
  readonly compression: string | null;
  readonly packets: number | null;
  readonly linkTypes: readonly string[];
  readonly sessions: readonly ManifestSession[];
  readonly secrets: readonly string[];
  readonly problems: readonly string[];
}

const manifest: { readonly captures: readonly ManifestCapture[] } = JSON.parse(
  readFileSync(resolve(FOLDER, 'manifest.json'), 'utf8'),
);

/** The fields of a session that the manifest knows, ours and the maker's side by side. */
function compared(ours: Session, made: ManifestSession): { readonly ours: unknown; readonly made: unknown } {
  const { client, server, service, smtp, tls, certificates } = ours;
  const address = server.address.includes(':') ? `[${server.address}]` : server.address;
  const visibility = { server: certificates.server.visibility, client: certificates.client.visibility };
  const fields = {
    client: client.address,
    server: `${address}:${server.port}`,
    service,
    starttls: smtp?.starttls ?? null,
    tlsVersion: tls?.version ?? null,
    serverName: tls?.serverName ?? null,
    resumed: tls?.resumed ?? false,
    outcome: tls?.outcome ?? null,
    visibility,
    alerts: (tls?.alerts ?? []).map(({ from, code }) => ({ from, code })),
    upgrade: smtp?.upgrade?.command,
  };
  const { alerts, starttls, upgrade } = made;
  return {
    ours: { ...fields, chains: chainsOf(ours) },
    made: {
      client: made.client,
      server: made.server,
      service: made.service,
      starttls: starttls ?? null,
      tlsVersion: made.tlsVersion,
      serverName: made.serverName,
      resumed: made.resumed,
      outcome: made.outcome,
      visibility: made.visibility,
      alerts: alerts.map(({ from, code }) => ({ from, code })),
      // The maker knows that there was one also where it was not captured.
      upgrade: starttls === 'not-seen' || upgrade === undefined ? fields.upgrade : (upgrade ?? undefined),
      chains: { server: shownOf(made, 'server', ours), client: shownOf(made, 'client', ours) },
    },
  };
}

/** Certificates that can be read; noise in place of one has no maker's fingerprint to compare with. */
function chainsOf({ certificates: { server, client } }: Session): { server: string[]; client: string[] } {
  const readable = ({ chain }: typeof server) =>
    chain.filter(({ subject }) => subject !== null).map(({ sha256 }) => sha256);
  return { server: readable(server), client: readable(client) };
}

/** Of the certificates sent, those that must be shown: all, none, or (where a part is lost) a part in the same order. */
function shownOf(made: ManifestSession, side: 'server' | 'client', ours: Session): readonly string[] {
  const sent = side === 'server' ? made.serverChain : made.clientChain;
  switch (made.visibility[side]) {
    case 'visible':
      return sent;
    case 'lost':
    case 'cut':
    case 'malformed': {
      const found = chainsOf(ours)[side];
      return sent.filter((sha256) => found.includes(sha256));
    }
    default:
      return [];
  }
}

const readable = manifest.captures.filter((capture) => capture.readable);

describe('the captures of test/captures hold what their makers did', () => {
  it('every one of them is there', () => {
    expect(manifest.captures.length).toBeGreaterThan(100);
    expect(manifest.captures.filter(({ file }) => !existsSync(resolve(FOLDER, file)))).toEqual([]);
  });

  it.each(readable.map((capture) => [capture.file, capture] as const))('%s', async (file, capture) => {
    const analyzed = await analyzeCaptures([resolve(FOLDER, file)], { scope: 'mail' });
    const analysis = analysisOf(analyzed);
    const { errors } = analyzed;
    expect(errors).toEqual([]);
    // Where a damaged file is read on behind the damage, we show more than its maker counts on.
    const isDamaged = analysis.captures.some(({ problems }) => problems.some(({ code }) => code === 'damaged-record'));
    const sessions = isDamaged
      ? analysis.sessions.filter(({ firstFrame }) => firstFrame <= (capture.packets ?? 0))
      : analysis.sessions;
    expect(sessions).toHaveLength(capture.sessions.length);
    const pairs = sessions.map((session, index) => compared(session, capture.sessions[index]));
    expect(pairs.map(({ ours }) => ours)).toEqual(pairs.map(({ made }) => made));
    const packets = analysis.captures.reduce((sum, { packetCount }) => sum + packetCount, 0);
    if (isDamaged) expect(packets).toBeGreaterThanOrEqual(capture.packets ?? 0);
    else if (capture.packets !== null) expect(packets).toBe(capture.packets);
  });

  it.each(manifest.captures.filter((capture) => !capture.readable).map((capture) => [capture.file, capture] as const))(
    '%s is refused with its name and the next step',
    async (file) => {
      const analyzed = await analyzeCaptures([resolve(FOLDER, file)], { scope: 'mail' });
      const analysis = analysisOf(analyzed);
      const { errors } = analyzed;
      expect(analysis.sessions).toEqual([]);
      expect(errors).toHaveLength(1);
      expect(errors[0].problem.message).toContain(file);
      expect(errors[0].problem.message.length).toBeGreaterThan(60);
    },
  );
});

describe('what was planted to be dropped appears in no output', () => {
  const withSecrets = manifest.captures.filter(({ secrets }) => secrets.length > 0);

  it('there are captures with credentials and with content', () => {
    expect(withSecrets.length).toBeGreaterThan(3);
  });

  it.each(withSecrets.map((capture) => [capture.file, capture] as const))('%s', async (file, { secrets }) => {
    const raw = readFileSync(resolve(FOLDER, file)).toString('latin1');
    const analysis = analysisOf(await analyzeCaptures([resolve(FOLDER, file)], { scope: 'mail' }));
    const output = JSON.stringify(analysis);
    expect(secrets.filter((secret) => raw.includes(secret)).length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => output.includes(secret))).toEqual([]);
  });
});
