import type { Session, TimelineEvent } from '../../shared/contract/analysis.ts';
import { type DetailContext, fileName, hanging, plain, shown } from './detail-text.ts';
import { sinceText } from './elapsed.ts';
import type { Style } from './style.ts';

/** The events of a session, each with its time since the start, its frame and who it came from. */
export function timelineLines({ timeline, startedAt, capture }: Session, context: DetailContext): string[] {
  const { analysis, style } = context;
  const frameColumns = Math.max(5, ...timeline.map(({ frame }) => String(frame).length));
  const indent = ' '.repeat(4 + 10 + 2 + frameColumns + 2 + 8 + 2);
  let file = capture;
  return timeline.flatMap((event) => {
    const arrow = event.from === 'client' ? 'client ─▶' : '◀─ server';
    const at = sinceText(startedAt, event.at).padStart(10);
    const first = `    ${at}  ${style.dim(String(event.frame).padStart(frameColumns))}  ${arrow}  `;
    const lines = hanging(first, indent, shown(event.summary), context, paintFor(event, style));
    const eventFile = event.capture ?? capture;
    if (eventFile === file) return lines;
    file = eventFile;
    return [`    ${style.dim(`frames of ${fileName(analysis.captures[file].file)}:`)}`, ...lines];
  });
}

function paintFor({ kind }: TimelineEvent, style: Style): (text: string) => string {
  switch (kind) {
    case 'tls-alert':
    case 'tcp-reset':
    case 'smtp-injection':
    case 'tls-damage':
    case 'tcp-conflict':
      return style.bad;
    case 'tcp-gap':
    case 'tcp-retransmission':
      return style.warning;
    case 'tls-start':
    case 'tls-certificate':
      return style.accent;
    case 'tcp-open':
    case 'tcp-close':
    case 'proxy-header':
    case 'smtp-reply':
    case 'smtp-command':
    case 'smtp-content':
    case 'tls-handshake':
    case 'tls-change-cipher-spec':
    case 'tls-encrypted':
    case 'tls-data':
      return plain;
  }
}
