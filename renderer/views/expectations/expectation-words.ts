/** What connectors are called in front of people. */
import type { Side } from '../../../shared/contract/analysis.ts';
import type { WhatIf, WhatIfPartner } from '../../../shared/contract/what-if.ts';
import type { Tone } from '../../ui/status.tsx';

const KINDS: Readonly<Record<string, string>> = {
  'exchange-online-outbound': 'Exchange Online sends',
  'exchange-online-inbound': 'Exchange Online receives',
  'exchange-server-send': 'Exchange Server sends',
  'exchange-server-receive': 'Exchange Server receives',
  pinned: 'Pinned certificate',
  opportunistic: 'TLS where offered',
};

export function kindWords(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** What a connector demands, without its kind in front. */
export function demandWords(kind: string, demands: string): string {
  const words = demands.startsWith(kind) ? demands.slice(kind.length).replace(/^[,:]\s*/, '') : demands;
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function sideWords(side: Side): string {
  return side === 'server' ? "judges the server's certificate" : "judges the client's certificate";
}

export const EFFECT_TONES: Readonly<Record<WhatIfPartner['effect'], Tone>> = {
  breaks: 'bad',
  uncertain: 'unknown',
  none: 'good',
};

export const EFFECT_WORDS: Readonly<Record<WhatIfPartner['effect'], string>> = {
  breaks: 'breaks',
  uncertain: 'cannot be told',
  none: 'goes on',
};

/** What the move comes to: `2 of 5 connectors break; for 1 it cannot be told.` */
export function effectSentence(partners: WhatIf['partners']): string {
  const count = (effect: WhatIfPartner['effect']) => partners.filter((one) => one.effect === effect).length;
  const [breaks, uncertain] = [count('breaks'), count('uncertain')];
  const total = `${partners.length} ${partners.length === 1 ? 'connector' : 'connectors'}`;
  const doubt = uncertain === 0 ? '' : `; for ${uncertain} it cannot be told`;
  if (breaks > 0) return `${breaks} of ${total} ${breaks === 1 ? 'breaks' : 'break'}${doubt}.`;
  if (uncertain > 0) return `Nothing breaks for certain; for ${uncertain} of ${total} it cannot be told.`;
  return partners.length === 1 ? 'The connector goes on as before.' : `All ${total} go on as before.`;
}

/** Those that break first, then what cannot be told; else in the order of the file. */
export function worstFirst(partners: WhatIf['partners']): WhatIf['partners'] {
  const order: readonly WhatIfPartner['effect'][] = ['breaks', 'uncertain', 'none'];
  return [...partners].sort((left, right) => order.indexOf(left.effect) - order.indexOf(right.effect));
}

export function roleWords({ direction, domain }: WhatIfPartner): string {
  const whom = domain ?? 'the domain';
  return direction === 'inbound' ? `sends to ${whom}` : `receives from ${whom}`;
}
