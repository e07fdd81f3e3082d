import { useEffect, useRef } from 'react';
import { usePreferences } from '../../state/preferences.ts';
import { gradeAt, type Ticks } from './lanes.ts';
import { GRADES, type Grade } from './session-index.ts';
import { useMedia } from './use-media.ts';

/** Of a lane, in pixels, as the text beside it needs it. */
export function useLaneHeight(): number {
  const { zoom } = usePreferences();
  return Math.round((18 * zoom) / 100);
}

/** Width of a bar that stands for all sessions of its time. */
export const BAR_PIXELS = 4;

/** How much of a lane a tick takes: the height says the same as the colour. */
const HEIGHTS: Readonly<Record<Grade, number>> = { good: 0.4, unknown: 0.55, warning: 0.75, bad: 1 };

interface Picture {
  readonly ticks: Ticks;
  /** Pixels for each of the ticks: more than one, and they become bars. */
  readonly bin: number;
  readonly width: number;
  readonly lanes: number;
  readonly laneHeight: number;
}

/** All ticks in one picture: a hundred thousand sessions are no more lines than the strip is wide. */
export function OverviewTicks({ ticks, bin, width, lanes, laneHeight }: Picture) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  const height = lanes * laneHeight;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, { ticks, bin, width, lanes, laneHeight });
  }, [ticks, bin, width, lanes, laneHeight, theme]);
  return (
    <canvas ref={canvas} className="overview-ticks" role="img" aria-label={describe(ticks)} style={{ width, height }} />
  );
}

function describe({ grade, count }: Ticks): string {
  let sessions = 0;
  let failing = 0;
  for (let place = 0; place < grade.length; place++) {
    sessions += count[place];
    if (grade[place] === GRADES.indexOf('bad') + 1) failing++;
  }
  return `${sessions} sessions over time; failing ones at ${failing} places. The table holds the same.`;
}

function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const { bin, width, lanes, laneHeight } = picture;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const scale = window.devicePixelRatio;
  const height = lanes * laneHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.fillStyle = colourOf(canvas, '--line');
  for (let lane = 0; lane < lanes; lane++) context.fillRect(0, (lane + 1) * laneHeight - 1, width, 1);
  if (bin > 1) drawBars(canvas, context, picture);
  else drawTicks(canvas, context, picture);
}

/** How many sessions share each bar, and how they fare. The worst lie on top; a stem to the lane's top says that some fail. */
function drawBars(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, picture: Picture): void {
  const { ticks, bin, laneHeight } = picture;
  const room = laneHeight - 4;
  const used = new Float64Array(ticks.count.length);
  for (const [number, grade] of GRADES.entries()) {
    context.fillStyle = colourOf(canvas, `--${grade}`);
    for (let place = 0; place < ticks.count.length; place++) {
      const sessions = ticks.counts[place * GRADES.length + number];
      if (sessions === 0) continue;
      const whole = room * (0.25 + (0.6 * ticks.count[place]) / ticks.most);
      const share = Math.max((whole * sessions) / ticks.count[place], 1.5);
      const x = (place % ticks.width) * bin;
      const base = Math.floor(place / ticks.width) * laneHeight + 2 + room;
      context.fillRect(x, base - used[place] - share, bin - 1, share);
      used[place] += share;
      if (grade === 'bad') context.fillRect(x + 1, base - room, 1, room - used[place]);
    }
  }
}

/** Every session with its own mark; the worst comes last, over the others. */
function drawTicks(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, picture: Picture): void {
  const { ticks, laneHeight } = picture;
  for (const grade of GRADES) {
    context.fillStyle = colourOf(canvas, `--${grade}`);
    for (let place = 0; place < ticks.grade.length; place++) {
      if (gradeAt(ticks, place) !== grade) continue;
      drawTick(context, grade, place % ticks.width, Math.floor(place / ticks.width) * laneHeight, laneHeight);
    }
  }
}

function drawTick(context: CanvasRenderingContext2D, grade: Grade, x: number, top: number, laneHeight: number): void {
  const room = laneHeight - 4;
  const length = Math.round(room * HEIGHTS[grade]);
  const y = top + 2 + room - length;
  context.fillRect(x - 0.5, y, 2, length);
  if (grade === 'bad') diamond(context, x + 0.5, y + 3);
  else if (grade === 'warning') context.fillRect(x - 1.5, y, 4, 3);
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x, y - 3.5);
  context.lineTo(x + 3.5, y);
  context.lineTo(x, y + 3.5);
  context.lineTo(x - 3.5, y);
  context.fill();
}

/** A token as a colour that a canvas takes: `light-dark()` only comes out of a property that is a colour. */
function colourOf(canvas: HTMLCanvasElement, token: string): string {
  canvas.style.color = `var(${token})`;
  return getComputedStyle(canvas).color;
}

/** Changes whenever colours do. */
function useShownTheme(): string {
  const { theme } = usePreferences();
  const dark = useMedia('(prefers-color-scheme: dark)');
  return theme === 'system' ? `system ${dark}` : theme;
}
