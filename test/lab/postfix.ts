/** Real Postfix instances: one configuration directory and queue each, many addresses in one master.cf. */
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chainFile, keyFile } from './pki.ts';
import { attempt, must, type Outcome, run, start, stop } from './processes.ts';

export interface Listener {
  /** `10.99.0.10:25` */
  readonly at: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface PostfixOptions {
  readonly directory: string;
  /** Network namespace, when it is not the one this process is in. */
  readonly namespace?: string;
  readonly main: Readonly<Record<string, string>>;
  readonly listeners: readonly Listener[];
  /** Lookup tables (`texthash`) beside main.cf, by name. */
  readonly tables?: Readonly<Record<string, string>>;
  /** What the instance believes the time to be: added to the machine's, in seconds. */
  readonly timeShift?: number;
}

export interface Postfix {
  readonly send: (from: string, to: string, text: string) => Promise<void>;
  readonly flush: () => Promise<void>;
  /** Waits until the log holds `text` for the `count`th time. */
  readonly logged: (text: string, count?: number) => Promise<void>;
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

/** `smtpd_tls_chain_files` or `smtp_tls_chain_files` for a chain of the lab. */
export const chainFiles = (chain: string) => `${keyFile(chain)},${chainFile(chain)}`;

/** Where mail to send is put in; on the loopback, and so never in a capture. */
const SUBMISSION = '127.0.0.1:10587';

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

const SERVICES = `
pickup    unix  n - n 1 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`;

export async function openPostfix(options: PostfixOptions): Promise<Postfix> {
  const { directory } = options;
  const configuration = join(directory, 'etc');
  const logFile = join(directory, 'log');
  for (const part of ['', 'etc', 'queue', 'data']) mkdirSync(join(directory, part), { recursive: true, mode: 0o755 });
  chownSync(join(directory, 'data'), Number(must('id', ['-u', 'postfix'])), Number(must('id', ['-g', 'postfix'])));
  const main: Record<string, string> = {
    compatibility_level: '3.7',
    queue_directory: join(directory, 'queue'),
    data_directory: join(directory, 'data'),
    maillog_file: logFile,
    maillog_file_prefixes: '/var, /tmp',
    inet_interfaces: 'all',
    inet_protocols: 'all',
    mydestination: '',
    mynetworks: '10.99.0.0/24, [fd99::]/64, 127.0.0.0/8',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_peername_lookup: 'no',
    default_transport: 'discard:',
    relay_transport: 'discard:',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    disable_dns_lookups: 'yes',
    smtp_tls_loglevel: '1',
    smtpd_tls_loglevel: '1',
    smtputf8_enable: 'no',
    minimal_backoff_time: '10000s',
    maximal_backoff_time: '10000s',
    queue_run_delay: '10000s',
    import_environment:
      'MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD FAKETIME FAKE_UTIME POSTLOG_SERVICE POSTLOG_HOSTNAME',
    export_environment: 'TZ LANG LD_PRELOAD FAKETIME FAKE_UTIME',
    ...options.main,
  };
  writeFileSync(
    join(configuration, 'main.cf'),
    Object.entries(main)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join(''),
  );
  writeFileSync(
    join(configuration, 'master.cf'),
    [...options.listeners, { at: SUBMISSION, settings: {} }]
      .map(
        ({ at, settings }) =>
          `${at} inet n - n - - smtpd${Object.entries(settings)
            .map(([key, value]) => `\n  -o {${key}=${value}}`)
            .join('')}\n`,
      )
      .join('') + SERVICES,
  );
  for (const [name, text] of Object.entries(options.tables ?? {})) writeFileSync(join(configuration, name), text);

  const inside = (command: string, args: readonly string[]): [string, string[]] =>
    options.namespace === undefined
      ? [command, [...args]]
      : ['ip', ['netns', 'exec', options.namespace, command, ...args]];
  const environment: Record<string, string> =
    options.timeShift === undefined
      ? {}
      : { LD_PRELOAD: FAKETIME, FAKETIME: `${options.timeShift < 0 ? '' : '+'}${options.timeShift}`, FAKE_UTIME: '1' };
  const command = async (name: string, args: readonly string[], input = ''): Promise<Outcome> => {
    const outcome = await run(...inside(name, args), { environment, input });
    if (outcome.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${outcome.stderr}${outcome.stdout}`);
    return outcome;
  };
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'latin1') : '');
  const logged = async (text: string, count = 1) => {
    for (let tries = 0; tries < 300; tries++) {
      if (log().split(text).length > count) return;
      await sleep(100);
    }
    throw new Error(
      `Postfix never logged "${text}" ${count} times. Its log ends:\n${log().split('\n').slice(-25).join('\n')}`,
    );
  };
  const master: ChildProcess = start(...inside('postfix', ['-c', configuration, 'start-fg']), {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  });
  await logged('daemon started');
  return {
    log,
    logged,
    send: async (from, to, text) => {
      // Not with sendmail: its postdrop is set-group-id and would use the machine's own Postfix queue.
      const file = join(directory, 'message');
      writeFileSync(file, text.replaceAll('\n', '\r\n'));
      await command('swaks', [
        '--server',
        SUBMISSION,
        '--ehlo',
        'localhost',
        '-f',
        from,
        '-t',
        to,
        '--data',
        `@${file}`,
      ]);
    },
    flush: async () => {
      await command('postqueue', ['-c', configuration, '-f']);
    },
    close: async () => {
      attempt(...inside('postfix', ['-c', configuration, 'stop']), { environment });
      await stop(master);
    },
  };
}
