/** Whether what a program found is what the generator put in. Speed counts only with the right answer. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Analysis } from '../../shared/contract/analysis.ts';
import type { Truth } from './generate.ts';

export interface Found {
  readonly sessions: number;
  /** SHA-256 of each distinct certificate that mail sessions show. */
  readonly certificates: ReadonlySet<string>;
}

/** From `starttrace analyze --json`: SMTP sessions, and the certificates of their chains. */
export function foundByStarttrace(outputFile: string): Found {
  const analysis: Analysis = JSON.parse(readFileSync(outputFile, 'utf8'));
  const mail = analysis.sessions.filter((session) => session.service === 'smtp');
  const shown = mail.flatMap(({ certificates }) => [...certificates.server.chain, ...certificates.client.chain]);
  return { sessions: mail.length, certificates: new Set(shown.map((certificate) => certificate.sha256)) };
}

/** From tshark's columns frame.number, tcp.stream, tls.handshake.certificate. */
export function foundByTshark(outputFile: string): Found {
  const streams = new Set<string>();
  const certificates = new Set<string>();
  for (const row of readFileSync(outputFile, 'latin1').split('\n')) {
    const [, stream, encoded] = row.split('\t');
    if (stream === undefined) continue;
    streams.add(stream);
    for (const der of (encoded ?? '').split(',')) {
      if (der !== '') certificates.add(createHash('sha256').update(Buffer.from(der, 'hex')).digest('hex'));
    }
  }
  return { sessions: streams.size, certificates };
}

/** One sentence for each difference; none when the answer is right. */
export function differences(found: Found, truth: Truth): readonly string[] {
  const lost = truth.certificates.filter((certificate) => !found.certificates.has(certificate)).length;
  const invented = [...found.certificates].filter((certificate) => !truth.certificates.includes(certificate)).length;
  return [
    ...(found.sessions === truth.sessions.length
      ? []
      : [`${found.sessions} mail sessions instead of ${truth.sessions.length}`]),
    ...(lost === 0 ? [] : [`${lost} of ${truth.certificates.length} certificates not found`]),
    ...(invented === 0 ? [] : [`${invented} certificates that no mail session shows`]),
  ];
}
