/** What the hosts of a window differ in. */
export interface HostServices {
  readonly kind: 'electron' | 'browser';
  /** Asks for captures; null: the person changed their mind, or the host has no dialog. */
  chooseCaptures(): Promise<readonly string[] | null>;
  /** Asks for an expectation file, likewise. */
  chooseExpectations(): Promise<string | null>;
  /** Asks where to save an expectation file, likewise. */
  chooseSaveFile(suggestion: string): Promise<string | null>;
}

/** A host without dialogs: the page has file fields, and downloads what it saves. */
export const NO_DIALOGS: HostServices = {
  kind: 'browser',
  chooseCaptures: async () => null,
  chooseExpectations: async () => null,
  chooseSaveFile: async () => null,
};
