import { openCaptures } from '../../host/pick-files.ts';
import { useAppState, useStore } from '../../state/context.ts';
import { momentText } from '../../ui/time-text.ts';
import { number } from '../sessions/session-words.ts';
import './start-view.css';
import { Button } from '../../ui/button.tsx';

/** Before anything is open: what this is, and every way to begin. */
export function StartView() {
  const store = useStore();
  const recent = useAppState((state) => state.recent);
  return (
    <div className="start">
      <div className="start-column">
        <h1>Drop a capture to see its STARTTLS handshakes</h1>
        <p className="start-purpose">
          StartTrace finds every SMTP STARTTLS session in a Wireshark capture, shows the certificates that both sides
          presented, and says which mail would not be delivered and what to change. Nothing leaves this machine.
        </p>
        <div className="start-ways">
          <Button className="start-first" onClick={() => openCaptures(store)}>
            Open captures…
          </Button>
          <Button onClick={() => void store.openSample()}>Open the sample</Button>
        </div>
        <p className="quiet">
          .pcap, .pcapng, .cap, snoop and Network Monitor files, also compressed with gzip. Several files together
          become one run, so a ring of captures is read as one.
        </p>
        <section aria-labelledby="start-recent">
          <h2 id="start-recent">Recent</h2>
          {recent.length === 0 ? (
            <p className="quiet">
              Nothing yet. The sample tells a whole story: Contoso pins mail.fabrikam.com, Fabrikam moves to Exchange
              Online Protection, and Contoso's mail stays in the queue.
            </p>
          ) : (
            <ul className="start-recent">
              {recent.map(({ file, openedAt, sessions }) => (
                <li key={file}>
                  <button type="button" title={file} onClick={() => void store.openPaths([file])}>
                    <span className="start-file">{fileName(file)}</span>
                    <span className="start-folder quiet mono">{folderOf(file)}</span>
                    <span className="start-count quiet">{sessionsWords(sessions)}</span>
                    <span className="quiet">{momentText(openedAt).slice(0, 16)}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="start-capture">
          <h2 id="start-capture">Where a capture comes from</h2>
          <p className="quiet">
            On the mail server or in front of it, with the whole packet: a short snap length cuts certificates off.
          </p>
          <p className="mono start-command">
            tcpdump -i any -s 0 -w mail.pcap 'tcp port 25 or tcp port 587 or tcp port 465'
          </p>
        </section>
      </div>
    </div>
  );
}

function sessionsWords(sessions: number): string {
  return sessions === 1 ? '1 session' : `${number(sessions)} sessions`;
}

function fileName(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}

function folderOf(file: string): string {
  return file.slice(0, -fileName(file).length);
}
