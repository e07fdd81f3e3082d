import type { Endpoint } from '../contract/analysis.ts';

/**
 * A Wireshark display filter for one connection: addresses, ports and the range of frames, because the same ports may
 * be used again. Never tcp.stream: that number depends on what else is in the file. A session that goes on in another
 * file has no such range (null).
 */
export function displayFilter(
  client: Endpoint,
  server: Endpoint,
  frames: { readonly first: number; readonly last: number } | null,
): string {
  const field = client.address.includes(':') ? 'ipv6.addr' : 'ip.addr';
  return [
    `${field} == ${client.address}`,
    `${field} == ${server.address}`,
    `tcp.port == ${client.port}`,
    `tcp.port == ${server.port}`,
    ...(frames ? [`frame.number >= ${frames.first}`, `frame.number <= ${frames.last}`] : []),
  ].join(' && ');
}
