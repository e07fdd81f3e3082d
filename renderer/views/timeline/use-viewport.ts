/** Which part of a scrolled drawing is in view, in steps, so that scrolling seldom draws anew. */
import { type RefObject, useLayoutEffect, useState } from 'react';

/** In pixels. */
export const STEP = 400;

export function useViewport(scroller: RefObject<HTMLDivElement | null>) {
  const [size, setSize] = useState({ width: 0, viewHeight: 0 });
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    const measure = () => setSize({ width: view.clientWidth, viewHeight: view.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(view);
    return () => observer.disconnect();
  }, [scroller]);
  const onScroll = () => setTop(Math.floor((scroller.current?.scrollTop ?? 0) / STEP) * STEP);
  return { ...size, top, onScroll };
}
