/** Connectors as PowerShell prints them, before anything is known of their meaning. */

export type PastedValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'flag'; readonly flag: boolean }
  | { readonly kind: 'empty' }
  /** Nested objects and numbers, which ConvertTo-Json makes of what has no text. */
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface PastedProperty {
  /** As printed. */
  readonly name: string;
  readonly value: PastedValue;
  /** From 1; null where JSON does not tell. */
  readonly line: number | null;
  /** PowerShell has left out the rest. */
  readonly truncated: boolean;
}

export type ConnectorCmdlet = 'OutboundConnector' | 'InboundConnector' | 'SendConnector' | 'ReceiveConnector';

export interface PastedObject {
  /** By the name in lower case: PowerShell does not distinguish. */
  readonly properties: ReadonlyMap<string, PastedProperty>;
  /** What the prompt above says was asked for. */
  readonly cmdlet: ConnectorCmdlet | null;
  readonly line: number | null;
}

/** One sentence with the next step. */
export interface PasteProblem {
  readonly line: number | null;
  readonly message: string;
}

export type PasteReading =
  | { readonly kind: 'objects'; readonly objects: readonly PastedObject[] }
  | { readonly kind: 'problem'; readonly problem: PasteProblem };

export const PASTE_ADVICE =
  'Paste what "Get-OutboundConnector | Format-List" prints (or Get-InboundConnector, Get-SendConnector, Get-ReceiveConnector), or the same with ConvertTo-Json.';

const BY_NAME: ReadonlyMap<string, ConnectorCmdlet> = new Map([
  ['outboundconnector', 'OutboundConnector'],
  ['inboundconnector', 'InboundConnector'],
  ['sendconnector', 'SendConnector'],
  ['receiveconnector', 'ReceiveConnector'],
]);

/** The cmdlet that a line calls, also with the prefix that an import gives it (Get-EXOOutboundConnector). */
export function cmdletIn(line: string): ConnectorCmdlet | null {
  const [, noun] =
    /\b(?:Get|New|Set)-[A-Za-z0-9]{0,30}?((?:Outbound|Inbound|Send|Receive)Connector)\b/i.exec(line) ?? [];
  return noun === undefined ? null : (BY_NAME.get(noun.toLowerCase()) ?? null);
}

/** Properties that only one kind of connector has. */
const TELLING: readonly (readonly [ConnectorCmdlet, readonly string[]])[] = [
  [
    'OutboundConnector',
    [
      'tlssettings',
      'recipientdomains',
      'usemxrecord',
      'routeallmessagesviaonpremises',
      'allaccepteddomains',
      'istransportrulescoped',
    ],
  ],
  [
    'InboundConnector',
    [
      'senderdomains',
      'senderipaddresses',
      'tlssendercertificatename',
      'restrictdomainstocertificate',
      'restrictdomainstoipaddresses',
      'associatedaccepteddomains',
    ],
  ],
  [
    'SendConnector',
    [
      'addressspaces',
      'tlsauthlevel',
      'dnsroutingenabled',
      'ignorestarttls',
      'smarthostauthmechanism',
      'sourcetransportservers',
      'forcehelo',
    ],
  ],
  [
    'ReceiveConnector',
    [
      'remoteipranges',
      'bindings',
      'authmechanism',
      'tlsdomaincapabilities',
      'permissiongroups',
      'suppressxanonymoustls',
      'requireehlodomain',
    ],
  ],
];

/** The kind that a property gives away; null for one that several kinds have. */
export function toldBy(property: string): ConnectorCmdlet | null {
  return TELLING.find(([, names]) => names.includes(property.toLowerCase()))?.[0] ?? null;
}
