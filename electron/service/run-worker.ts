/** The thread of one run: it reads the captures, keeps what it found, and answers questions about it. */
import { parentPort, workerData } from 'node:worker_threads';
import { applicationError } from './application-failure.ts';
import { RunEngine } from './run-engine.ts';
import type { RunOptions, ThreadMessage, ThreadQuestion } from './run-protocol.ts';

if (parentPort === null) throw new Error('This script runs as a worker thread.');
const port = parentPort;
const say = (message: ThreadMessage): void => port.postMessage(message);

const engine = new RunEngine(workerData as RunOptions, (report) => say({ kind: 'report', report }));

port.on('message', ({ number, name, input }: ThreadQuestion) => {
  engine.ask(name, input as never).then(
    (answer) => say({ kind: 'answer', number, answer }),
    (error) => say({ kind: 'refusal', number, error: applicationError(error) }),
  );
});
