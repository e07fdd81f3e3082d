/**
 * The expectations view alone in a page. What it asks is answered by the process that drives the browser, which has the
 * application's own functions: see ../expectations/answers.ts.
 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type Host, HostError } from '../../../renderer/host/host.ts';
import { StoreContext, useAppState } from '../../../renderer/state/context.ts';
import { AppStore } from '../../../renderer/state/store.ts';
import { ExpectationsView } from '../../../renderer/views/expectations/expectations-view.tsx';
import type { OperationResult } from '../../../shared/contract/operations.ts';
import type { Answered } from '../expectations-page.ts';
import '../../../renderer/styles/tokens.css';
import '../../../renderer/styles/base.css';
import '../../../renderer/styles/window.css';

const query = new URLSearchParams(location.search);
document.documentElement.dataset['theme'] = query.get('theme') ?? 'light';

const host: Host = {
  kind: query.get('host') === 'electron' ? 'electron' : 'browser',
  call: async (name, input) => {
    const answer: Answered<OperationResult<typeof name>> = JSON.parse(await window.answer(name, JSON.stringify(input)));
    if (answer.kind === 'error') throw new HostError(answer.error);
    return answer.value;
  },
  subscribe: (listener) => {
    window.tell = listener;
    return () => undefined;
  },
  openFiles: async () => 'r1',
};

const store = new AppStore(host);
window.expectationsStore = store;
store.show('expectations');

function Page() {
  const view = useAppState((state) => state.view);
  return (
    <div className="app">
      <header className="title-bar">StartTrace</header>
      <main className="view">{view === 'expectations' ? <ExpectationsView /> : <p>The view of {view}</p>}</main>
    </div>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');
createRoot(root).render(
  <StrictMode>
    <StoreContext value={store}>
      <Page />
    </StoreContext>
  </StrictMode>,
);
