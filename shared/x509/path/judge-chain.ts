/** A chain as a peer sent it, judged: is it valid as it stands, what completes it, and how it differs from the path. */
import type { X509Certificate } from '../certificate.ts';
import { bySeverity, findingOf, pathBreach } from './breach.ts';
import { subjectOf } from './certificate-rules.ts';
import type { ChainJudgement, Finding, PathRequest, PathResult, Severity } from './model.ts';
import { validatePath } from './validate-path.ts';

const RULE = 'RFC 5246 section 7.4.2, RFC 8446 section 4.4.2';

/**
 * Judges the certificates in the order sent, of which the first is the target. `known` are certificates that may complete
 * the chain where it is not valid by itself; what is taken of them is a `missing-intermediate`.
 */
export async function judgeChain(
  sent: readonly X509Certificate[],
  known: readonly X509Certificate[],
  request: Omit<PathRequest, 'target' | 'intermediates'>,
): Promise<ChainJudgement> {
  if (sent.length === 0) return { asSent: nothingSent(), completed: null, differences: [] };
  const [target, ...intermediates] = sent;
  const asSent = await validatePath({ ...request, target, intermediates });
  let completed: PathResult | null = null;
  if (asSent.outcome !== 'valid' && known.length > 0) {
    const result = await validatePath({ ...request, target, intermediates: [...intermediates, ...known] });
    if (result.outcome === 'valid') completed = result;
  }
  return { asSent, completed, differences: findDifferences(sent, completed ?? asSent, request) };
}

function nothingSent(): PathResult {
  const finding = findingOf(pathBreach('no-certificate', null, 'No certificate was sent.', RULE), 'path');
  return {
    outcome: 'invalid',
    path: [],
    anchor: null,
    findings: [finding],
    revocation: 'unknown',
    signaturesChecked: 0,
  };
}

function findDifferences(
  sent: readonly X509Certificate[],
  { path, anchor }: PathResult,
  { anchors }: Pick<PathRequest, 'anchors'>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (code: string, severity: Severity, certificate: X509Certificate, message: string): void => {
    findings.push({ code, severity, profile: null, certificate: certificate.sha256, message, rule: RULE });
  };
  const sentAt = new Map<string, number>();
  for (const [index, { sha256 }] of sent.entries()) if (!sentAt.has(sha256)) sentAt.set(sha256, index);

  for (const { certificate, role } of path) {
    if (role !== 'intermediate' || sentAt.has(certificate.sha256)) continue;
    const message = `${subjectOf(certificate)}, issued by ${certificate.issuer.text}, was not sent; the peer must be set up to send it.`;
    report('missing-intermediate', 'warning', certificate, message);
  }

  const order = path.flatMap(({ certificate }) => sentAt.get(certificate.sha256) ?? []);
  const wrong = order.findIndex((position, index) => index > 0 && position < order[index - 1]);
  if (wrong > 0) {
    const certificate = sent[order[wrong]];
    const message = `${subjectOf(certificate)} was sent as number ${order[wrong] + 1}, before a certificate that it certifies.`;
    report('wrong-order', 'warning', certificate, message);
  }

  // Only a path that reaches an anchor tells what is needed.
  if (anchor === null) return bySeverity(findings);
  const inPath = new Set(path.map(({ certificate }) => certificate.sha256));
  const isAnchor = new Set(anchors.map(({ certificate }) => certificate.sha256));
  for (const [index, certificate] of sent.entries()) {
    if (index === 0) continue;
    if (sentAt.get(certificate.sha256) !== index) {
      report('surplus-certificate', 'note', certificate, `${subjectOf(certificate)} was sent more than once.`);
    } else if (isAnchor.has(certificate.sha256)) {
      const message = `The root ${subjectOf(certificate)} was sent; whoever trusts it has it already.`;
      report('root-included', 'note', certificate, message);
    } else if (!inPath.has(certificate.sha256)) {
      const message = `${subjectOf(certificate)} was sent, but is not part of the path.`;
      report('surplus-certificate', 'note', certificate, message);
    }
  }
  return bySeverity(findings);
}
