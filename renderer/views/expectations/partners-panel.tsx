/** The panel of partners: the matrix, or what to do where there is none yet. */
import type { ExpectationsCheck } from '../../../shared/contract/operations.ts';
import { openCaptures } from '../../host/pick-files.ts';
import { useStore } from '../../state/context.ts';
import type { RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { countWords } from '../sessions/session-words.ts';
import { type Observed, partnersHeadline } from './observed-partners.ts';
import { PartnerMatrix } from './partner-matrix.tsx';
import { withPartners } from './partner-text.ts';

interface PartnersPanelProps {
  readonly partners: ExpectationsCheck['partners'];
  readonly lines: readonly (number | null)[];
  readonly problems: number;
  readonly run: RunState | null;
  readonly observed: Observed | null;
  /** The run was judged by another text than that in the editor. */
  readonly stale: boolean;
  readonly text: string;
  readonly empty: boolean;
  /** The session that is selected, as a partner; null: there is none. */
  readonly fromSession: { readonly session: string; readonly text: string } | null;
  readonly onOpen: () => void;
  readonly onImport: () => void;
  readonly onExample: () => void;
  readonly onEdit: (line: number) => void;
  readonly onSession: (session: string) => void;
  readonly onJudge: () => void;
  readonly onAdd: (text: string) => void;
}

export function PartnersPanel(props: PartnersPanelProps) {
  const { partners, lines, problems, run, observed, stale, empty } = props;
  if (empty) return <NoFile {...props} />;
  return (
    <div className="partners">
      {partners !== null && problems === 0 && (
        <p className="expect-answer">
          {observed === null || stale ? countWords(partners.length, 'partner') : partnersHeadline(partners, observed)}
        </p>
      )}
      <Notes {...props} />
      {partners !== null && (
        <PartnerMatrix
          partners={partners}
          lines={lines}
          observed={stale && observed?.partners.size === 0 ? null : observed}
          onEdit={props.onEdit}
          onSession={props.onSession}
        />
      )}
      <AddFromSession {...props} />
      {partners === null && problems === 0 && run?.judging && <p className="quiet">Reading the file…</p>}
    </div>
  );
}

/** What keeps the table from being the whole truth, and what to do about it. */
function Notes({ partners, problems, run, stale, onJudge }: PartnersPanelProps) {
  const store = useStore();
  if (problems > 0) {
    const where = problems === 1 ? 'Something is' : `${problems} things are`;
    return (
      <p className="expect-note" role="status">
        {where} wrong with the file: see below its text.{' '}
        {partners !== null && 'The table shows the partners as they were before.'}
      </p>
    );
  }
  if (run === null) {
    return (
      <p className="expect-note">
        With a capture open, the table also tells how many of its sessions belong to each partner and what became of
        their mail. <Button onClick={() => openCaptures(store)}>Open captures…</Button>
      </p>
    );
  }
  if (run.phase === 'reading')
    return <p className="expect-note">The capture is still being read; it is judged afterwards.</p>;
  if (run.judging) return <p className="expect-note">Judging…</p>;
  if (run.judgeProblem !== null) {
    return (
      <p className="expect-note" data-tone="bad" role="status">
        {run.judgeProblem}
      </p>
    );
  }
  if (!stale) return null;
  return (
    <p className="expect-note">
      {run.question.expectations === null
        ? 'The capture has not been judged by this file yet.'
        : 'The capture was judged by another text than this one.'}{' '}
      <Button onClick={onJudge}>Judge by this</Button>
    </p>
  );
}

/** A beginning for a partner that the file does not have yet. */
function AddFromSession({ fromSession, text, problems, onAdd }: PartnersPanelProps) {
  const added = fromSession === null || problems > 0 ? null : withPartners(text, fromSession.text);
  if (fromSession === null || added === null) return null;
  return (
    <p className="partners-add">
      <Button onClick={() => onAdd(added)} title={fromSession.text}>
        Add the server of session {fromSession.session}
      </Button>
      <span className="quiet">as a partner, pinned to what its certificate shows; undo takes it back</span>
    </p>
  );
}

function NoFile({ fromSession, onOpen, onImport, onExample, onAdd }: PartnersPanelProps) {
  return (
    <div className="expect-empty">
      <h2>What do your mail partners expect?</h2>
      <p>
        An expectation file says what each partner's connector demands: which certificate names, a path to which root,
        TLS or none. Sessions of a capture are judged by it, and it answers what breaks when a domain moves.
      </p>
      <ul className="expect-ways">
        <li>
          <Button onClick={onOpen}>Open a file…</Button>
          <span className="quiet">YAML or JSON</span>
        </li>
        <li>
          <Button onClick={onImport}>Import from Exchange</Button>
          <span className="quiet">Paste what Get-OutboundConnector and its kin print</span>
        </li>
        <li>
          <Button onClick={onExample}>Start from an example</Button>
          <span className="quiet">Three partners to change and to add to</span>
        </li>
        {fromSession !== null && (
          <li>
            <Button onClick={() => onAdd(fromSession.text)}>Start from session {fromSession.session}</Button>
            <span className="quiet">Its server as the first partner, pinned to what its certificate shows</span>
          </li>
        )}
      </ul>
      <p className="quiet">Or write it: whatever is wrong is told while you type, with its line.</p>
    </div>
  );
}
