/**
 * The window over a made-up application: `npx vite test/renderer/page`, then `?sessions=100000&open=sample`.
 * `reading` in the address leaves the run half read.
 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '../../../renderer/app.tsx';
import { StoreContext } from '../../../renderer/state/context.ts';
import { AppStore } from '../../../renderer/state/store.ts';
import '../../../renderer/styles/tokens.css';
import '../../../renderer/styles/base.css';
import { FakeHost } from '../fake-host.ts';

declare global {
  interface Window {
    /** For the tests: what the window asked of the application. */
    fakeHost: FakeHost;
  }
}

const asked = new URLSearchParams(location.search);
const host = new FakeHost({
  sessions: Number(asked.get('sessions') ?? 24),
  finishes: !asked.has('reading'),
  problems: asked.getAll('problem'),
});
window.fakeHost = host;
const store = new AppStore(host);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');
createRoot(root).render(
  <StrictMode>
    <StoreContext value={store}>
      <App />
    </StoreContext>
  </StrictMode>,
);
if (asked.get('open') === 'sample') void store.openSample();
