import type { ApplicationEvent, OperationInput, OperationName, OperationResult } from './operations.ts';

/**
 * What an operation came to, as it crosses into the page: an Error that crosses Electron's bridge keeps only its
 * message, so what went wrong travels as data.
 */
export type Answer<N extends OperationName> =
  | { readonly kind: 'result'; readonly result: OperationResult<N> }
  | { readonly kind: 'error'; readonly error: { readonly code: string; readonly message: string } };

/** One named function for each operation; none of them takes the name of a channel. They resolve, always. */
export type BridgeOperations = {
  readonly [N in OperationName]: (input: OperationInput<N>) => Promise<Answer<N>>;
};

/** What the preload script hands to the page as `window.starttrace`. */
export interface StartTraceBridge extends BridgeOperations {
  /** Returns what ends the subscription. */
  onEvent(listener: (event: ApplicationEvent) => void): () => void;
  /** Where files (the DOM's File) lie that were dropped or picked; empty for one that is no file of this machine. */
  pathsOf(files: readonly object[]): readonly string[];
}
