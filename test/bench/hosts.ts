/** The stations of the synthetic network: an office behind one gateway, and the world on the other side of it. */
import type { Endpoint } from './frames.ts';
import type { Random } from './random.ts';

const GATEWAY = Uint8Array.of(0x02, 0x00, 0x5e, 0x00, 0x00, 0x01);

const hardwareAddressOf = (host: number): Uint8Array => Uint8Array.of(0x02, 0x42, 0x0a, 0x14, host >> 8, host & 255);

/** A station inside: 10.20.0.0/16 or 2001:db8:20::/64. `host` is in [0, 65535]. */
export function inside(host: number, port: number, version6: boolean): Endpoint {
  const hardwareAddress = hardwareAddressOf(host);
  if (!version6) return { address: Uint8Array.of(10, 20, host >> 8, host & 255), port, hardwareAddress };
  const address = new Uint8Array(16);
  address.set([0x20, 0x01, 0x0d, 0xb8, 0x00, 0x20]);
  address.set([host >> 8, host & 255], 14);
  return { address, port, hardwareAddress };
}

/** A station outside: 100.64.0.0/10 or 2001:db8:8000::/33, always through the gateway. `host` is in [0, 2^22 - 1]. */
export function outside(host: number, port: number, version6: boolean): Endpoint {
  const low = [(host >> 16) & 63, (host >> 8) & 255, host & 255];
  if (!version6) return { address: Uint8Array.of(100, 64 + low[0], low[1], low[2]), port, hardwareAddress: GATEWAY };
  const address = new Uint8Array(16);
  address.set([0x20, 0x01, 0x0d, 0xb8, 0x80, low[0], 0, 0, 0, 0, 0, 0, 0, 0, low[1], low[2]]);
  return { address, port, hardwareAddress: GATEWAY };
}

export const OUTSIDE_HOSTS = 1 << 22;
export const INSIDE_HOSTS = 4_000;

export const ephemeralPort = (random: Random): number => random.between(32_768, 60_999);

/** The address and port as people write them, for the truth file. IPv6 in full, without compression. */
export function describe({ address, port }: Endpoint): { readonly address: string; readonly port: number } {
  if (address.length === 4) return { address: address.join('.'), port };
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address[index * 2] << 8) | address[index * 2 + 1]).toString(16),
  );
  return { address: groups.join(':'), port };
}
