import type { Outcome } from '../../contract/verdict.ts';
import type { Step } from './steps.ts';

/** What a connector makes of a connection. */
export interface Assessment {
  readonly steps: readonly Step[];
  /** What becomes of the mail where a step breaks. */
  readonly onBreak: Exclude<Outcome, 'deliver' | 'unknown'>;
  /** Whether the mail travels in plaintext where nothing breaks. */
  readonly plaintext: boolean;
  /** What the refusing server answers, where that is known. */
  readonly serverResponse: string | null;
}
