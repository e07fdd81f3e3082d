/** How an event is drawn and named. */
import type { TimelineEvent, TimelineKind } from '../../../shared/contract/analysis.ts';
import { lengthText } from '../../ui/time-text.ts';

export type Drawing =
  | 'message'
  | 'quiet'
  | 'certificate'
  | 'encrypted'
  | 'band'
  | 'warning'
  | 'bad'
  | 'lost'
  | 'repeated'
  | 'reset';

interface EventWords {
  readonly drawing: Drawing;
  /** What stands in bold: the verb, the reply code, the message's name. */
  readonly head: string;
  readonly rest: string;
}

const KIND_WORDS: Readonly<Record<TimelineKind, string>> = {
  'tcp-open': 'TCP connection opened',
  'tcp-close': 'TCP connection closed',
  'tcp-reset': 'TCP connection reset',
  'tcp-retransmission': 'TCP retransmission',
  'tcp-gap': 'packets missing from the capture',
  'tcp-conflict': 'conflicting TCP segments',
  'proxy-header': 'PROXY protocol header',
  'smtp-reply': 'SMTP reply',
  'smtp-command': 'SMTP command',
  'smtp-content': 'message content',
  'smtp-injection': 'plaintext where none may be',
  'tls-start': 'switch to TLS',
  'tls-handshake': 'TLS handshake message',
  'tls-certificate': 'TLS Certificate message',
  'tls-change-cipher-spec': 'TLS ChangeCipherSpec',
  'tls-alert': 'TLS alert',
  'tls-encrypted': 'encrypted TLS handshake',
  'tls-data': 'encrypted application data',
  'tls-damage': 'damaged or missing TLS data',
};

export function wordsOf({ kind, summary }: TimelineEvent, version: string | null): EventWords {
  switch (kind) {
    case 'smtp-reply':
      return { drawing: replyDrawing(summary), ...splitAt(summary, /^\d{3}/) };
    case 'smtp-command':
      return { drawing: 'message', ...splitAt(summary, /^(?:MAIL FROM|RCPT TO|X-ANONYMOUSTLS|[A-Z]+)/i) };
    case 'smtp-content':
      return { drawing: 'quiet', head: '', rest: summary };
    case 'smtp-injection':
      return { drawing: 'bad', head: 'Injection', rest: summary };
    case 'tls-start':
      return { drawing: 'band', head: `${version ?? 'TLS'} begins`, rest: '' };
    case 'tls-handshake':
      return { drawing: 'message', ...splitAt(summary, /^[A-Za-z]+/) };
    case 'tls-certificate':
      return { drawing: certificateDrawing(summary), ...splitAt(summary, /^Certificate(?: ×\d+)?/) };
    case 'tls-change-cipher-spec':
      // In TLS 1.3 it means nothing, and is there for middleboxes: RFC 8446 section D.4.
      return {
        drawing: 'quiet',
        head: summary,
        rest: version === 'TLS 1.3' ? 'for middleboxes' : 'encrypted from here on',
      };
    case 'tls-alert':
      return { drawing: alertDrawing(summary), ...splitAt(summary, /^Alert/) };
    case 'tls-encrypted':
    case 'tls-data':
      return { drawing: 'encrypted', head: '', rest: summary };
    case 'tls-damage':
      return { drawing: 'lost', head: 'Damage', rest: summary };
    case 'proxy-header':
      return { drawing: 'message', ...splitAt(summary, /^PROXY protocol \d/) };
    case 'tcp-open':
    case 'tcp-close':
      return { drawing: 'quiet', head: '', rest: summary };
    case 'tcp-reset':
      return { drawing: 'reset', head: 'Reset', rest: summary.replace(/^resets the connection /, '') };
    case 'tcp-retransmission':
      return { drawing: 'repeated', head: 'Retransmission', rest: summary };
    case 'tcp-gap':
      return { drawing: 'lost', head: 'Gap', rest: summary.replace(/^gap: /, '') };
    case 'tcp-conflict':
      return { drawing: 'warning', head: 'Conflict', rest: summary };
  }
}

/** RFC 5321 section 4.2.1: the first digit says whether the server agrees. */
function replyDrawing(summary: string): Drawing {
  if (summary.startsWith('5')) return 'bad';
  return summary.startsWith('4') ? 'warning' : 'message';
}

/** A message that arrived in part still shows certificates; one of which nothing was captured does not. */
function certificateDrawing(summary: string): Drawing {
  return /^Certificate(?: ×\d+)?: \d+ not captured$/.test(summary) ? 'lost' : 'certificate';
}

function alertDrawing(summary: string): Drawing {
  return /close_notify|encrypted/.test(summary) ? 'quiet' : 'bad';
}

function splitAt(summary: string, pattern: RegExp): { head: string; rest: string } {
  const head = pattern.exec(summary)?.[0] ?? '';
  return { head, rest: summary.slice(head.length).replace(/^: ?/, '').trimStart() };
}

/** The event in one sentence, as a screen reader says it. */
export function spokenName(event: TimelineEvent, time: number | null, answeredAfter: number | null): string {
  const parts = [
    event.from,
    KIND_WORDS[event.kind],
    event.summary,
    `frame ${event.frame}`,
    ...(time === null ? [] : [`at ${lengthText(time)}`]),
    ...(answeredAfter === null ? [] : [`after a wait of ${lengthText(answeredAfter)}`]),
  ];
  return parts.join(', ');
}
