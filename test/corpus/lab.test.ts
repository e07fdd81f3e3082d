/** Our sessions beside the manifest of the laboratory: real servers and clients, and what was done with them. */
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Presented, Session } from '../../shared/contract/analysis.ts';
import { type Analyzed, analyzed } from './analyzed.ts';
import { hasLab, LAB, type LabCapture, type LabSession, labCaptures } from './shared-data.ts';

/** The manifest's word for what became of STARTTLS, as the contract has it. */
const STARTTLS_STATES: Readonly<Record<string, string>> = {
  '220': 'accepted',
  '454': 'refused',
  '502': 'refused',
  not_offered: 'not-offered',
  stripped: 'masked',
  offered_not_used: 'not-requested',
  implicit: 'smtps',
  not_reached: 'not-seen',
  not_captured: 'not-seen',
};

/** The manifest's word for the end of the session, as the contract has the outcome of TLS. */
function outcomeOf({ outcome }: LabSession): string | null {
  switch (outcome) {
    case 'established':
      return 'established';
    // Postfix completes the handshake and then answers 421 inside TLS.
    case 'handshake_ok_then_policy_reject (421 inside TLS)':
      return 'established';
    case 'client_alert':
    case 'server_alert':
    case 'not_tls':
      return 'failed';
    case 'rst':
      return 'incomplete';
    case 'cleartext_delivery':
    case 'starttls_refused':
    case 'greeting_refused':
    case 'connection_refused':
    case 'banner_timeout':
      return null;
    default:
      throw new Error(`the manifest has an outcome that is not known here: ${outcome}`);
  }
}

/** Fields of which the manifest does not say what we do, and why we are right. */
interface LabDifference {
  readonly file: string;
  readonly session: number;
  readonly field: keyof Facts;
  readonly ours: unknown;
  readonly reason: string;
}

const KEYS_IN_THE_FILE =
  'The file carries the keys in a Decryption Secrets Block. Without decryption the certificates of TLS 1.3 stay ' +
  'encrypted, and that is what we say.';

const decryptedLater = (field: keyof Facts, ours: string): LabDifference => {
  return { file: 'v02_dsb.pcapng', session: 0, field, ours, reason: KEYS_IN_THE_FILE };
};

const LAB_DIFFERENCES: readonly LabDifference[] = [
  decryptedLater('serverChain', ''),
  decryptedLater('clientChain', ''),
  decryptedLater('serverVisibility', 'encrypted'),
  decryptedLater('clientVisibility', 'encrypted'),
  {
    file: 'v10_lost_segment.pcap',
    session: 0,
    field: 'serverChain',
    ours: '469eaffd4ebc1839',
    reason:
      'A segment inside the first certificate is missing. The manifest counts the whole chain as not recoverable; the ' +
      'second certificate was captured whole, and we show it beside the word "lost".',
  },
];

/** What is compared of a session. */
interface Facts {
  readonly client: string;
  readonly server: string;
  readonly starttls: string | null;
  readonly version: string | null;
  readonly serverName: string | null;
  readonly resumed: boolean;
  readonly serverChain: string;
  readonly clientChain: string;
  readonly serverVisibility: string;
  readonly clientVisibility: string;
  readonly fatalAlerts: string;
  readonly outcome: string | null;
}

const chainText = (hashes: readonly string[]): string => hashes.map((hash) => hash.slice(0, 16)).join(' ');
const ourChain = ({ chain }: Presented): string => chainText(chain.map(({ sha256 }) => sha256));

function factsOf(session: Session): Facts {
  const { client, server, smtp, tls, certificates } = session;
  const address = server.address.includes(':') ? `[${server.address}]` : server.address;
  const fatal = (tls?.alerts ?? []).filter(({ level }) => level === 'fatal');
  return {
    client: client.address,
    server: `${address}:${server.port}`,
    starttls: session.service === 'smtps' ? 'smtps' : (smtp?.starttls ?? null),
    version: tls?.version ?? null,
    serverName: tls?.serverName ?? null,
    resumed: tls?.resumed ?? false,
    serverChain: ourChain(certificates.server),
    clientChain: ourChain(certificates.client),
    serverVisibility: certificates.server.visibility,
    clientVisibility: certificates.client.visibility,
    fatalAlerts: fatal.map(({ from, code }) => `${from} ${code}`).join(', '),
    outcome: tls?.outcome ?? null,
  };
}

/** What the manifest says of the same; `session` is ours, for the few things that it leaves open. */
function madeFacts(made: LabSession, session: Session): Facts {
  const isVisible = made.certs_visible_without_keys === true;
  const ours = factsOf(session);
  const alerts = made.fatal_alerts_seen?.map((alert) => {
    const [, side, code] = /^([cs])2\/(\d+)$/.exec(alert) ?? [];
    return `${side === 'c' ? 'client' : 'server'} ${code}`;
  });
  return {
    client: made.client,
    server: made.server,
    starttls: STARTTLS_STATES[made.starttls] ?? made.starttls,
    version: made.tls_version?.replace('TLSv', 'TLS ') ?? null,
    serverName: made.sni,
    resumed: made.resumed ?? false,
    serverChain: isVisible ? chainText(made.server_chain_sha256) : '',
    clientChain: isVisible || made.certs_visible_without_keys !== false ? chainText(made.client_chain_sha256) : '',
    ...visibilities(made),
    // Of one session the manifest does not say which alerts there were.
    fatalAlerts: alerts === undefined ? ours.fatalAlerts : alerts.join(', '),
    outcome: outcomeOf(made),
  };
}

