/** What stands beside the command or the application when it was built. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Installation {
  /** Scripts of threads, the window's files, the sample: null where the build left them out. */
  readonly runWorker: URL | null;
  readonly analysisWorker: URL | null;
  readonly renderer: string | null;
  readonly sample: Sample | null;
}

export interface Sample {
  readonly capture: string;
  readonly expectations: string;
}

/** `folder` is the address of the folder that holds the build, with a slash at its end. */
export function installationAt(folder: URL): Installation {
  const there = (name: string): URL | null => {
    const address = new URL(name, folder);
    return existsSync(address) ? address : null;
  };
  const renderer = there('renderer/index.html');
  const capture = there('sample/contoso-to-fabrikam-via-eop.pcapng');
  const expectations = there('sample/expectations.yaml');
  return {
    runWorker: there('run-worker.js'),
    analysisWorker: there('analysis-worker.js'),
    renderer: renderer === null ? null : fileURLToPath(new URL('.', renderer)),
    sample:
      capture === null || expectations === null
        ? null
        : { capture: fileURLToPath(capture), expectations: fileURLToPath(expectations) },
  };
}
