import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { rowsWithin, type TimelineLayout } from './timeline-layout.ts';

const LIMITS = [1 / 4096, 4096] as const;

/** Zooms so that the event at the pointer, or in the middle, stays where it is. */
export function useZoom(
  scroller: RefObject<HTMLDivElement | null>,
  layout: TimelineLayout,
  setZoom: (change: (zoom: number) => number) => void,
) {
  const anchor = useRef<{ readonly index: number; readonly offset: number } | null>(null);
  const latest = useRef(layout);
  latest.current = layout;
  const zoomBy = useRef((factor: number, at: number | null) => {
    const view = scroller.current;
    if (view === null) return;
    const offset = at ?? view.clientHeight / 2;
    const { rows } = latest.current;
    const { start } = rowsWithin(latest.current, 0, view.scrollTop + offset);
    const row = rows[Math.min(start, rows.length - 1)];
    if (row !== undefined) anchor.current = { index: row.index, offset: row.y - view.scrollTop };
    setZoom((zoom) => Math.min(LIMITS[1], Math.max(LIMITS[0], zoom * factor)));
  });
  useLayoutEffect(() => {
    const view = scroller.current;
    if (anchor.current === null || view === null) return;
    const row = layout.rows[anchor.current.index];
    if (row !== undefined) view.scrollTop = row.y - anchor.current.offset;
    anchor.current = null;
  }, [layout, scroller]);
  useEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    // React listens passively to the wheel, and the page would zoom.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy.current(event.deltaY < 0 ? 1.25 : 0.8, event.clientY - view.getBoundingClientRect().top);
    };
    view.addEventListener('wheel', onWheel, { passive: false });
    return () => view.removeEventListener('wheel', onWheel);
  }, [scroller]);
  return zoomBy.current;
}
