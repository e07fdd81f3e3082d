/** Captures rewritten from others: damage on the network, tunnels and link types, file formats, damaged files. */
import { deriveDamage } from './derived/damage.ts';
import { Deriver } from './derived/deriver.ts';
import { deriveFormats } from './derived/formats.ts';
import { deriveLinks } from './derived/links.ts';
import { deriveNetwork } from './derived/network.ts';
import type { Lab } from './lab.ts';
import { connections } from './rewrite.ts';

export async function makeDerived(lab: Lab): Promise<void> {
  const make = new Deriver(lab);
  deriveNetwork(make);
  deriveLinks(make);
  deriveFormats(make, lab);
  deriveDamage(make);
  if (connections(make.packets('port-reused.pcap')).length !== 2)
    throw new Error('port-reused.pcap does not hold two connections');
}
