/** Captures of real programs, one quirk each, named by it: starts the servers, lets each client do its part. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from './capture.ts';
import type { Lab } from './lab.ts';
import { certificateFile, chainFile, keyFile, makeOcspResponse, ROOTS } from './pki.ts';
import { openPostfix } from './postfix.ts';
import { said, start, stop } from './processes.ts';
import { ALERTS } from './quirks/alerts.ts';
import { CERTIFICATES } from './quirks/certificates.ts';
import { CONNECTIONS } from './quirks/connections.ts';
import { CONTENT } from './quirks/content.ts';
import { listeners, NAME } from './quirks/quirk.ts';
import { STARTTLS } from './quirks/starttls.ts';
import { VERSIONS } from './quirks/versions.ts';
import { type Packet, readPcap } from './rewrite.ts';
import { gzip, simplePcapng, writePcap } from './write.ts';

const QUIRKS = [...VERSIONS, ...CERTIFICATES, ...ALERTS, ...STARTTLS, ...CONTENT, ...CONNECTIONS];

export async function makeQuirks(lab: Lab): Promise<void> {
  const only = process.env['STARTTRACE_LAB_ONLY'];
  const postfix = await openPostfix({
    directory: join(lab.directory, 'quirks'),
    namespace: lab.server,
    main: {
      myhostname: NAME,
      smtpd_client_connection_count_limit: '0',
      default_process_limit: '60',
      smtpd_client_connection_rate_limit: '0',
      smtpd_tls_session_cache_database: 'btree:$data_directory/sessions',
    },
    listeners: listeners(),
  });
  const inServer = (...command: string[]) => start('ip', ['netns', 'exec', lab.server, ...command]);
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const peers = inServer(process.execPath, '--import', 'tsx', here('peers.ts'));
  const verifying = inServer(
    'python3',
    here('verifying-server.py'),
    ROOTS,
    chainFile('northwind'),
    keyFile('northwind'),
  );
  const ocsp = join(lab.directory, 'ocsp.der');
  makeOcspResponse('northwind', ocsp);
  const stapling = inServer(
    'openssl',
    's_server',
    '-accept',
    '127.0.0.1:4433',
    '-cert',
    chainFile('northwind'),
    '-cert_chain',
    certificateFile('partner-issuing'),
    '-key',
    keyFile('northwind'),
    '-status_file',
    ocsp,
    '-alpn',
    'smtp',
  );
  try {
    await said(stapling, 'ACCEPT');
    await Promise.all([said(peers, 'ready'), said(verifying, 'ready')]);
    const failures: string[] = [];
    for (const quirk of QUIRKS) {
      if (only !== undefined && !quirk.file.includes(only)) continue;
      const raw = join(lab.directory, 'quirk.pcap');
      let keyLog: string | undefined;
      await capture(raw, async () => {
        keyLog = await quirk.act(lab.directory).catch((error: unknown) => {
          failures.push(`${quirk.file}: ${error instanceof Error ? error.message : error}`);
          return undefined;
        });
      });
      const packets: Packet[] = readPcap(readFileSync(raw));
      const { act: _, ...truth } = quirk;
      lab.save({
        ...truth,
        content: quirk.file.endsWith('.pcapng')
          ? simplePcapng(packets)
          : quirk.file.endsWith('.gz')
            ? gzip(writePcap(packets))
            : writePcap(packets),
        packets: packets.length,
        ...(keyLog === undefined ? {} : { keyLog }),
      });
    }
    if (failures.length > 0) throw new Error(`captures that did not come about:\n${failures.join('\n')}`);
  } finally {
    await stop(peers);
    await stop(stapling);
    await stop(verifying);
    await postfix.close();
    lab.keepLog('quirks', postfix.log());
  }
}
