/** Real chains to the real Baltimore CyberTrust Root, which expired on 2025-05-12. None of them is kept in the project. */
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signatureVerifier } from '../../electron/service/signatures.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { judgeChain } from '../../shared/x509/path/judge-chain.ts';
import { matchName, readReferenceName } from '../../shared/x509/path/match-name.ts';
import type { ChainJudgement } from '../../shared/x509/path/model.ts';
import { readPem } from '../../shared/x509/pem.ts';
import { analyzed } from './analyzed.ts';
import { CORPUS, hasCorpus } from './shared-data.ts';

const ROOT_FILE = resolve(CORPUS, '../x509/baltimore-cybertrust-root.pem');
const verifySignature = signatureVerifier(webcrypto.subtle);

interface Chain {
  readonly session: Session;
  readonly certificates: readonly X509Certificate[];
}

async function chainsOf(file: string): Promise<readonly Chain[]> {
  const { analysis, certificateBytes } = await analyzed(join(CORPUS, 'ntop+nDPI/tests/cfgs/default/pcap', file), 'tls');
  return analysis.sessions.map((session) => {
    const certificates = session.certificates.server.chain.flatMap(({ sha256 }) => {
      const reading = readCertificate(certificateBytes.get(sha256) ?? new Uint8Array(0));
      return reading.kind === 'certificate' ? [reading.certificate] : [];
    });
    return { session, certificates };
  });
}

function judge(certificates: readonly X509Certificate[], at: number): Promise<ChainJudgement> {
  const reading = readCertificate(readPem(readFileSync(ROOT_FILE)).blocks[0].der);
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  const dates = { trustedFrom: null, trustedUntil: null, distrustAfter: null };
  return judgeChain(certificates, [], {
    anchors: [{ certificate: reading.certificate, ...dates, source: 'Microsoft’s documentation of 2014' }],
    at,
    profile: 'path',
    purpose: 'server',
    algorithms: { sha1: false, minimumRsaBits: 2048 },
    maximumIntermediates: null,
    verifySignature,
    revocation: null,
  });
}

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe.skipIf(!hasCorpus || !existsSync(ROOT_FILE))('the Baltimore CyberTrust Root in real captures', () => {
  it.each([
    ['teams.pcap', 'teams.microsoft.com', 30],
    ['sites.pcapng', 'onedrive.live.com', 3],
  ])('%s: sound when it was taken, broken since the root expired', async (file, name, atLeast) => {
    const sound: [Chain, ChainJudgement][] = [];
    for (const chain of await chainsOf(file)) {
      if (chain.certificates.length === 0) continue;
      const judgement = await judge(chain.certificates, seconds(chain.session.startedAt ?? ''));
      if (judgement.asSent.outcome === 'valid') sound.push([chain, judgement]);
    }
    expect(sound.length).toBeGreaterThanOrEqual(atLeast);
    expect(sound.map(([{ session }]) => session.tls?.serverName)).toContain(name);
    for (const [{ certificates }, { asSent }] of sound) {
      expect(asSent.path.at(-1)?.certificate.subject.text).toMatch(/^CN=Baltimore CyberTrust Root,/);
      for (const at of ['2025-05-13T00:00:00Z', '2026-01-01T00:00:00Z']) {
        const later = (await judge(certificates, seconds(at))).asSent;
        expect(later.outcome).toBe('invalid');
        const expired = later.findings.find(({ code }) => code === 'anchor-expired');
        expect(expired?.message).toMatch(/Baltimore CyberTrust Root.*valid until 2025-05-12T23:59:00Z/);
      }
    }
  });

  it('a server’s certificate is for the name that the client asked for', async () => {
    const chains = (await chainsOf('teams.pcap')).filter(({ session, certificates }) => {
      return session.tls?.serverName === 'teams.microsoft.com' && certificates.length > 0;
    });
    expect(chains.length).toBeGreaterThan(0);
    for (const { certificates } of chains) {
      const reference = readReferenceName('teams.microsoft.com');
      expect(reference !== null && matchName(certificates[0], reference, { commonNameFallback: false }).by).toBe(
        'dNSName',
      );
    }
  });
});
