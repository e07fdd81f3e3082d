/** What stands behind the arrows: axis, lanes, waits, encrypted stretches, folded silences. */
import { memo } from 'react';
import { lengthText } from '../../ui/time-text.ts';
import type { Geometry } from './timeline-geometry.ts';
import { ROW_HEIGHT, type TimelineGap, type TimelineLayout } from './timeline-layout.ts';

interface SceneryProps {
  readonly layout: TimelineLayout;
  readonly geometry: Geometry;
  readonly top: number;
  readonly bottom: number;
}

export const Scenery = memo(function Scenery({ layout, geometry, top, bottom }: SceneryProps) {
  const { client, server, axis } = geometry;
  const middle = (client + server) / 2;
  const near = (one: { readonly top: number; readonly bottom: number }) => one.bottom >= top && one.top <= bottom;
  const gaps = layout.gaps.filter(near);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the events' names say all of it.
    <g aria-hidden="true">
      {layout.shades.filter(near).map(({ side, top: from, bottom: to }) => (
        <rect
          key={side}
          className="timeline-shade"
          x={side === 'client' ? client : middle}
          y={from}
          width={middle - client}
          height={to - from}
        />
      ))}
      <path className="timeline-spine" d={`M${client} 0V${layout.height}M${server} 0V${layout.height}`} />
      {layout.waits.filter(near).map((wait) => (
        <rect
          key={wait.from}
          className="timeline-wait"
          x={(wait.side === 'client' ? client : server) - 3}
          y={wait.top}
          width={6}
          height={wait.bottom - wait.top}
        />
      ))}
      {gaps.map((gap) => (
        <g key={gap.top}>
          <path className="timeline-axis" data-kind={gap.kind} d={axisPath(gap, axis)} />
          <Silence gap={gap} geometry={geometry} />
        </g>
      ))}
      <path
        className="timeline-axis"
        d={layout.ticks
          .filter((y) => y >= top && y <= bottom)
          .map((y) => `M${axis - 3} ${y}h6`)
          .join('')}
      />
    </g>
  );
});

function axisPath({ top, bottom, kind }: TimelineGap, x: number): string {
  if (kind !== 'folded') return `M${x} ${top}V${bottom}`;
  const middle = silenceY(top, bottom);
  return `M${x} ${top}V${middle - 8}l-5 4 10 8 -5 4V${bottom}`;
}

/** The middle of the room that the label of the next row leaves. */
function silenceY(top: number, bottom: number): number {
  return (top + bottom - ROW_HEIGHT * 0.7) / 2;
}

function Silence({ gap, geometry }: { readonly gap: TimelineGap; readonly geometry: Geometry }) {
  const { top, bottom, kind, milliseconds, answerOf } = gap;
  const written = kind === 'folded' || (kind === 'scaled' && bottom - top > ROW_HEIGHT * 1.65);
  if (!written || milliseconds === null) return null;
  const { client, server } = geometry;
  const middle = (client + server) / 2;
  const y = silenceY(top, bottom);
  const text =
    answerOf === null
      ? `${lengthText(milliseconds)} of silence`
      : `${lengthText(milliseconds)} until the ${answerOf} answers`;
  return (
    <g className={kind === 'folded' ? 'timeline-fold' : undefined}>
      {kind === 'folded' && (
        <>
          <rect x={client - 8} y={y - 9} width={server - client + 16} height={18} />
          <path d={wave(client - 8, server + 8, y - 9)} />
          <path d={wave(client - 8, server + 8, y + 9)} />
        </>
      )}
      <text className="timeline-silence" x={middle} y={y + 4} textAnchor="middle">
        {kind === 'folded' ? `${text} (folded)` : text}
      </text>
    </g>
  );
}

function wave(from: number, to: number, y: number): string {
  const waves = Math.max(1, Math.round((to - from) / 24));
  const step = (to - from) / waves / 2;
  return `M${from} ${y}${`q${step / 2} -4 ${step} 0t${step} 0`.repeat(waves)}`;
}
