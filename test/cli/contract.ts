/**
 * A strict checker of `starttrace/analysis@1`: every field of shared/contract/analysis.ts with its type, none missing
 * and none more. The compiler holds it complete: a shape must have a check for each key of its interface.
 */
import type { Problem } from '../../shared/bytes/problem.ts';
import type {
  Alert,
  Analysis,
  Capture,
  Certificate,
  Endpoint,
  Envelope,
  Presented,
  PresentedCertificate,
  Session,
  SmtpFacts,
  TimelineEvent,
  TlsFacts,
  UnreadableCertificate,
} from '../../shared/contract/analysis.ts';

/** Adds what is wrong with `value` at `path`. */
type Check = (value: unknown, path: string, wrong: string[]) => void;

type Optional<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

function object<T>(fields: { readonly [K in keyof T]-?: Check }, optional: readonly Optional<T>[] = []): Check {
  const checks = new Map(Object.entries<Check>(fields));
  const mayMiss = new Set<unknown>(optional);
  return (value, path, wrong) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      wrong.push(`${path} is no object`);
      return;
    }
    const entries = new Map(Object.entries(value));
    for (const key of entries.keys()) if (!checks.has(key)) wrong.push(`${path}.${key} is not in the contract`);
    for (const [key, check] of checks) {
      if (entries.has(key)) check(entries.get(key), `${path}.${key}`, wrong);
      else if (!mayMiss.has(key)) wrong.push(`${path}.${key} is missing`);
    }
  };
}

function that(what: string, holds: (value: unknown) => boolean): Check {
  return (value, path, wrong) => {
    if (!holds(value)) wrong.push(`${path} is not ${what}: ${JSON.stringify(value)?.slice(0, 80)}`);
  };
}

