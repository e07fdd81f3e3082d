/** What becomes of the mail: for each partner the verdict in one sentence, then each check that leads to it. */
import { useState } from 'react';
import type { Check, CheckStatus, JudgedSession, Moment, Verdict } from '../../../shared/contract/verdict.ts';
import { CHECK_TONES, CHECK_WORDS } from '../../ui/check-words.ts';
import { connectorWords } from '../../ui/connector-words.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
import { MOMENT_WORDS } from '../../ui/moment-words.ts';
import { OUTCOME_TONES, OUTCOME_WORDS, Status } from '../../ui/status.tsx';
import { dayText } from '../../ui/time-text.ts';
import { ToggleChoice } from '../../ui/toggle-choice.tsx';
import { Unjudged } from './unjudged.tsx';
import './checks.css';

interface ChecksProps {
  readonly judged: JudgedSession;
  /** The moment that counts. */
  readonly moment: Moment;
  readonly onFrame: (frame: number) => void;
  readonly onExpectations: () => void;
}

export function Checks({ judged, moment, onFrame, onExpectations }: ChecksProps) {
  const partners = new Map<string, Verdict[]>();
  for (const verdict of judged.verdicts) {
    const key = `${verdict.partner}\n${verdict.connector}`;
    partners.set(key, [...(partners.get(key) ?? []), verdict]);
  }
  return (
    <div className="checks">
      {partners.size === 0 && <Unjudged judged={judged} onExpectations={onExpectations} />}
      {[...partners].map(([key, verdicts]) => (
        <PartnerChecks key={`${key} ${moment}`} moment={moment} verdicts={verdicts} onFrame={onFrame} />
      ))}
    </div>
  );
}

interface PartnerChecksProps {
  readonly verdicts: readonly Verdict[];
  readonly moment: Moment;
  readonly onFrame: (frame: number) => void;
}

function PartnerChecks({ verdicts, moment: decisive, onFrame }: PartnerChecksProps) {
  const [moment, setMoment] = useState(decisive);
  const verdict = verdicts.find((one) => one.moment === moment) ?? verdicts[0];
  const checks = [...verdict.checks].sort((a, b) => RANKS[a.status] - RANKS[b.status]);
  return (
    <section className="partner" aria-label={verdict.partner}>
      <h3>
        <bdi>{verdict.partner}</bdi>{' '}
        <span className="quiet">
          {connectorWords(verdict.connector)}; matched by {verdict.matchedBy}
        </span>
      </h3>
      {verdicts.length > 1 && (
        <ToggleChoice
          label="Judged at"
          value={verdict.moment}
          onChange={setMoment}
          options={verdicts.map((one) => ({
            value: one.moment,
            title: (
              <>
                {MOMENT_WORDS[one.moment]} {one.asOf !== null && <span className="quiet">{dayText(one.asOf)}</span>}
                <Status tone={OUTCOME_TONES[one.outcome]}>{OUTCOME_WORDS[one.outcome]}</Status>
              </>
            ),
          }))}
        />
      )}
      <p className="verdict" data-tone={OUTCOME_TONES[verdict.outcome]}>
        {verdicts.length === 1 && (
          <>
            <Status tone={OUTCOME_TONES[verdict.outcome]}>{OUTCOME_WORDS[verdict.outcome]}</Status>{' '}
          </>
        )}
        {verdict.summary}
      </p>
      {verdict.serverResponse !== null && (
        <p>
          <span className="quiet">Expected in the sender's log: </span>
          <CopyText text={verdict.serverResponse} label="Server response" wrap />
        </p>
      )}
      <ul className="check-list">
        {checks.map((check) => (
          <CheckItem key={`${check.id} ${check.rule} ${check.evidence}`} check={check} onFrame={onFrame} />
        ))}
      </ul>
    </section>
  );
}

/** What stops the mail stands first. */
const RANKS: Readonly<Record<CheckStatus, number>> = { failed: 0, warning: 1, unknown: 2, passed: 3 };

function CheckItem({ check, onFrame }: { readonly check: Check; readonly onFrame: (frame: number) => void }) {
  const { status, rule, evidence, frame, source, remedy } = check;
  return (
    <li>
      <Status tone={CHECK_TONES[status]}>{CHECK_WORDS[status]}</Status>
      <div>
        <p className="check-rule">{rule}</p>
        <p>
          {evidence}
          {frame !== null && (
            <>
              {' '}
              <button type="button" className="link" onClick={() => onFrame(frame)}>
                frame {frame}
              </button>
            </>
          )}
        </p>
        {remedy !== null && (
          <p className="check-remedy">
            <span>
              <strong>What to change: </strong>
              {remedy}
            </span>
            <CopyButton text={remedy}>Copy</CopyButton>
          </p>
        )}
        <Source source={source} />
      </div>
    </li>
  );
}

function Source({ source }: { readonly source: string }) {
  const assumed = source.startsWith('assumed:');
  return (
    <p className="check-source">
      {assumed && <span className="assumed">assumption</span>}
      {assumed ? source.slice('assumed:'.length).trim() : source}
    </p>
  );
}
