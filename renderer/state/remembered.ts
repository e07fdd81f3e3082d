/** Small things that outlive the window, where the browser lets them: sizes, columns, the theme. */

/** What was kept under `name`, when `accept` takes it. */
export function remembered<T>(name: string, accept: (value: unknown) => value is T): T | null {
  try {
    const text = localStorage.getItem(`starttrace.${name}`);
    const value: unknown = text === null ? null : JSON.parse(text);
    return accept(value) ? value : null;
  } catch {
    // Storage may be denied, or hold what another version wrote: the default does.
    return null;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`starttrace.${name}`, JSON.stringify(value));
  } catch {
    // Storage may be denied or full; nothing depends on it.
  }
}

export function isRecordOf<T>(value: unknown, accept: (value: unknown) => value is T): value is Record<string, T> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(accept);
}

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
