/** When no expectation concerns the session: what to do, and what the paths say without one. */
import type { JudgedSession } from '../../../shared/contract/verdict.ts';
import { Button } from '../../ui/button.tsx';
import { MOMENT_WORDS } from '../../ui/moment-words.ts';
import { Status } from '../../ui/status.tsx';
import { dayText } from '../../ui/time-text.ts';
import { shortName } from '../certificates/chain-comparison.ts';
import { PATH_TONES, PATH_WORDS } from '../certificates/path-words.ts';

interface UnjudgedProps {
  readonly judged: JudgedSession;
  readonly onExpectations: () => void;
}

export function Unjudged({ judged, onExpectations }: UnjudgedProps) {
  return (
    <section aria-label="No expectation">
      <p className="verdict">No partner's expectations concern this session.</p>
      <p className="unjudged-step">
        <span>
          <strong>What to do: </strong>say what your partners' connectors demand, and whether the mail would be
          delivered is shown here.
        </span>
        <Button onClick={onExpectations}>Open Expectations</Button>
      </p>
      {judged.paths.length > 0 && <h3>What can be told without</h3>}
      <ul className="check-list">
        {judged.paths.map(({ side, moment, asOf, outcome, path, findings }) => {
          const [worst] = findings.filter(({ severity }) => severity === 'error');
          const root = path.at(-1);
          return (
            <li key={`${side} ${moment}`}>
              <Status tone={PATH_TONES[outcome]}>{PATH_WORDS[outcome]}</Status>
              <div>
                <p className="check-rule">
                  The {side}'s certificate, {MOMENT_WORDS[moment]} <span className="quiet">{dayText(asOf)}</span>
                </p>
                {worst !== undefined && <p>{worst.message}</p>}
                {outcome === 'valid' && root !== undefined && <p>The path leads to {shortName(root.subject)}.</p>}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
