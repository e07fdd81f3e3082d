/** A partner made of what one session shows: a beginning, to be mended by a person. */
import type { SessionRow } from '../../../shared/contract/operations.ts';

/** What the other side sends is put into the file only where it is a plain host name. */
const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)+$/i;
const ENDPOINT = /^\[?([0-9a-f.:]+?)\]?:\d+$/i;

/** A whole expectation file with the server of the session as its one partner. Null: the row names no address. */
export function partnerOfSession({ server, name, certificate }: SessionRow): string | null {
  const address = ENDPOINT.exec(server)?.[1];
  if (address === undefined) return null;
  const host = hostName(name);
  const certified = hostName(certificate);
  const connector =
    certified === null
      ? ['    connector: { kind: opportunistic }']
      : ['    connector:', '      kind: pinned', `      names: { includes: ["${certified}"] }`];
  const lines = [
    'version: 1',
    'partners:',
    '  # From what one session showed: see whether it is what you expect.',
    `  - name: "${host ?? certified ?? address}"`,
    `    servers: ["${address}"]`,
    ...connector,
  ];
  return `${lines.join('\n')}\n`;
}

function hostName(text: string | null): string | null {
  return text !== null && text.length <= 253 && HOST.test(text) ? text : null;
}
