import { isMainThread, workerData } from 'node:worker_threads';
import { type AnalysisWorkerData, runAnalysisWorker } from '../worker/analysis-worker.ts';
import { runCommandLine } from './command-line.ts';

// The command is one file, so its worker threads run the same file.
if (isMainThread) await runCommandLine(new URL(import.meta.url));
else runAnalysisWorker(workerData as AnalysisWorkerData);
