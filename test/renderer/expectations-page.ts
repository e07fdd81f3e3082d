/** What the page of the expectations view and the tests that drive it have between them. */
import type { AppStore } from '../../renderer/state/store.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';

declare global {
  interface Window {
    /** Asks the process that drives the browser: JSON in, an `Answered` in JSON out. */
    answer(name: string, input: string): Promise<string>;
    tell(event: ApplicationEvent): void;
    expectationsStore: AppStore;
  }
}

export type Answered<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: { readonly code: string; readonly message: string } };
