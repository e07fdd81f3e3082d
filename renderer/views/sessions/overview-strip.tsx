import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { isBoolean, remember, remembered } from '../../state/remembered.ts';
import { Button } from '../../ui/button.tsx';
import { type Lanes, lanesOf, nearestTick, type Ticks, ticksOf, timeAt, xOf } from './lanes.ts';
import { BAR_PIXELS, OverviewTicks, useLaneHeight } from './overview-ticks.tsx';
import type { SessionFilter, TimeRange } from './session-filter.ts';
import type { JudgedIndex, SessionIndex } from './session-index.ts';
import { countWords, instantWords, number, rangeWords } from './session-words.ts';
import { useMedia } from './use-media.ts';
import { useWidth } from './use-width.ts';
import './overview-strip.css';

interface OverviewStripProps {
  readonly index: SessionIndex;
  readonly judged: JudgedIndex;
  readonly filter: SessionFilter;
  readonly onFilter: (filter: SessionFilter) => void;
  readonly selected: string | null;
  readonly onSelect: (session: string) => void;
}

const LANES_TALL = 6;
const LANES_LOW = 4;
/** A pointer that moved less than this clicked. */
const CLICK_PIXELS = 4;
const REACH_PIXELS = 6;

/** Sessions over time, a lane for each busy server: the shape of a failure before its rows. Drag to choose a time. */
export function OverviewStrip(props: OverviewStripProps) {
  const [open, setOpen] = useState(remembered('overview', isBoolean) ?? true);
  if (Number.isNaN(props.index.firstAt)) return null;
  const toggle = () => {
    remember('overview', !open);
    setOpen(!open);
  };
  return (
    <section className="overview" data-part="overview" aria-label="Overview: sessions over time by server">
      {open ? <Overview {...props} onHide={toggle} /> : <Button onClick={toggle}>Show the overview</Button>}
    </section>
  );
}

function Overview({
  index,
  judged,
  filter,
  onFilter,
  selected,
  onSelect,
  onHide,
}: OverviewStripProps & { readonly onHide: () => void }) {
  const whole = useMemo(() => ({ from: index.firstAt, until: index.lastAt }), [index.firstAt, index.lastAt]);
  const [zoomed, setZoomed] = useState<TimeRange | null>(null);
  const shown = zoomed ?? whole;
  const [hovered, setHovered] = useState<string | null>(null);
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  const tall = useMedia('(min-height: 850px)');
  const lanes = useMemo(() => lanesOf(index, judged, tall ? LANES_TALL : LANES_LOW), [index, judged, tall]);
  const bin = binOf(lanes, width);
  const ticks = useMemo(
    () => ticksOf(index, judged, lanes, shown, Math.floor(width / bin)),
    [index, judged, lanes, shown, width, bin],
  );
  const laneHeight = useLaneHeight();
  const { between } = filter;
  const choose = (range: TimeRange | null) => onFilter({ ...filter, between: range });
  const pointer = usePlotPointer({
    plot,
    ticks,
    bin,
    lanes: lanes.lanes.length,
    laneHeight,
    onHover: (row, lane) => setHovered(row === null ? null : hoverWords(index, lanes.lanes[lane].server, row)),
    onPick: (row) => onSelect(index.rows[row].id),
    onBrush: (from, until) => choose({ from: timeAt(from, shown, width), until: timeAt(until, shown, width) }),
    onNothing: () => choose(null),
  });
  const withDay = Math.floor(whole.from / 86_400_000) !== Math.floor(whole.until / 86_400_000);
  const handles = { shown, width, withDay, whole: shown, between, choose };
  return (
    <>
      <div className="overview-body">
        <ul className="overview-lanes">
          {lanes.lanes.map((lane) => (
            <li key={lane.server ?? ''} style={{ height: laneHeight }}>
              {lane.server === null ? (
                <span className="quiet">{countWords(lane.servers, 'other server')}</span>
              ) : (
                <button
                  type="button"
                  className="overview-lane mono"
                  title={`Show only ${lane.server}`}
                  aria-pressed={filter.server === lane.server}
                  onClick={() => onFilter({ ...filter, server: filter.server === lane.server ? null : lane.server })}
                >
                  <bdi>{lane.server}</bdi>
                </button>
              )}
              <span className="quiet">{number(lane.sessions)}</span>
            </li>
          ))}
        </ul>
        <div className="overview-plot" ref={plot} {...pointer}>
          <OverviewTicks ticks={ticks} bin={bin} width={width} lanes={lanes.lanes.length} laneHeight={laneHeight} />
          <SelectedMark
            index={index}
            lanes={lanes.laneOfServer}
            shown={shown}
            width={width}
            selected={selected}
            laneHeight={laneHeight}
          />
          {between !== null && (
            <div
              className="overview-brush"
              style={{
                left: Math.max(0, xOf(between.from, shown, width)),
                width: Math.max(
                  2,
                  Math.min(width, xOf(between.until, shown, width)) - Math.max(0, xOf(between.from, shown, width)),
                ),
              }}
            />
          )}
          <Handle {...handles} end="from" />
          <Handle {...handles} end="until" />
        </div>
      </div>
      <div className="overview-axis quiet">
        <ul className="overview-legend" aria-label="Marks">
          <li data-mark="good">fine</li>
          <li data-mark="unknown">unknown</li>
          <li data-mark="warning">warning</li>
          <li data-mark="bad">fails</li>
        </ul>
        <div className="overview-times">
          <span>{instantWords(shown.from, withDay)}</span>
          <span className="overview-told">
            {hovered ?? (between === null ? 'drag to choose a time' : rangeWords(between.from, between.until))}
          </span>
          <span>{instantWords(shown.until, withDay)}</span>
        </div>
        <div className="overview-buttons">
          {between !== null && (
            <Button
              onClick={() => setZoomed(between)}
              disabled={zoomed !== null && zoomed.from === between.from && zoomed.until === between.until}
            >
              Zoom
            </Button>
          )}
          {zoomed !== null && <Button onClick={() => setZoomed(null)}>Whole time</Button>}
          <Button onClick={onHide}>Hide</Button>
        </div>
      </div>
    </>
  );
}

