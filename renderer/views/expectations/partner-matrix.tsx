/** Partners × what was observed: each row says what a partner demands and what became of its mail. */
import { memo } from 'react';
import type { ExpectationsCheck } from '../../../shared/contract/operations.ts';
import { OUTCOME_TONES, OUTCOME_WORDS, Status } from '../../ui/status.tsx';
import { number } from '../sessions/session-words.ts';
import { demandWords, kindWords, sideWords } from './expectation-words.ts';
import type { Observed, ObservedPartner } from './observed-partners.ts';

interface PartnerMatrixProps {
  readonly partners: NonNullable<ExpectationsCheck['partners']>;
  /** The line of each partner in the file, in their order. */
  readonly lines: readonly (number | null)[];
  /** Null: no capture is open, or it is not judged yet. */
  readonly observed: Observed | null;
  readonly onEdit: (line: number) => void;
  readonly onSession: (session: string) => void;
}

/** Typing in the editor leaves it alone until the text has been checked. */
export const PartnerMatrix = memo(function PartnerMatrix({
  partners,
  lines,
  observed,
  onEdit,
  onSession,
}: PartnerMatrixProps) {
  return (
    <table className="matrix">
      <thead>
        <tr>
          <th scope="col" className="matrix-partner">
            Partner and what it demands
          </th>
          {observed !== null && (
            <>
              <th scope="col" className="matrix-count">
                Sessions
              </th>
              <th scope="col">Mail</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {partners.map(({ name, kind, side, demands }, at) => {
          const line = lines[at];
          const seen = observed?.partners.get(name);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat, and the order is the file's.
            <tr key={at}>
              <th scope="row">
                <div className="matrix-title">
                  {line === null ? (
                    <bdi className="matrix-name">{name}</bdi>
                  ) : (
                    <button
                      type="button"
                      className="matrix-name matrix-link"
                      title={`Line ${line} of the file`}
                      onClick={() => onEdit(line)}
                    >
                      <bdi>{name}</bdi>
                    </button>
                  )}
                  <span className="quiet" title={sideWords(side)}>
                    {kindWords(kind)}
                  </span>
                </div>
                <p className="matrix-demands quiet">{demandWords(kind, demands)}</p>
              </th>
              {observed !== null && (
                <>
                  <td className="matrix-count">{number(seen?.sessions ?? 0)}</td>
                  <td>
                    <Outcomes seen={seen} partner={name} onSession={onSession} />
                  </td>
                </>
              )}
            </tr>
          );
        })}
      </tbody>
      {observed?.others && (
        <tfoot>
          <tr>
            <th scope="row" className="quiet">
              No partner of this file
            </th>
            <td className="matrix-count">{number(observed.others.sessions)}</td>
            <td>
              <button
                type="button"
                className="matrix-outcome matrix-link quiet"
                onClick={() => onSession(observed.others?.first ?? '')}
              >
                Show the first
              </button>
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
});

interface OutcomesProps {
  readonly seen: ObservedPartner | undefined;
  readonly partner: string;
  readonly onSession: (session: string) => void;
}

/** The worst first. Each leads to the first session that shows it. */
function Outcomes({ seen, partner, onSession }: OutcomesProps) {
  if (seen === undefined) return <span className="quiet">not seen</span>;
  return (
    <ul className="matrix-outcomes">
      {seen.outcomes.map(({ outcome, sessions, first }) => (
        <li key={outcome}>
          <button
            type="button"
            className="matrix-outcome"
            title={`Show the first of them: session ${first}`}
            onClick={() => onSession(first)}
          >
            <span className="visually-hidden">{partner}: </span>
            <Status tone={OUTCOME_TONES[outcome]}>{OUTCOME_WORDS[outcome]}</Status>
            <span className="matrix-times">{number(sessions)}</span>
            <span className="visually-hidden"> {sessions === 1 ? 'session' : 'sessions'}, show the first</span>
            <span aria-hidden="true">→</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
