/** The time between two ISO times, in words; nothing where one is not known. */
export function sinceText(start: string | null, at: string | null): string {
  return start === null || at === null ? '' : milliseconds(microseconds(at, start) / 1000);
}

/** Date.parse stops at milliseconds; the difference of two times of one session does not have to. */
function microseconds(later: string, earlier: string): number {
  const fraction = (time: string) => Number((/\.(\d+)Z$/.exec(time)?.[1] ?? '').padEnd(6, '0').slice(0, 6));
  const second = (time: string) => Date.parse(time.replace(/\.\d+Z$/, 'Z'));
  return (second(later) - second(earlier)) * 1000 + fraction(later) - fraction(earlier);
}

function milliseconds(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return `${value.toFixed(size < 1000 ? 1 : 0)} ms`;
  return size < 600_000 ? `${(value / 1000).toFixed(1)} s` : `${(value / 60_000).toFixed(1)} min`;
}
