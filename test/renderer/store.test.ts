import { describe, expect, it } from 'vitest';
import { type Host, HostError } from '../../renderer/host/host.ts';
import { AppStore } from '../../renderer/state/store.ts';
import type {
  ApplicationEvent,
  JudgeQuestionInput,
  OperationInput,
  OperationName,
  OperationResult,
} from '../../shared/contract/operations.ts';
import { sessionRows } from './rows.ts';

const SAMPLE: JudgeQuestionInput = {
  trust: null,
  expectations: { name: 'sample.yaml', text: 'partners: [sample]' },
  at: null,
};

/** A host that opens runs r1, r2, …, answers nothing else, and says what the test tells it to. */
class QuietHost implements Host {
  readonly kind = 'browser';
  readonly judged: JudgeQuestionInput[] = [];
  #tell: (event: ApplicationEvent) => void = () => {};
  #runs = 0;

  async call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResult<N>> {
    return this.#answer(name, input) as OperationResult<N>;
  }

  #answer(name: OperationName, input: unknown): unknown {
    switch (name) {
      case 'openCaptures':
        return { run: this.#next() };
      case 'openSample':
        return { run: this.#next(), question: SAMPLE };
      case 'closeRun':
        return null;
      case 'recentFiles':
        return [];
      case 'judge':
        this.judged.push((input as OperationInput<'judge'>).question);
        throw new HostError({ code: 'not-here', message: 'Nothing is judged here.' });
      default:
        throw new Error(`${name} was not expected.`);
    }
  }

  subscribe(listener: (event: ApplicationEvent) => void): () => void {
    this.#tell = listener;
    return () => undefined;
  }

  async openFiles(): Promise<string> {
    return this.#next();
  }

  tell(event: ApplicationEvent): void {
    this.#tell(event);
  }

  #next(): string {
    this.#runs += 1;
    return `r${this.#runs}`;
  }
}

const rows = sessionRows(3);
const finished = (run: string): ApplicationEvent => {
  return { kind: 'run-finished', run, captures: [], sessions: rows.length, errors: [], skipped: [] };
};

function opened() {
  const host = new QuietHost();
  return { host, store: new AppStore(host) };
}

describe('a run that is closed', () => {
  it('stays closed when events of it come late', async () => {
    const { host, store } = opened();
    await store.openPaths(['a.pcap']);
    await store.close('r1');
    host.tell({ kind: 'run-rows', run: 'r1', from: 0, rows });
    host.tell(finished('r1'));
    host.tell({ kind: 'run-cancelled', run: 'r1' });
    expect(store.state.runs).toEqual([]);
    expect(store.state.view).toBe('start');
  });

  it('stays closed when events of it come before the answer to closing it', async () => {
    const { host, store } = opened();
    await store.openPaths(['a.pcap']);
    const closing = store.close('r1');
    host.tell(finished('r1'));
    await closing;
    expect(store.state.runs).toEqual([]);
    expect(host.judged).toEqual([]);
  });

  it('takes no other one’s selected session with it', async () => {
    const { store } = opened();
    await store.openPaths(['a.pcap']);
    await store.openPaths(['b.pcap']);
    store.select('s2');
    await store.close('r1');
    expect(store.state).toMatchObject({ active: 'r2', session: 's2' });
    await store.openPaths(['c.pcap']);
    store.select('s1');
    await store.close('r3');
    expect(store.state).toMatchObject({ active: 'r2', session: null });
  });
});

describe('all told anew after a lost connection', () => {
  const tellAll = (host: QuietHost, question?: JudgeQuestionInput) => {
    host.tell({ kind: 'run-opened', run: 'r1', names: ['/a.pcap'], ...(question === undefined ? {} : { question }) });
    host.tell({ kind: 'run-rows', run: 'r1', from: 0, rows });
    host.tell(finished('r1'));
  };

  it('leaves what the run is judged by', async () => {
    const { host, store } = opened();
    await store.openPaths(['/a.pcap']);
    host.tell(finished('r1'));
    await store.judge('r1', { trust: 'windows', at: 'now' });
    tellAll(host);
    expect(store.run('r1')?.question).toEqual({ trust: 'windows', expectations: null, at: 'now' });
    expect(host.judged.at(-1)).toEqual({ trust: 'windows', expectations: null, at: 'now' });
  });

  it('leaves the view, the run in front and the selected session', async () => {
    const { host, store } = opened();
    await store.openPaths(['/a.pcap']);
    await store.openPaths(['/b.pcap']);
    store.select('s3');
    store.show('expectations');
    tellAll(host);
    expect(store.state).toMatchObject({ view: 'expectations', active: 'r2', session: 's3' });
    expect(store.run('r1')?.rows).toEqual(rows);
  });

  it('leaves what stands in the editor', async () => {
    const { host, store } = opened();
    await store.openSample();
    store.editExpectations({ text: 'mine', saved: false });
    tellAll(host, SAMPLE);
    expect(store.state.expectations).toMatchObject({ text: 'mine', saved: false });
  });

  it('tells a page that was loaded anew what the run is judged by', () => {
    const { host, store } = opened();
    tellAll(host, SAMPLE);
    expect(store.run('r1')?.question).toEqual(SAMPLE);
    expect(store.state).toMatchObject({ active: 'r1', view: 'sessions', expectations: { saved: true } });
  });
});

describe('the editor', () => {
  it('keeps what was not saved when the sample is opened', async () => {
    const { store } = opened();
    store.editExpectations({ file: '/mine.yaml', text: 'mine', saved: false });
    await store.openSample();
    expect(store.state.expectations).toEqual({ file: '/mine.yaml', text: 'mine', saved: false });
    expect(store.run('r1')?.question).toEqual(SAMPLE);
  });
});

describe('a run whose first events come before its name', () => {
  it('is named and judged by what it came with', async () => {
    const { host, store } = opened();
    host.tell(finished('r1'));
    await store.openSample();
    await Promise.resolve();
    expect(store.state.runs).toMatchObject([{ title: 'Sample: Contoso to Fabrikam', question: SAMPLE }]);
    expect(host.judged.at(-1)).toEqual(SAMPLE);
  });
});
