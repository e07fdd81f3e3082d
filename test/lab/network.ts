/**
 * Two hosts of the lab: network namespaces joined by a veth pair, without any link to the machine's own network.
 * The client's has 10.99.0.1–9 and fd99::1, the server's 10.99.0.10–99 and fd99::10–19, so that each kind of server
 * can have port 25 of an address of its own.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, must } from './processes.ts';

export interface Network {
  readonly client: string;
  readonly server: string;
}

/** Names that programs in the namespaces can look up. */
const HOSTS: Readonly<Record<string, string>> = {
  'mail.contoso.com': '10.99.0.1',
  'fabrikam-com.mail.protection.outlook.com': '10.99.0.10',
  'mail.northwind.example': '10.99.0.20',
  'mail.tailspintoys.example': '10.99.0.21',
  'mail.woodgrovebank.example': '10.99.0.22',
  'mx.adventure-works.example': '10.99.0.23',
  'mail.lucernepublishing.example': '10.99.0.24',
  'mx.fourthcoffee.example': '10.99.0.25',
  'exchange.proseware.example': '10.99.0.26',
};

export function openNetwork(): Network {
  const network = { client: `starttrace-c${process.pid}`, server: `starttrace-s${process.pid}` };
  const hosts = Object.entries(HOSTS).map(([name, address]) => `${address} ${name}`);
  for (const name of [network.client, network.server]) {
    mkdirSync(join('/etc/netns', name), { recursive: true });
    writeFileSync(join('/etc/netns', name, 'hosts'), `127.0.0.1 localhost\n${hosts.join('\n')}\n`);
    writeFileSync(join('/etc/netns', name, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    must('ip', ['netns', 'add', name]);
    must('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  }
  must('ip', [
    'link',
    'add',
    'eth0',
    'netns',
    network.client,
    'address',
    '02:00:00:99:00:01',
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    network.server,
    'address',
    '02:00:00:99:00:10',
  ]);
  const commands = [
    ...Array.from({ length: 9 }, (_, i) => [network.client, `addr add 10.99.0.${i + 1}/24 dev eth0`]),
    ...Array.from({ length: 90 }, (_, i) => [network.server, `addr add 10.99.0.${i + 10}/24 dev eth0`]),
    [network.client, 'addr add fd99::1/64 dev eth0 nodad'],
    ...Array.from({ length: 10 }, (_, i) => [network.server, `addr add fd99::${i + 10}/64 dev eth0 nodad`]),
  ];
  for (const name of [network.client, network.server]) {
    must('ip', ['-n', name, '-batch', '-'], {
      input: commands
        .filter(([where]) => where === name)
        .map(([, command]) => `${command}\n`)
        .join(''),
    });
    must('ip', ['netns', 'exec', name, 'ethtool', '-K', 'eth0', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off']);
    must('ip', ['-n', name, 'link', 'set', 'eth0', 'up']);
  }
  // The veth pair has a queue of its own in each namespace; a small advertised size makes small segments both ways.
  for (const [host, bytes] of [
    [41, 536],
    [42, 88],
  ] as const) {
    must('ip', [
      '-n',
      network.client,
      'route',
      'add',
      `10.99.0.${host}/32`,
      'dev',
      'eth0',
      'src',
      '10.99.0.1',
      'advmss',
      `${bytes}`,
    ]);
  }
  return network;
}

export function closeNetwork(network: Network): void {
  for (const name of [network.client, network.server]) {
    // Whatever still runs in the namespaces was started there by this generator and outlived its parent.
    for (const id of attempt('ip', ['netns', 'pids', name])
      .stdout.split('\n')
      .filter((line) => line !== '')) {
      attempt('kill', ['-KILL', id]);
    }
    attempt('ip', ['netns', 'del', name]);
    rmSync(join('/etc/netns', name), { recursive: true, force: true });
  }
}
