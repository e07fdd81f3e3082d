/** A status is a word and a shape, then a colour. */
import type { Outcome } from '../../shared/contract/verdict.ts';
import './status.css';

export type Tone = 'good' | 'bad' | 'warning' | 'unknown';

const SHAPES: Readonly<Record<Tone, string>> = { good: '✓', bad: '⊘', warning: '!', unknown: '?' };

export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className="status" data-tone={tone}>
      <span className="status-shape" aria-hidden="true">
        {SHAPES[tone]}
      </span>
      {children}
    </span>
  );
}

export const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = {
  deliver: 'good',
  'deliver-in-plaintext': 'warning',
  defer: 'bad',
  reject: 'bad',
  unknown: 'unknown',
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  deliver: 'delivers',
  'deliver-in-plaintext': 'in plaintext',
  defer: 'deferred',
  reject: 'rejected',
  unknown: 'unknown',
};
