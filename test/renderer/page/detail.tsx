/**
 * The detail view alone in a page: `?session=s1&theme=dark&wireshark=1`, over the document of `starttrace analyze --json`
 * that the process behind serves as `/analysis.json`.
 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { StoreContext } from '../../../renderer/state/context.ts';
import { AppStore } from '../../../renderer/state/store.ts';
import '../../../renderer/styles/tokens.css';
import '../../../renderer/styles/base.css';
import { SessionDetailPanel } from '../../../renderer/views/detail/session-detail-panel.tsx';
import { detailHost } from '../detail-host.ts';

const query = new URLSearchParams(location.search);
document.documentElement.dataset['theme'] = query.get('theme') ?? 'light';
const analysis = await (await fetch('/analysis.json')).json();
window.detailCalls = [];
const store = new AppStore(
  detailHost(analysis, {
    wireshark: query.get('wireshark') === '1',
    onCall: (name, input) => void window.detailCalls.push({ name, input }),
  }),
);
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');
root.style.height = '100%';
createRoot(root).render(
  <StrictMode>
    <StoreContext value={store}>
      <SessionDetailPanel run="r1" session={query.get('session') ?? 's1'} />
    </StoreContext>
  </StrictMode>,
);