/** Pixels that a mark stands for: one, until marks would hide each other. */
function binOf({ lanes }: Lanes, width: number): number {
  const fullest = lanes.reduce((most, { sessions }) => Math.max(most, sessions), 0);
  return fullest > width / 6 ? BAR_PIXELS : 1;
}

function hoverWords(index: SessionIndex, server: string | null, row: number): string {
  const { id, startedAt, client } = index.rows[row];
  return `${id} · ${startedAt?.slice(11, 19) ?? ''} · ${client} → ${server ?? index.rows[row].server}`;
}

function SelectedMark({
  index,
  lanes,
  shown,
  width,
  selected,
  laneHeight,
}: {
  readonly index: SessionIndex;
  readonly lanes: Uint8Array;
  readonly shown: TimeRange;
  readonly width: number;
  readonly selected: string | null;
  readonly laneHeight: number;
}) {
  const at = selected === null ? -1 : index.rows.findIndex(({ id }) => id === selected);
  if (at < 0) return null;
  const began = index.startedAt[at];
  if (!(began >= shown.from && began <= shown.until)) return null;
  return (
    <div
      className="overview-selected"
      style={{ left: xOf(began, shown, width), top: lanes[index.server[at]] * laneHeight, height: laneHeight }}
    />
  );
}

/** One end of the chosen time, for the keyboard. */
function Handle({
  end,
  shown,
  width,
  withDay,
  between,
  choose,
}: {
  readonly end: 'from' | 'until';
  readonly shown: TimeRange;
  readonly width: number;
  readonly withDay: boolean;
  readonly between: TimeRange | null;
  readonly choose: (range: TimeRange | null) => void;
}) {
  const range = between ?? shown;
  const value = Math.min(Math.max(range[end], shown.from), shown.until);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = ((shown.until - shown.from) / 100) * (event.shiftKey ? 10 : 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: value + step,
      ArrowUp: value + step,
      ArrowLeft: value - step,
      ArrowDown: value - step,
      Home: shown.from,
      End: shown.until,
    };
    const move = moves[event.key];
    if (move !== undefined) {
      const to = Math.min(Math.max(move, shown.from), shown.until);
      const next =
        end === 'from'
          ? { from: Math.min(to, range.until), until: range.until }
          : { from: range.from, until: Math.max(to, range.from) };
      choose(next.from <= shown.from && next.until >= shown.until ? null : next);
    } else if (event.key === 'Escape' && between !== null) choose(null);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="overview-handle"
      role="slider"
      tabIndex={0}
      data-end={end}
      aria-label={end === 'from' ? 'Sessions from' : 'Sessions until'}
      aria-valuemin={shown.from}
      aria-valuemax={shown.until}
      aria-valuenow={value}
      aria-valuetext={instantWords(value, withDay)}
      style={{ left: xOf(value, shown, width) }}
      onKeyDown={onKeyDown}
    />
  );
}

function usePlotPointer({
  plot,
  ticks,
  bin,
  lanes,
  laneHeight,
  onHover,
  onPick,
  onBrush,
  onNothing,
}: {
  readonly plot: { readonly current: HTMLDivElement | null };
  readonly ticks: Ticks;
  readonly bin: number;
  readonly lanes: number;
  readonly laneHeight: number;
  readonly onHover: (row: number | null, lane: number) => void;
  readonly onPick: (row: number) => void;
  readonly onBrush: (from: number, until: number) => void;
  readonly onNothing: () => void;
}) {
  const began = useRef<number | null>(null);
  const place = (event: PointerEvent) => {
    const box = plot.current?.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - (box?.left ?? 0), 0), ticks.width * bin - 1);
    const lane = Math.min(Math.max(Math.floor((event.clientY - (box?.top ?? 0)) / laneHeight), 0), lanes - 1);
    return { x, lane };
  };
  const tickAt = ({ x, lane }: { x: number; lane: number }) =>
    nearestTick(ticks, lane, Math.floor(x / bin), Math.ceil(REACH_PIXELS / bin));
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      began.current = place(event).x;
      plot.current?.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const here = place(event);
      if (began.current === null) onHover(tickAt(here), here.lane);
      else if (Math.abs(here.x - began.current) >= CLICK_PIXELS) {
        onBrush(Math.min(here.x, began.current), Math.max(here.x, began.current));
      }
    },
    onPointerUp: (event: PointerEvent) => {
      const here = place(event);
      const moved = began.current === null ? CLICK_PIXELS : Math.abs(here.x - began.current);
      began.current = null;
      if (moved >= CLICK_PIXELS) return;
      const row = tickAt(here);
      if (row === null) onNothing();
      else onPick(row);
    },
    onPointerCancel: () => {
      began.current = null;
    },
    onPointerLeave: () => onHover(null, 0),
  };
}
