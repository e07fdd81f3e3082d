import type { CheckStatus } from '../../shared/contract/verdict.ts';
import type { Tone } from './status.tsx';

export const CHECK_TONES: Readonly<Record<CheckStatus, Tone>> = {
  passed: 'good',
  failed: 'bad',
  warning: 'warning',
  unknown: 'unknown',
};

export const CHECK_WORDS: Readonly<Record<CheckStatus, string>> = {
  passed: 'met',
  failed: 'not met',
  warning: 'warning',
  unknown: 'not known',
};
