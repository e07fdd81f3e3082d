/** What is wrong, or worth knowing, about a path: each with the rule that says so. */
import type { JudgedFinding } from '../../../shared/contract/verdict.ts';
import { Status, type Tone } from '../../ui/status.tsx';

const TONES: Readonly<Record<Exclude<JudgedFinding['severity'], 'note'>, Tone>> = { error: 'bad', warning: 'warning' };

function Word({ finding }: { readonly finding: JudgedFinding }) {
  if (finding.severity === 'note') return <span className="quiet">note</span>;
  return <Status tone={TONES[finding.severity]}>{wordOf(finding)}</Status>;
}

/** By severity and by how strict a verifier has to be to care. */
function wordOf({ severity, profile }: JudgedFinding): string {
  if (profile === 'webpki') return 'browsers refuse';
  return severity === 'error' ? 'refused' : 'warning';
}

export function Findings({ findings }: { readonly findings: readonly JudgedFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <section className="findings" aria-label="Findings about the path">
      <h3>Findings</h3>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.code} ${finding.certificate} ${finding.message}`}>
            <Word finding={finding} />
            <span>
              {finding.message} <span className="quiet">{finding.rule}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
