/**
 * The timeline of a session: client on the left, server on the right, time flowing down. Only what is near the visible
 * part is in the page, so that a thousand events scroll as ten do.
 */
import { type KeyboardEvent, type MouseEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Session } from '../../../shared/contract/analysis.ts';
import type { RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { lengthText } from '../../ui/time-text.ts';
import { EventArrow } from './event-arrow.tsx';
import { EventDetails } from './event-details.tsx';
import { geometryOf } from './timeline-geometry.ts';
import { layOutTimeline, ROW_HEIGHT, roundLength, rowsWithin, type TimelineLayout } from './timeline-layout.ts';
import { Scenery } from './timeline-scenery.tsx';
import { STEP, useViewport } from './use-viewport.ts';
import { useZoom } from './use-zoom.ts';
import './timeline.css';

interface TimelineProps {
  readonly run: RunState;
  readonly session: Session;
  /** Index of the selected event. */
  readonly selected: number | null;
  readonly onSelect: (index: number) => void;
}

const ZOOM_FACTOR = 1.6;

export function Timeline({ run, session, selected, onSelect }: TimelineProps) {
  const [zoom, setZoom] = useState(1);
  const layout = useMemo(() => layOutTimeline(session, zoom), [session, zoom]);
  const scroller = useRef<HTMLDivElement>(null);
  const { width, top, viewHeight, onScroll } = useViewport(scroller);
  const geometry = useMemo(() => geometryOf(width), [width]);
  const zoomBy = useZoom(scroller, layout, setZoom);
  const [hovered, setHovered] = useState<number | null>(null);
  const moveFocus = useRef(false);

  const { rows, waits, height } = layout;
  const waitOf = useMemo(() => new Map(waits.map((wait) => [wait.to, wait])), [waits]);
  const drawnTop = Math.max(0, Math.floor((top - STEP) / STEP) * STEP);
  const drawnBottom = Math.min(height, Math.ceil((top + viewHeight + STEP) / STEP) * STEP);
  const { start, end } = rowsWithin(layout, drawnTop - ROW_HEIGHT, drawnBottom + ROW_HEIGHT);
  const reachable = selected ?? 0;

  const shownSession = useRef(session.id);
  useEffect(() => {
    if (shownSession.current === session.id) return;
    shownSession.current = session.id;
    setZoom(1);
    setHovered(null);
    scroller.current?.scrollTo({ top: 0 });
  }, [session.id]);

  const latestRows = useRef(rows);
  latestRows.current = rows;
  useLayoutEffect(() => {
    const row = selected === null ? undefined : latestRows.current[selected];
    const view = scroller.current;
    if (row === undefined || view === null) return;
    if (row.y - ROW_HEIGHT * 1.5 < view.scrollTop) view.scrollTop = row.y - ROW_HEIGHT * 2;
    else if (row.y + ROW_HEIGHT > view.scrollTop + view.clientHeight) {
      view.scrollTop = row.y + ROW_HEIGHT * 1.5 - view.clientHeight;
    }
    if (!moveFocus.current) return;
    moveFocus.current = false;
    view.querySelector<SVGGElement>(`[data-index="${row.index}"] .event`)?.focus({ preventScroll: true });
  }, [selected]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey) return;
    const zooming = { '+': ZOOM_FACTOR, '=': ZOOM_FACTOR, '-': 1 / ZOOM_FACTOR }[event.key];
    if (zooming !== undefined && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      zoomBy(zooming, null);
      return;
    }
    const to = nextIndex(event.key, reachable, rows.length);
    if (to === null || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    moveFocus.current = true;
    setHovered(null);
    if (to === selected) scroller.current?.querySelector<SVGGElement>(`[data-index="${to}"] .event`)?.focus();
    onSelect(to);
  };
  const onClick = (event: MouseEvent) => {
    const index = indexAt(event.target);
    if (index === null) return;
    moveFocus.current = true;
    onSelect(index);
  };
  const onMouseMove = ({ target, movementX, movementY }: MouseEvent) => {
    // Browsers also tell of a pointer that rests while the drawing scrolls below it.
    if (movementX !== 0 || movementY !== 0) setHovered(indexAt(target));
  };
  const detailed = hovered ?? selected;
  const visible = rows.slice(start, end);
  const pinned = rows[reachable];
  const drawn = pinned === undefined || (pinned.index >= start && pinned.index < end) ? visible : [...visible, pinned];
  return (
    <section className="timeline" aria-label="Timeline">
      <header className="timeline-bar">
        <h2>Timeline</h2>
        <Scale layout={layout} />
        <Button
          disabled={isTimeless(layout)}
          aria-label="Zoom out"
          title="Zoom out (−)"
          onClick={() => zoomBy(1 / ZOOM_FACTOR, null)}
        >
          −
        </Button>
        <Button
          disabled={isTimeless(layout)}
          aria-label="Zoom in"
          title="Zoom in (+, or Ctrl and the wheel)"
          onClick={() => zoomBy(ZOOM_FACTOR, null)}
        >
          +
        </Button>
        <CopyButton text={session.displayFilter} title={`Wireshark display filter:\n${session.displayFilter}`}>
          Copy filter
        </CopyButton>
      </header>
      <div className="timeline-lanes" style={{ paddingInlineEnd: `calc(100% - ${geometry.server + 4}px)` }}>
        <Lane title="Client" address={endpoint(session.client)} name={session.smtp?.clientName ?? null} />
        <Lane
          title="Server"
          address={endpoint(session.server)}
          name={session.tls?.serverName ?? session.smtp?.greeting?.text.split(' ', 1)[0] ?? null}
        />
      </div>
      <div
        className="timeline-scroller"
        role="listbox"
        aria-label="Messages in order of time"
        tabIndex={-1}
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onMouseMove={onMouseMove}
        onMouseLeave={() => setHovered(null)}
      >
        <div style={{ height }} />
        {rows.length === 0 && <p className="timeline-empty">No message of this session was captured.</p>}
        {rows.length > 0 && width > 0 && (
          <svg
            className="timeline-drawing"
            role="presentation"
            style={{ top: drawnTop }}
            width={width}
            height={drawnBottom - drawnTop}
            viewBox={`0 ${drawnTop} ${width} ${drawnBottom - drawnTop}`}
          >
            <Scenery layout={layout} geometry={geometry} top={drawnTop} bottom={drawnBottom} />
            {drawn.map((row) => (
              <EventArrow
                key={row.index}
                row={row}
                count={rows.length}
                end={layout.end}
                geometry={geometry}
                version={session.tls?.version ?? null}
                answeredAfter={waitOf.get(row.index)?.milliseconds ?? null}
                selected={row.index === selected}
                reachable={row.index === reachable}
              />
            ))}
          </svg>
        )}
      </div>
      <EventDetails
        run={run}
        capture={session.capture}
        row={detailed === null ? null : (rows[detailed] ?? null)}
        end={layout.end}
        wait={detailed === null ? null : (waitOf.get(detailed) ?? null)}
      />
    </section>
  );
}

function nextIndex(key: string, from: number, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'PageDown':
      return Math.min(last, from + 10);
    case 'PageUp':
      return Math.max(0, from - 10);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Enter':
    case ' ':
      return from;
    default:
      return null;
  }
}

