/** Kinds of connectors as their administrators call them. */
const WORDS: Readonly<Record<string, string>> = {
  'exchange-online-outbound': 'Exchange Online, outbound connector',
  'exchange-online-inbound': 'Exchange Online, inbound connector',
  'exchange-server-send': 'Exchange Server, send connector',
  'exchange-server-receive': 'Exchange Server, receive connector',
  pinned: 'pinned certificate',
  opportunistic: 'opportunistic TLS',
};

export function connectorWords(kind: string): string {
  return WORDS[kind] ?? kind;
}
