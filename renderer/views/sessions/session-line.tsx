// biome-ignore-all lint/a11y/useSemanticElements: rows that are positioned one by one cannot be those of a table element
import { memo, type ReactNode } from 'react';
import { printable } from '../../../shared/bytes/printable.ts';
import type { JudgedRow, SessionRow } from '../../../shared/contract/operations.ts';
import { OUTCOME_TONES, OUTCOME_WORDS, Status, type Tone } from '../../ui/status.tsx';
import type { ColumnId } from './session-order.ts';
import { certificateWords, starttlsTone, starttlsWords, timeWords, tlsWords } from './session-words.ts';

interface SessionLineProps {
  readonly row: SessionRow;
  readonly judged: JudgedRow | undefined;
  readonly judging: boolean;
  readonly columns: readonly ColumnId[];
  readonly withDay: boolean;
  readonly selected: boolean;
  /** From 0, among the rows shown. */
  readonly place: number;
  readonly top: number;
  readonly id: string;
}

/** One session. Clicks are the grid's business: a line has no functions of its own. */
export const SessionLine = memo(function SessionLine(props: SessionLineProps) {
  const { row, columns, selected, place, top, id } = props;
  return (
    // The grid has the focus and points at its line with aria-activedescendant.
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      role="row"
      className="session-line"
      aria-rowindex={place + 2}
      aria-selected={selected}
      data-place={place}
      data-session={row.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map((column, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        <div
          key={column}
          role="gridcell"
          title={column === 'path' ? printable(props.judged?.root ?? '') : undefined}
          aria-colindex={at + 1}
          className="session-cell"
          data-column={column}
        >
          {cellOf(column, props)}
        </div>
      ))}
    </div>
  );
});

function cellOf(column: ColumnId, { row, judged, judging, withDay, selected }: SessionLineProps): ReactNode {
  switch (column) {
    case 'time':
      return <span title={row.startedAt ?? undefined}>{timeWords(row.startedAt, withDay)}</span>;
    case 'ends':
      return (
        <>
          <Copyable text={row.client} selected={selected} />
          <span className="quiet session-arrow">→</span>
          <Copyable text={row.server} selected={selected} />
        </>
      );
    case 'name':
      return row.name === null ? <Nothing>none seen</Nothing> : <Copyable text={row.name} selected={selected} />;
    case 'starttls':
      return <Toned tone={starttlsTone(row)}>{starttlsWords(row)}</Toned>;
    case 'tls':
      return <Toned tone={row.tlsOutcome === 'failed' ? 'bad' : null}>{tlsWords(row)}</Toned>;
    case 'certificate':
      if (row.certificate === null) return <Nothing>{certificateWords(row)}</Nothing>;
      return <Copyable text={row.certificate} selected={selected} />;
    case 'path':
      return pathCell(judged, judging);
    case 'verdict':
      return verdictCell(judged, judging);
  }
}

function pathCell(judged: JudgedRow | undefined, judging: boolean): ReactNode {
  if (judged === undefined) return <Nothing>{judging ? 'judging…' : '–'}</Nothing>;
  switch (judged.path) {
    case null:
      return <Nothing>–</Nothing>;
    case 'valid':
      return <Status tone="good">{judged.root === null ? 'valid' : printable(judged.root)}</Status>;
    case 'invalid':
      return <Status tone="bad">{judged.root === null ? 'to no root' : `invalid, ${printable(judged.root)}`}</Status>;
    case 'undetermined':
      return <Status tone="unknown">undetermined</Status>;
  }
}

function verdictCell(judged: JudgedRow | undefined, judging: boolean): ReactNode {
  if (judged === undefined) return <Nothing>{judging ? 'judging…' : '–'}</Nothing>;
  if (judged.outcome === null) return <Nothing>no partner</Nothing>;
  return <Status tone={OUTCOME_TONES[judged.outcome]}>{OUTCOME_WORDS[judged.outcome]}</Status>;
}

function Toned({ tone, children }: { readonly tone: Tone | null; readonly children: string }) {
  return tone === null ? <span>{children}</span> : <Status tone={tone}>{children}</Status>;
}

/** A click on a name of the selected row copies it; the first click selects, and leaves the clipboard alone. */
function Copyable({ text, selected }: { readonly text: string; readonly selected: boolean }) {
  const shown = printable(text);
  return (
    <bdi className="mono session-copy" data-copy={shown} title={selected ? `${shown}: click to copy` : shown}>
      {shown}
    </bdi>
  );
}

function Nothing({ children }: { readonly children: string }) {
  return <span className="quiet">{children}</span>;
}