function indexAt(target: EventTarget): number | null {
  const element = target instanceof Element ? target.closest('[data-index]') : null;
  const index = element?.getAttribute('data-index');
  return index === undefined || index === null ? null : Number(index);
}

function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

interface LaneProps {
  readonly title: string;
  readonly address: string;
  readonly name: string | null;
}

function Lane({ title, address, name }: LaneProps) {
  return (
    <div className="timeline-lane" title={name === null ? address : `${address}\n${name}`}>
      <span className="timeline-lane-name">
        <strong>{title}</strong> <span className="mono">{address}</span>
      </span>
      <span className="timeline-lane-name quiet">
        <bdi>{name ?? ' '}</bdi>
      </span>
    </div>
  );
}

/** How long a stretch of the axis is, where it is to scale. */
function Scale({ layout }: { readonly layout: TimelineLayout }) {
  if (isTimeless(layout)) {
    return <span className="timeline-scale">the capture tells no times</span>;
  }
  const length = roundLength(24 / layout.pixelsPerMillisecond);
  return (
    <span
      className="timeline-scale"
      title="Solid stretches of the axis are to scale; dotted ones are stretched, so that labels have room"
    >
      <span className="timeline-scale-bar" style={{ width: length * layout.pixelsPerMillisecond }} />
      {lengthText(length)}
    </span>
  );
}

function isTimeless({ rows }: TimelineLayout): boolean {
  return rows.every(({ time }) => time === null);
}
