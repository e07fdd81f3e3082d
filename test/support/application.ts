/** An application for tests: its own data folder, the sample from the sources, events that can be waited for. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Application } from '../../electron/service/application.ts';
import { type HostServices, NO_DIALOGS } from '../../electron/service/host-services.ts';
import type { Installation } from '../../electron/service/installation.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';
import { ROOT, STORY } from './command.ts';

export const EXPECTATIONS = join(ROOT, 'examples/story/expectations.yaml');

/** `thread`: with the thread's script of the build, which must be there. */
export function installation(where: 'here' | 'thread'): Installation {
  return {
    runWorker: where === 'thread' ? pathToFileURL(join(ROOT, 'dist/run-worker.js')) : null,
    analysisWorker: null,
    renderer: null,
    sample: { capture: STORY, expectations: EXPECTATIONS },
  };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'starttrace-test-'));
}

export class TestApplication {
  readonly application: Application;
  readonly dataFolder: string;
  readonly events: EventRecord;

  constructor(where: 'here' | 'thread', host: HostServices = NO_DIALOGS, dataFolder: string = temporaryFolder()) {
    this.dataFolder = dataFolder;
    this.application = new Application({ dataFolder, version: '0.0.0', installation: installation(where), host });
    this.events = new EventRecord((listener) => this.application.subscribe(listener));
  }
}

/** Remembers every event, and lets a test wait for one that came already or comes later. */
export class EventRecord {
  readonly all: ApplicationEvent[] = [];
  #waiting: (() => void)[] = [];

  constructor(subscribe: (listener: (event: ApplicationEvent) => void) => unknown) {
    subscribe((event) => {
      this.all.push(event);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const look of waiting) look();
    });
  }

  async of<K extends ApplicationEvent['kind']>(kind: K, run: string): Promise<Extract<ApplicationEvent, { kind: K }>> {
    for (;;) {
      const found = this.all.find((event) => event.kind === kind && event.run === run);
      if (found) return found as Extract<ApplicationEvent, { kind: K }>;
      await new Promise<void>((fulfil) => this.#waiting.push(fulfil));
    }
  }

  /** The rows that the events brought, in their places. */
  rows(run: string) {
    const rows: Extract<ApplicationEvent, { kind: 'run-rows' }>['rows'][number][] = [];
    for (const event of this.all) {
      if (event.kind === 'run-rows' && event.run === run) rows.splice(event.from, event.rows.length, ...event.rows);
    }
    return rows;
  }
}
