import { useCallback, useEffect, useRef, useState } from 'react';
import { announce } from './announce.ts';

export type CopyState = 'idle' | 'copied' | 'failed';

/** Puts text on the clipboard, and tells for a moment how that went. */
export function useCopy(): { readonly state: CopyState; readonly copy: (text: string) => void } {
  const [state, setState] = useState<CopyState>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = useCallback((text: string) => {
    const tell = (result: CopyState) => {
      clearTimeout(timer.current);
      setState(result);
      timer.current = setTimeout(() => setState('idle'), 1600);
    };
    navigator.clipboard.writeText(text).then(
      () => tell('copied'),
      () => tell('failed'),
    );
  }, []);
  return { state, copy };
}

/** As `useCopy`, for what sits in a button, where screen readers would not hear of a change. */
export function useAnnouncedCopy(): ReturnType<typeof useCopy> {
  const result = useCopy();
  const { state } = result;
  useEffect(() => {
    if (state === 'copied') announce('Copied');
    if (state === 'failed') announce(NOT_COPIED);
  }, [state]);
  return result;
}

export const NOT_COPIED = 'Not copied: the clipboard is not allowed here';
