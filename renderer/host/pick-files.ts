import type { AppStore } from '../state/store.ts';

/** Asks for captures: with the host's dialog, or with the page's own where the host is a browser. */
export function openCaptures(store: AppStore): void {
  if (store.host.kind === 'electron') {
    void store.choose();
    return;
  }
  const field = document.createElement('input');
  field.type = 'file';
  field.multiple = true;
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    if (files.length > 0) void store.openFiles(files);
  });
  field.click();
}
