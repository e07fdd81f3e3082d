/** What an operation of the host answers, asked again whenever `again` changes. */
import { useCallback, useEffect, useState } from 'react';
import { printable } from '../../shared/bytes/printable.ts';
import type { OperationInput, OperationName, OperationResult } from '../../shared/contract/operations.ts';
import { useStore } from './context.ts';

export interface Answer<T> {
  /** The last answer: it stays while the next one is awaited, so that nothing flickers. */
  readonly value: T | null;
  readonly error: string | null;
  /** Longer than a person takes for an instant. */
  readonly slow: boolean;
  readonly retry: () => void;
}

const SLOW_MILLISECONDS = 300;

/**
 * `input` null asks nothing. Text in the answer is printable: what a reader's eye or a browser would obey (control
 * codes, marks of direction) is shown as its code point.
 */
export function useOperation<N extends OperationName>(
  name: N,
  input: OperationInput<N> | null,
  again?: unknown,
): Answer<OperationResult<N>> {
  const { host } = useStore();
  const [value, setValue] = useState<OperationResult<N> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const question = input === null ? null : JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` and `attempt` ask the same question once more.
  useEffect(() => {
    if (question === null) return setValue(null);
    let current = true;
    const timer = setTimeout(() => setSlow(true), SLOW_MILLISECONDS);
    const end = () => {
      clearTimeout(timer);
      if (current) setSlow(false);
      return current;
    };
    host.call(name, JSON.parse(question)).then(
      (answer) => {
        if (!end()) return;
        setValue(printableIn(answer));
        setError(null);
      },
      (reason: unknown) => {
        if (!end()) return;
        setValue(null);
        setError(reason instanceof Error ? reason.message : String(reason));
      },
    );
    return () => {
      end();
      current = false;
    };
  }, [host, name, question, again, attempt]);
  const retry = useCallback(() => setAttempt((number) => number + 1), []);
  return { value, error, slow, retry };
}

/** Lines stay lines. */
function printableIn<T>(value: T): T;
function printableIn(value: unknown): unknown {
  if (typeof value === 'string') return value.split('\n').map(printable).join('\n');
  if (Array.isArray(value)) return value.map((one) => printableIn(one));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [printable(key), printableIn(one)]));
  }
  return value;
}