const text = that('text', (value) => typeof value === 'string');
const sentence = that('a sentence', (value) => typeof value === 'string' && /^.*[.)`]$/su.test(value));
const truth = that('true or false', (value) => typeof value === 'boolean');
const count = that('a count', (value) => Number.isSafeInteger(value) && Number(value) >= 0);
const frame = that('a frame number', (value) => Number.isSafeInteger(value) && Number(value) >= 1);
const port = that('a port', (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535);
const time = matching('a time', /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const sha256 = matching('a SHA-256', /^[0-9a-f]{64}$/);
const kebab = matching('a code', /^[a-z0-9]+(-[a-z0-9]+)*$/);
const side = oneOf('client', 'server');

function matching(what: string, pattern: RegExp): Check {
  return that(what, (value) => typeof value === 'string' && pattern.test(value));
}

function oneOf(...allowed: readonly unknown[]): Check {
  return that(`one of ${allowed.join(', ')}`, (value) => allowed.includes(value));
}

function orNull(check: Check): Check {
  return (value, path, wrong) => {
    if (value !== null) check(value, path, wrong);
  };
}

function list(check: Check): Check {
  return (value, path, wrong) => {
    if (!Array.isArray(value)) wrong.push(`${path} is no list`);
    else for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, wrong);
  };
}

const problem = object<Problem>({ code: kebab, message: sentence, frame, offset: count }, ['frame', 'offset']);

const capture = object<Capture>({
  file: text,
  format: oneOf('pcap', 'pcapng', 'netmon', 'snoop'),
  compression: oneOf('gzip', null),
  byteLength: count,
  packetCount: count,
  linkTypes: list(matching('a link type', /^[A-Z0-9_]+$/)),
  firstPacketAt: orNull(time),
  lastPacketAt: orNull(time),
  problems: list(problem),
});

const endpoint = object<Endpoint>({ address: matching('an address', /^[0-9a-f.:]+$/), port });

const presented = object<Presented>({
  visibility: oneOf(
    'visible',
    'decrypted',
    'encrypted',
    'resumed',
    'anonymous',
    'lost',
    'cut',
    'malformed',
    'not-requested',
    'empty',
    'none',
  ),
  explanation: sentence,
  chain: list(object<PresentedCertificate>({ sha256, subject: orNull(text), frame, capture: count }, ['capture'])),
});

const smtp = object<SmtpFacts>({
  greeting: orNull(object<NonNullable<SmtpFacts['greeting']>>({ code: count, text })),
  clientName: orNull(text),
  extensions: list(text),
  starttls: oneOf('accepted', 'refused', 'unanswered', 'not-offered', 'masked', 'not-requested', 'not-seen'),
  upgrade: orNull(
    object<NonNullable<SmtpFacts['upgrade']>>(
      { command: oneOf('STARTTLS', 'X-ANONYMOUSTLS'), replyCode: orNull(count), frame, capture: count },
      ['capture'],
    ),
  ),
  envelopes: list(object<Envelope>({ mailFrom: text, rcptTo: list(text), protection: oneOf('plaintext', 'tls') })),
});

const tls = object<TlsFacts>({
  version: orNull(matching('a version', /^(TLS|SSL) /)),
  cipherSuite: orNull(
    object<NonNullable<TlsFacts['cipherSuite']>>({ code: matching('a code', /^0x[0-9a-f]{4,6}$/), name: text }),
  ),
  serverName: orNull(text),
  applicationProtocol: orNull(text),
  keyExchangeGroup: orNull(text),
  resumed: truth,
  certificateRequest: orNull(object<NonNullable<TlsFacts['certificateRequest']>>({ authorities: list(text) })),
  stapledOcsp: truth,
  outcome: oneOf('established', 'failed', 'incomplete'),
  alerts: list(
    object<Alert>({ frame, from: side, level: text, description: text, code: count, capture: count }, ['capture']),
  ),
  fingerprints: object<TlsFacts['fingerprints']>({
    ja3: orNull(matching('an MD5', /^[0-9a-f]{32}$/)),
    ja3s: orNull(matching('an MD5', /^[0-9a-f]{32}$/)),
    ja4: orNull(matching('a JA4', /^[a-z0-9]{10}_[0-9a-f]{12}_[0-9a-f]{12}$/)),
  }),
});

const timelineEvent = object<TimelineEvent>(
  {
    at: orNull(time),
    frame,
    capture: count,
    from: side,
    kind: matching('a kind', /^(tcp|tls|smtp|proxy)-[a-z-]+$/),
    summary: text,
  },
  ['capture'],
);

const session = object<Session>(
  {
    id: matching('an identifier', /^s[1-9]\d*$/),
    capture: count,
    client: endpoint,
    server: endpoint,
    startedAt: orNull(time),
    endedAt: orNull(time),
    firstFrame: frame,
    lastFrame: frame,
    lastCapture: count,
    displayFilter: matching('a display filter', /^ipv?6?\.addr == .+ && tcp\.port == \d+ && /),
    service: oneOf('smtp', 'smtps', 'tls'),
    smtp: orNull(smtp),
    tls: orNull(tls),
    certificates: object<Session['certificates']>({ server: presented, client: presented }),
    timeline: list(timelineEvent),
    problems: list(problem),
  },
  ['lastCapture'],
);

const readable = object<Certificate>({
  sha256,
  sha1: matching('a SHA-1', /^[0-9a-f]{40}$/),
  subject: text,
  issuer: text,
  serialNumber: matching('a serial number', /^-?[0-9a-f]+$/),
  notBefore: time,
  notAfter: time,
  commonNames: list(text),
  dnsNames: list(text),
  ipAddresses: list(text),
  otherNames: list(object<Certificate['otherNames'][number]>({ type: text, value: text })),
  publicKey: object<Certificate['publicKey']>({ algorithm: text, bits: orNull(count), curve: orNull(text) }),
  signatureAlgorithm: text,
  isCertificateAuthority: truth,
  extensions: list(
    object<Certificate['extensions'][number]>({
      oid: matching('an OID', /^\d+(\.\d+)+$/),
      name: text,
      critical: truth,
    }),
  ),
});

const unreadable = object<UnreadableCertificate>({ sha256, byteLength: count, unreadable: problem });

const certificates: Check = (value, path, wrong) => {
  if (typeof value !== 'object' || value === null) {
    wrong.push(`${path} is no object`);
    return;
  }
  for (const [key, one] of Object.entries(value)) {
    (one !== null && 'unreadable' in one ? unreadable : readable)(one, `${path}.${key}`, wrong);
    if (one?.sha256 !== key) wrong.push(`${path}.${key} has another sha256`);
  }
};

/** The document as it is printed: the analysis, and errors when an input could not be read. */
interface AnalysisDocument extends Analysis {
  readonly errors?: readonly ({ readonly file: string } & Problem)[];
}

const analysis = object<AnalysisDocument>(
  {
    schema: oneOf('starttrace/analysis@1'),
    errors: list(
      object<{ readonly file: string } & Problem>(
        { file: text, code: kebab, message: sentence, frame, offset: count },
        ['frame', 'offset'],
      ),
    ),
    captures: list(capture),
    certificates,
    sessions: list(session),
  },
  ['errors'],
);

/** Everything that is wrong with a document, also what hangs together wrongly. Empty for a sound one. */
export function contractViolations(document: unknown): string[] {
  const wrong: string[] = [];
  analysis(document, 'document', wrong);
  if (wrong.length === 0) wrong.push(...inconsistencies(document as AnalysisDocument));
  return wrong;
}

function inconsistencies({ captures, certificates: known, sessions }: AnalysisDocument): string[] {
  const wrong: string[] = [];
  const presentedHashes = new Set<string>();
  for (const { id, capture: index, certificates: sides, timeline } of sessions) {
    if (index >= captures.length) wrong.push(`${id}: capture ${index} is not there`);
    if (timeline.some(({ capture: other }) => other !== undefined && other >= captures.length)) {
      wrong.push(`${id}: an event names a capture that is not there`);
    }
    for (const { sha256: hash } of [...sides.server.chain, ...sides.client.chain]) {
      presentedHashes.add(hash);
      if (!known[hash]) wrong.push(`${id}: certificate ${hash} is not listed`);
    }
  }
  for (const hash of Object.keys(known)) if (!presentedHashes.has(hash)) wrong.push(`${hash}: no session presents it`);
  return wrong;
}
