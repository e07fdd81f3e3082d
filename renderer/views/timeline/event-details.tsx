/** The selected event in full, with the ways to its frame in Wireshark. */

import { useState } from 'react';
import { useStore } from '../../state/context.ts';
import type { RunState } from '../../state/store.ts';
import { useOperation } from '../../state/use-operation.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
import { axisText, lengthText } from '../../ui/time-text.ts';
import type { TimelineRow, Wait } from './timeline-layout.ts';

interface EventDetailsProps {
  readonly run: RunState;
  /** The session's own capture. */
  readonly capture: number;
  readonly row: TimelineRow | null;
  /** The latest time of the session, in milliseconds. */
  readonly end: number;
  /** The wait that this event ended. */
  readonly wait: Wait | null;
}

export function EventDetails({ run, capture, row, end, wait }: EventDetailsProps) {
  // Asked once, not with each event.
  const about = useOperation('about', {});
  if (row === null) {
    return (
      <section className="event-details" aria-label="Selected event">
        <p className="quiet">Select a message to see all of it, and its frame. Arrow keys go from one to the next.</p>
      </section>
    );
  }
  const { event } = row;
  const number = event.capture ?? capture;
  const file = run.captures.length > 1 ? run.captures[number]?.file : undefined;
  return (
    <section className="event-details" aria-label="Selected event">
      <div className="event-details-text">
        <p>
          <bdi>{event.summary}</bdi>
        </p>
        <p className="quiet">
          frame <CopyText label="Frame number" text={String(event.frame)} />
          {file !== undefined && ` of ${file.split(/[/\\]/).at(-1)}`}
          {event.at !== null && row.time !== null && (
            <>
              {' · '}
              <CopyText label="Time" text={event.at} shown={axisText(row.time, end)} />
            </>
          )}
          {wait !== null &&
            wait.milliseconds !== null &&
            ` · ${lengthText(wait.milliseconds)} after the ${wait.side} spoke`}
        </p>
      </div>
      <div className="event-details-actions">
        <CopyButton text={`frame.number == ${event.frame}`} title="Copy a Wireshark display filter for this frame">
          Copy frame filter
        </CopyButton>
        {about.value?.wireshark === true && (
          <WiresharkButton key={`${number}:${event.frame}`} run={run.run} capture={number} frame={event.frame} />
        )}
        {about.value?.wireshark === false && (
          <CopyButton text={String(event.frame)} title="In Wireshark: Go, Go to Packet">
            Copy frame number
          </CopyButton>
        )}
      </div>
    </section>
  );
}

function WiresharkButton({
  run,
  capture,
  frame,
}: {
  readonly run: string;
  readonly capture: number;
  readonly frame: number;
}) {
  const { host } = useStore();
  const [answer, setAnswer] = useState<string | null>(null);
  const open = () => {
    host.call('openInWireshark', { run, capture, frame }).then(
      ({ opened, explanation }) => setAnswer(opened ? null : explanation),
      (reason: unknown) => setAnswer(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  return (
    <>
      <Button onClick={open}>Open in Wireshark at frame {frame}</Button>
      <span role="status">{answer}</span>
    </>
  );
}
