import type { Session } from '../../../shared/contract/analysis.ts';

/**
 * The event to show for a frame of a capture: of several the one that stands for a message rather than the switch to
 * TLS, else the last one before it. Null when the session has no event.
 */
export function eventAtFrame({ timeline, capture: own }: Session, frame: number, capture: number): number | null {
  let nearest: number | null = null;
  for (const [index, event] of timeline.entries()) {
    if ((event.capture ?? own) !== capture) continue;
    if (event.frame === frame && event.kind !== 'tls-start') return index;
    if (event.frame <= frame) nearest = index;
  }
  return nearest ?? (timeline.length > 0 ? 0 : null);
}
