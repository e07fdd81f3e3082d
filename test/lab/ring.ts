/** A ring of files as `dumpcap -b` leaves it: connections that begin in one file and end in the next. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openssl } from './clients.ts';
import type { Lab } from './lab.ts';
import { chainFiles, openPostfix } from './postfix.ts';
import { said, start, stop } from './processes.ts';
import { tls } from './sessions.ts';

const SERVER = '10.99.0.50:25';
const PACKETS_PER_FILE = 28;

export async function makeRing(lab: Lab): Promise<void> {
  const postfix = await openPostfix({
    directory: join(lab.directory, 'ring'),
    namespace: lab.server,
    main: { myhostname: 'mail.fabrikam.com' },
    listeners: [
      {
        at: SERVER,
        settings: {
          smtpd_tls_security_level: 'may',
          smtpd_tls_chain_files: chainFiles('fabrikam'),
          tls_ssl_options: 'NO_TICKET',
        },
      },
    ],
  });
  try {
    const dumpcap = start('dumpcap', [
      '-q',
      '-i',
      'eth0',
      '-f',
      'tcp',
      '-b',
      `packets:${PACKETS_PER_FILE}`,
      '-w',
      join(lab.directory, 'border.pcapng'),
    ]);
    await said(dumpcap, 'File:');
    await sleep(500);
    for (let i = 0; i < 3; i++) {
      await openssl(lab.directory, SERVER, {
        serverName: 'mail.fabrikam.com',
        arguments: ['-tls1_2', '-cipher', 'ECDHE-RSA-AES256-GCM-SHA384'],
      });
      await sleep(300);
    }
    await sleep(1000);
    await stop(dumpcap, 'SIGINT');
  } finally {
    await postfix.close();
  }
  const files = readdirSync(lab.directory)
    .filter((name) => name.startsWith('border_'))
    .sort();
  const content = Object.fromEntries(
    files.map((name, i) => {
      // dumpcap puts the time into the name; here it is a fixed one.
      const number = `${i + 1}`.padStart(5, '0');
      return [`border_${number}_2026010112000${i}.pcapng`, readFileSync(join(lab.directory, name))];
    }),
  );
  if (files.length !== 3) throw new Error(`dumpcap wrote ${files.length} files, not 3`);
  const truth = tls({ server: SERVER, version: 'TLS 1.2', serverChain: 'fabrikam', serverName: 'mail.fabrikam.com' });
  lab.save({
    file: 'ring',
    content,
    format: 'pcapng',
    did: `dumpcap in a ring of files with ${PACKETS_PER_FILE} packets each: the second session begins in the first file and ends in the second, the third crosses into the third file`,
    tools: ['postfix', 'openssl s_client', 'dumpcap 4.0.17'],
    packets: null,
    sessions: [truth, truth, truth],
  });
}
