/** A host that answers from one document of `starttrace analyze --json`, for the detail view without a service. */

import { type Host, HostError } from '../../renderer/host/host.ts';
import type { Analysis, Certificate, Session } from '../../shared/contract/analysis.ts';
import type {
  CertificateDetail,
  JudgedRun,
  OperationName,
  OperationResults,
  SessionDetail,
} from '../../shared/contract/operations.ts';
import type { JudgedBy, JudgedSession } from '../../shared/contract/verdict.ts';

declare global {
  interface Window {
    /** What the view asked of the application. */
    detailCalls: { readonly name: string; readonly input: unknown }[];
  }
}

/** The document of `starttrace analyze --json`, judged or not. */
export interface JudgedAnalysis extends Omit<Analysis, 'sessions'> {
  readonly judgedBy?: JudgedBy;
  readonly sessions: readonly (Session & Partial<JudgedSession>)[];
}

interface DetailHostOptions {
  readonly wireshark: boolean;
  /** Told of every call. */
  readonly onCall: (name: OperationName, input: unknown) => void;
}

export function detailHost(analysis: JudgedAnalysis, { wireshark, onCall }: DetailHostOptions): Host {
  const found = (id: string) => {
    const session = analysis.sessions.find((one) => one.id === id);
    if (session === undefined) throw new HostError({ code: 'no-session', message: `There is no session ${id}.` });
    return session;
  };
  const answers: { readonly [N in OperationName]?: (input: never) => OperationResults[N] } = {
    session: ({ id }: { id: string }): SessionDetail => ({ session: found(id), certificates: analysis.certificates }),
    judgedSession: ({ id }: { id: string }): JudgedSession => {
      const { paths = [], recognized = [], verdicts = [], verdict = null } = found(id);
      return { paths, recognized, verdicts, verdict };
    },
    certificate: ({ sha256 }: { sha256: string }) => {
      const certificate = analysis.certificates[sha256];
      if (certificate === undefined || 'unreadable' in certificate) {
        const message = 'The capture holds no such certificate: it comes from the trust policy.';
        throw new HostError({ code: 'no-certificate', message });
      }
      return describe(certificate);
    },
    exportCertificates: () => ({ fileName: 'chain.pem', base64: btoa('certificates') }),
    judge: (): JudgedRun => {
      if (analysis.judgedBy === undefined) throw new HostError({ code: 'not-judged', message: 'Not judged.' });
      return { judgedBy: analysis.judgedBy, rows: [], pools: [], headline: '', remedies: [] };
    },
    openInWireshark: () => ({ opened: true, explanation: '' }),
    about: () => ({ version: '0.1.0', host: 'browser', wireshark }),
    recentFiles: () => [],
  };
  return {
    kind: 'browser',
    call: async (name, input) => {
      onCall(name, input);
      const answer = answers[name] as ((input: unknown) => OperationResults[typeof name]) | undefined;
      if (answer === undefined) throw new HostError({ code: 'not-here', message: `${name} is not in this page.` });
      return answer(input);
    },
    subscribe: (listener) => {
      // A host tells of its runs once the page listens.
      queueMicrotask(() => {
        listener({ kind: 'run-opened', run: 'r1', names: analysis.captures.map(({ file }) => file) });
        listener({
          kind: 'run-finished',
          run: 'r1',
          captures: analysis.captures,
          sessions: analysis.sessions.length,
          errors: [],
          skipped: [],
        });
      });
      return () => undefined;
    },
    openFiles: async () => 'r1',
  };
}

function describe(certificate: Certificate): CertificateDetail {
  const field = (label: string, value: string) => ({ label, value });
  const { publicKey } = certificate;
  return {
    sha256: certificate.sha256,
    groups: [
      {
        title: 'Identity',
        fields: [
          field('Subject', certificate.subject),
          field('Issuer', certificate.issuer),
          field('Serial number', certificate.serialNumber),
          field('Not before', certificate.notBefore),
          field('Not after', certificate.notAfter),
          field('Public key', `${publicKey.algorithm} ${publicKey.bits ?? publicKey.curve ?? ''}`),
          field('Signature', certificate.signatureAlgorithm),
        ],
      },
      {
        title: 'Extensions',
        fields: certificate.extensions.map(({ oid, name, critical }) => ({ label: name, value: oid, critical })),
      },
      {
        title: 'Fingerprints',
        fields: [field('SHA-256', certificate.sha256), field('SHA-1', certificate.sha1)],
      },
    ],
    pem: `-----BEGIN CERTIFICATE-----\n${certificate.sha256}\n-----END CERTIFICATE-----\n`,
  };
}
