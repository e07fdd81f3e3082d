/** Opening and saving the expectation file: by the host's dialogs, or by the page's own means where it has none. */
import type { AppState, AppStore } from '../../state/store.ts';
import { activeRun } from '../../state/store.ts';
import { download } from '../../ui/download.ts';

const DEFAULT_NAME = 'expectations.yaml';

/**
 * The name that the text goes by towards the application, which looks for trust policies beside it: the file, or that
 * of the run's own expectations (the sample has some without being a file of the person's).
 */
export function documentName(state: AppState): string {
  return state.expectations?.file ?? activeRun(state)?.question.expectations?.name ?? DEFAULT_NAME;
}

/** Resolves when the editor has the text, or the person has chosen nothing. */
export async function openExpectations(store: AppStore): Promise<void> {
  if (store.host.kind === 'electron') {
    const opened = await store.host.call('openExpectations', { file: null });
    if (opened !== null) store.editExpectations({ ...opened, saved: true });
    return;
  }
  const file = await pickedFile();
  if (file === null) return;
  // A page learns no path: what it saves again is a download.
  store.editExpectations({ file: null, text: await file.text(), saved: true });
}

/** With `anew` under another name. Resolves to what to tell the person, or null when nothing was saved. */
export async function saveExpectations(store: AppStore, anew: boolean): Promise<string | null> {
  const { expectations } = store.state;
  if (expectations === null) return null;
  const { text } = expectations;
  const file = anew ? null : expectations.file;
  if (file === null && store.host.kind === 'browser') {
    const name = baseName(expectations.file ?? DEFAULT_NAME);
    download(name, base64(text));
    markSaved(store, text, {});
    return `${name} was handed to the browser as a download.`;
  }
  const saved = await store.host.call('saveExpectations', { file, text });
  if (saved === null) return null;
  markSaved(store, text, saved);
  return `Saved as ${saved.file}.`;
}

export function baseName(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}

/** What was typed while the file was written is not saved. */
function markSaved(store: AppStore, text: string, change: { readonly file?: string }): void {
  store.editExpectations({ ...change, saved: store.state.expectations?.text === text });
}

function pickedFile(): Promise<File | null> {
  return new Promise((resolve) => {
    const field = document.createElement('input');
    field.type = 'file';
    field.accept = '.yaml,.yml,.json';
    field.addEventListener('change', () => resolve(field.files?.[0] ?? null));
    field.addEventListener('cancel', () => resolve(null));
    field.click();
  });
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
