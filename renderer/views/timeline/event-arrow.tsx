/** One event: an arrow from one lane to the other with its label, or the band where TLS begins. */
import { memo } from 'react';
import { axisText } from '../../ui/time-text.ts';
import { type Drawing, spokenName, wordsOf } from './event-words.ts';
import { fitText } from './fit-text.ts';
import { measureText } from './measure-text.ts';
import type { Geometry } from './timeline-geometry.ts';
import { ROW_HEIGHT, type TimelineRow } from './timeline-layout.ts';

interface EventArrowProps {
  readonly row: TimelineRow;
  readonly count: number;
  /** The latest time of the session, in milliseconds. */
  readonly end: number;
  readonly geometry: Geometry;
  readonly version: string | null;
  readonly answeredAfter: number | null;
  readonly selected: boolean;
  /** Whether Tab reaches this one. */
  readonly reachable: boolean;
}

const LABEL_INSET = 14;

export const EventArrow = memo(function EventArrow(props: EventArrowProps) {
  const { row, count, end, geometry, version, answeredAfter, selected, reachable } = props;
  const { event, y, time } = row;
  const { drawing, head, rest } = wordsOf(event, version);
  return (
    <g className="event-row" data-index={row.index} data-drawing={drawing}>
      <g
        className="event"
        role="option"
        aria-label={spokenName(event, time, answeredAfter)}
        aria-selected={selected}
        aria-setsize={count}
        aria-posinset={row.index + 1}
        tabIndex={reachable ? 0 : -1}
      >
        <rect
          className="event-back"
          x={2}
          y={y - ROW_HEIGHT + 8}
          width={geometry.width - 4}
          height={ROW_HEIGHT - 1}
          rx={3}
        />
      </g>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the name above says all of it. */}
      <g aria-hidden="true">
        {row.newTime && time !== null && (
          <text className="timeline-time" x={geometry.timeEnd} y={y} textAnchor="end">
            {axisText(time, end)}
          </text>
        )}
        {row.newFrame && (
          <text className="timeline-frame" x={geometry.frame} y={y}>
            {event.capture === undefined ? event.frame : `${event.capture + 1}:${event.frame}`}
          </text>
        )}
        {drawing === 'band' ? (
          <Band y={y} geometry={geometry} label={head} />
        ) : (
          <>
            <Arrow y={y} geometry={geometry} from={event.from} drawing={drawing} />
            <Label y={y} geometry={geometry} from={event.from} head={head} rest={rest} />
          </>
        )}
      </g>
    </g>
  );
});

function Band({ y, geometry, label }: { readonly y: number; readonly geometry: Geometry; readonly label: string }) {
  const { client, server } = geometry;
  return (
    <>
      <rect className="event-band" x={client} y={y - 17} width={server - client} height={20} />
      <text className="event-label" x={(client + server) / 2} y={y - 2.5} textAnchor="middle">
        {label}
      </text>
    </>
  );
}

interface ArrowProps {
  readonly y: number;
  readonly geometry: Geometry;
  readonly from: 'client' | 'server';
  readonly drawing: Drawing;
}

function Arrow({ y, geometry, from, drawing }: ArrowProps) {
  const towards = from === 'client' ? 1 : -1;
  const start = from === 'client' ? geometry.client + 4 : geometry.server - 4;
  const end = from === 'client' ? geometry.server - 4 : geometry.client + 4;
  const tip =
    drawing === 'reset'
      ? `M${end - 8 * towards} ${y - 4}l${8 * towards} 8m0 -8l${-8 * towards} 8`
      : `M${end} ${y}l${-8 * towards} -3.5v7z`;
  return (
    <>
      <path className="event-line" d={`M${start} ${y}H${end - 6 * towards}`} />
      <path className="event-head" d={tip} />
    </>
  );
}

interface LabelProps {
  readonly y: number;
  readonly geometry: Geometry;
  readonly from: 'client' | 'server';
  readonly head: string;
  readonly rest: string;
}

/** At its sender's side. */
function Label({ y, geometry, from, head, rest }: LabelProps) {
  const room = geometry.server - geometry.client - 2 * LABEL_INSET;
  const headText = fitText(head, room, (text) => measureText(text, 650));
  const left = room - (headText === '' ? 0 : measureText(`${headText} `, 650));
  const restText = fitText(rest, left, (text) => measureText(text, 400));
  const x = from === 'client' ? geometry.client + LABEL_INSET : geometry.server - LABEL_INSET;
  return (
    <text className="event-label" x={x} y={y - 5} textAnchor={from === 'client' ? 'start' : 'end'}>
      {headText !== '' && <tspan className="head">{headText}</tspan>}
      {headText !== '' && restText !== '' && ' '}
      {restText}
    </text>
  );
}
