import type {
  ApplicationError,
  ApplicationEvent,
  OperationInput,
  OperationName,
  OperationResult,
} from '../../shared/contract/operations.ts';

/** The application on the other side of the window: Electron's preload or the loopback host. */
export interface Host {
  readonly kind: 'electron' | 'browser';
  /** Rejects with a HostError. */
  call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResult<N>>;
  /** Returns what ends the subscription. */
  subscribe(listener: (event: ApplicationEvent) => void): () => void;
  /** Opens files that were dropped or picked, as one run; resolves to its id. Large files are handed over in a stream. */
  openFiles(files: readonly File[]): Promise<string>;
}

/** An operation that could not be done: what, where, and the next step. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: string;

  constructor({ code, message }: ApplicationError) {
    super(message);
    this.code = code;
  }
}