/** Why certificates can or cannot be seen, from what was done. */
function visibilities(made: LabSession): Pick<Facts, 'serverVisibility' | 'clientVisibility'> {
  const both = (word: string) => ({ serverVisibility: word, clientVisibility: word });
  if (made.resumed === true) return both('resumed');
  if (made.tls_version === null) {
    // An alert or a reset ended the handshake before any certificate; otherwise there was no TLS.
    return both(made.outcome === 'server_alert' || made.outcome === 'rst' ? 'cut' : 'none');
  }
  if (made.note?.startsWith('anonymous') === true)
    return { serverVisibility: 'anonymous', clientVisibility: 'not-requested' };
  const isVisible = made.certs_visible_without_keys === true;
  if (made.tls_version === 'TLSv1.3') return both(isVisible ? 'decrypted' : 'encrypted');
  if (!isVisible) return { serverVisibility: 'lost', clientVisibility: 'visible' };
  return { serverVisibility: 'visible', clientVisibility: clientVisibility(made) };
}

function clientVisibility(made: LabSession): string {
  if (made.note?.startsWith('client direction absent') === true) return 'lost';
  if (made.client_chain_sha256.length > 0) return 'visible';
  return made.cert_requested === true ? 'empty' : 'not-requested';
}

/** The manifest's sessions in the order in which the connections were opened. */
function inOrder({ sessions }: LabCapture): readonly LabSession[] {
  const order = ({ tcp_stream }: LabSession) => tcp_stream ?? Number.POSITIVE_INFINITY;
  return sessions.toSorted((left, right) => order(left) - order(right));
}

describe.skipIf(!hasLab)('the captures of the laboratory hold what was done there', () => {
  const results = new Map<string, Analyzed>();
  const met = new Set<LabDifference>();
  const readable = labCaptures.filter(({ expect: wish }) => wish !== 'refused with a clear message');
  const refused = labCaptures.filter((capture) => !readable.includes(capture));

  beforeAll(async () => {
    for (const { file } of labCaptures) results.set(file, await analyzed(resolve(LAB, file), 'mail'));
  });

  const sessionsOf = (file: string): readonly Session[] => results.get(file)?.analysis.sessions ?? [];

  it('there are more than fifty, with more than a hundred sessions', () => {
    const sessions = labCaptures.reduce((sum, capture) => sum + capture.sessions.length, 0);
    console.log(
      `Laboratory: ${labCaptures.length} captures, ${sessions} sessions; ${LAB_DIFFERENCES.length} fields differ, each explained.`,
    );
    expect(labCaptures.length).toBeGreaterThan(50);
    expect(sessions).toBeGreaterThan(100);
  });

  it.each(readable.map((capture) => [capture.file, capture.did, capture] as const))('%s: %s', (file, _did, capture) => {
    expect(results.get(file)?.refusals).toEqual([]);
    const sessions = sessionsOf(file);
    expect(sessions).toHaveLength(capture.sessions.length);
    const made = inOrder(capture);
    const pairs = sessions.map((session, index) => {
      const ours: Facts = factsOf(session);
      const theirs: Facts = madeFacts(made[index], session);
      const known = LAB_DIFFERENCES.filter((entry) => entry.file === file && entry.session === index);
      for (const entry of known)
        if (ours[entry.field] === entry.ours && theirs[entry.field] !== entry.ours) met.add(entry);
      const explained = Object.fromEntries(known.map(({ field, ours: value }) => [field, value]));
      return { ours, theirs: { ...theirs, ...explained } };
    });
    const text = (facts: Facts) => JSON.stringify(facts);
    if (capture.session_order === 'unordered') {
      expect(pairs.map(({ ours }) => text(ours)).sort()).toEqual(pairs.map(({ theirs }) => text(theirs)).sort());
    } else {
      expect(pairs.map(({ ours }) => ours)).toEqual(pairs.map(({ theirs }) => theirs));
    }
  });

  it.each(refused.map(({ file }) => file))('%s is refused with its name and what to do next', (file) => {
    const refusals = results.get(file)?.refusals ?? [];
    expect(sessionsOf(file)).toEqual([]);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(file);
    expect(refusals[0]).toMatch(/editcap|[Cc]apture again/);
  });

  it('what the table explains does differ', () => {
    expect(LAB_DIFFERENCES.filter((entry) => !met.has(entry))).toEqual([]);
  });

  it('credentials of the dialogues appear nowhere', () => {
    const secrets = labCaptures.flatMap(({ file, sessions }) =>
      sessions.flatMap((session) => (session.secrets ?? []).map((secret) => [file, secret] as const)),
    );
    expect(secrets.length).toBeGreaterThan(1);
    for (const [file, secret] of secrets) {
      const output = JSON.stringify(results.get(file)?.analysis);
      expect(output).not.toContain(secret);
      expect(output).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
    }
  });
});
