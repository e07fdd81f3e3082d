import type { JudgedPath } from '../../../shared/contract/verdict.ts';
import type { Tone } from '../../ui/status.tsx';

/** The heading over the path. */
export const OUTCOME_OF_PATH: Readonly<Record<JudgedPath['outcome'] | 'none' | 'waiting', string>> = {
  valid: 'Verified path to a root',
  invalid: 'Path, as far as it leads',
  undetermined: 'Path, not fully checked',
  none: 'No path was verified',
  waiting: 'Path: not judged yet',
};

export const PATH_TONES: Readonly<Record<JudgedPath['outcome'], Tone>> = {
  valid: 'good',
  invalid: 'bad',
  undetermined: 'unknown',
};

export const PATH_WORDS: Readonly<Record<JudgedPath['outcome'], string>> = {
  valid: 'path valid',
  invalid: 'path not valid',
  undetermined: 'path not determined',
};
