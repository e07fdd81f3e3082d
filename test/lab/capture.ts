/** Capturing on the client's interface while something happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { said, start, stop } from './processes.ts';

/** Writes what crosses the client's interface during `action` to `file` (pcap, nanoseconds). */
export async function capture(file: string, action: () => Promise<void>, filter = 'tcp'): Promise<void> {
  const tcpdump = start('tcpdump', [
    '--immediate-mode',
    '-U',
    '-n',
    '-Z',
    'root',
    '--time-stamp-precision=nano',
    '-i',
    'eth0',
    '-w',
    file,
    filter,
  ]);
  await said(tcpdump, 'listening on');
  try {
    await action();
    await sleep(250);
  } finally {
    await stop(tcpdump, 'SIGINT');
  }
}
