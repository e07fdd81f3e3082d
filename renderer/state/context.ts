import { createContext, use } from 'react';
import { type AppState, type AppStore, useApp } from './store.ts';

export const StoreContext = createContext<AppStore | null>(null);

export function useStore(): AppStore {
  const store = use(StoreContext);
  if (store === null) throw new Error('No store: the component stands outside of the application.');
  return store;
}

/** `select` must give the same object for the same state. */
export function useAppState<T>(select: (state: AppState) => T): T {
  return useApp(useStore(), select);
}
