/** What an expectation file demands, in sentences. */
import { printable } from '../../shared/bytes/printable.ts';
import { demands, either } from '../../shared/expect/demands.ts';
import type { Expectations, Partner } from '../../shared/expect/expectations.ts';
import { wrap } from './layout.ts';
import type { Style } from './style.ts';

const INDENT = '  ';

export function* expectationSummary(
  { partners, trust }: Expectations,
  style: Style,
  width: number | null,
): Generator<string> {
  const policy = trust === undefined ? '' : `, judged by the trust policy ${trust}`;
  yield* wrap(printable(`${partners.length} ${partners.length === 1 ? 'partner' : 'partners'}${policy}.`), width);
  for (const partner of partners) {
    yield '';
    yield style.bold(printable(partner.name));
    const sentences = [scope(partner), ...demands(partner.connector)];
    if (partner.trust !== undefined) sentences.push(`Trust policy of its own: ${partner.trust}.`);
    for (const sentence of sentences) {
      const [first, ...rest] = wrap(printable(sentence), width === null ? null : width - 4);
      yield `${INDENT}- ${first}`;
      yield* rest.map((line) => `${INDENT}${INDENT}${line}`);
    }
  }
}

function scope({ servers, clients, domains }: Partner): string {
  const hosts = [
    ...(servers === undefined ? [] : [`the server is ${either(servers)}`]),
    ...(clients === undefined ? [] : [`the client is ${either(clients)}`]),
  ];
  const parts = [
    ...(hosts.length === 0 ? [] : [hosts.join(' and ')]),
    ...(domains === undefined ? [] : [`the mail domain is ${either(domains)}`]),
  ];
  return `Judges sessions where ${parts.join(', or ')}.`;
}
