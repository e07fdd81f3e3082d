import { useAppState } from './state/context.ts';
import { TitleBar } from './title-bar.tsx';
import { ExpectationsView } from './views/expectations/expectations-view.tsx';
import { SessionsView } from './views/sessions/sessions-view.tsx';
import { StartView } from './views/start/start-view.tsx';

/** The window: a bar that says what is open and how it is judged, and one view below it. */
export function App() {
  const view = useAppState((state) => state.view);
  return (
    <div className="app">
      <TitleBar />
      <main className="view">
        {view === 'start' && <StartView />}
        {view === 'sessions' && <SessionsView />}
        {view === 'expectations' && <ExpectationsView />}
      </main>
    </div>
  );
}
