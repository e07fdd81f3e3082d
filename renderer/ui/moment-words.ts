import type { Moment } from '../../shared/contract/verdict.ts';

export const MOMENT_WORDS: Readonly<Record<Moment, string>> = {
  capture: 'at the capture',
  now: 'now',
  date: 'at the chosen date',
};
