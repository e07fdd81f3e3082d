/**
 * The format of trust policies, version 1. The published JSON Schema (docs/schemas/trust-policy.schema.json) is made
 * from these definitions.
 */
import { isMap, isSeq, parseDocument, Scalar } from 'yaml';
import * as z from 'zod/mini';
import { calendarSeconds, calendarTime } from '../bytes/calendar.ts';

const text = (description: string, most = 2000) =>
  z.string().check(z.minLength(1), z.maxLength(most), z.meta({ description }));

/** Also the name of a file: what Windows reserves is left out. */
const POLICY_NAME = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/;

const policyName = (description: string) =>
  z
    .string()
    .check(
      z.regex(POLICY_NAME, 'A name has lower-case letters, digits, dots and dashes, at most 64: eop-2014.'),
      z.meta({ description }),
    );

const FINGERPRINT = /^(?:sha256:)?(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){31})$/;

const fingerprint = z.string().check(
  z.regex(FINGERPRINT, 'A fingerprint is SHA-256: 64 hexadecimal digits, also with colons or sha256: in front.'),
  z.meta({
    description: 'SHA-256 of the certificate: chooses it out of several, and proves that it is the right one.',
  }),
);

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

const isDay = (value: string): boolean => daySeconds(value) !== null;

const day = (description: string) =>
  z
    .string()
    .check(
      z.regex(DAY, 'Write a day like 2014-09-03.'),
      z.refine(isDay, 'There is no such day: write one like 2014-09-03.'),
      z.meta({ description }),
    );

const pem = text('One or several certificates in PEM. In YAML: pem: | with the text indented below.', 200_000);
const file = text('A file with certificates (PEM, DER or .p7b), beside the document.', 1000);
const from = policyName('The name of another policy that has it: mozilla or system, for example. Needs sha256.');

const optionalDay = (description: string) => z.optional(day(description));

const anchor = z.strictObject({
  name: z.optional(
    text('What the root is called. It must stand in the subject: a guard against the wrong certificate.', 200),
  ),
  pem: z.optional(pem),
  file: z.optional(file),
  from: z.optional(from),
  sha256: z.optional(fingerprint),
  trustedFrom: optionalDay('The first day on which the root is trusted.'),
  trustedUntil: optionalDay('The last day on which the root is trusted.'),
  distrustAfter: optionalDay('Certificates issued after this day are not trusted under the root.'),
  source: z.optional(text('Where the root is from, and who says that it is to be trusted; else that of the policy.')),
});

const intermediate = z.strictObject({
  name: z.optional(text('What it is called. It must stand in the subject.', 200)),
  pem: z.optional(pem),
  file: z.optional(file),
  sha256: z.optional(fingerprint),
});

const flag = (description: string) => z.optional(z.boolean().check(z.meta({ description })));

const rules = z.strictObject({
  profile: z.optional(
    z.enum(['path', 'rfc5280', 'webpki']).check(
      z.meta({
        description:
          'path: RFC 5280 section 6, what mail servers enforce. rfc5280: also the certificate profile of section 4. webpki: also the rules of the CA/Browser Forum. Default: path.',
      }),
    ),
  ),
  sha1: flag('Whether signatures over SHA-1 count. Default: false.'),
  minimumRsaBits: z.optional(
    z
      .int()
      .check(
        z.minimum(512),
        z.maximum(16_384),
        z.meta({ description: 'The shortest RSA key that counts. Default: 2048.' }),
      ),
  ),
  commonNameFallback: flag(
    'Whether the common name counts as a host name where there is no subjectAltName (RFC 6125). Default: false.',
  ),
  requireRevocation: flag('Whether a path fails when revocation cannot be checked. Default: false.'),
  time: z.optional(
    z.enum(['capture', 'now']).check(
      z.meta({
        description: 'The point in time that decides when the user names none: of the capture, or the present.',
      }),
    ),
  ),
});

const MOST_ENTRIES = 5000;

export const TRUST_POLICY = z
  .strictObject({
    version: z.literal(1).check(z.meta({ description: 'The version of this format.' })),
    name: policyName('What --trust calls it.'),
    title: text('One line for people.', 200),
    issued: day('The day of this version of the policy. An update never goes back behind it.'),
    source: text('Who decided this, and where it is written.'),
    description: z.optional(text('What it is for, what is assumed, what it leaves out.', 5000)),
    includes: z.optional(
      z
        .array(policyName('The name of a policy.'))
        .check(
          z.maxLength(100),
          z.meta({ description: 'Policies whose roots and intermediates are trusted as well.' }),
        ),
    ),
    anchors: z.optional(
      z.array(anchor).check(z.maxLength(MOST_ENTRIES), z.meta({ description: 'The roots that are trusted.' })),
    ),
    intermediates: z.optional(
      z
        .array(intermediate)
        .check(
          z.maxLength(MOST_ENTRIES),
          z.meta({ description: 'Certificates that complete a chain whose sender left them out.' }),
        ),
    ),
    rules: z.optional(rules),
  })
  .check(
    z.refine(
      ({ anchors, includes }) => (anchors ?? []).length + (includes ?? []).length > 0,
      'Nobody is trusted: list roots under anchors, or policies under includes.',
    ),
  );

export type TrustPolicyDocument = z.infer<typeof TRUST_POLICY>;

/** The first second of a day in UTC, in seconds since 1970; null where there is no such day. */
export function daySeconds(text: string): number | null {
  const parts = DAY.exec(text);
  if (parts === null) return null;
  const [year, month, date] = parts.slice(1).map(Number);
  const seconds = calendarSeconds({ year, month, day: date, hour: 0, minute: 0, second: 0 });
  const back = calendarTime(seconds);
  return back.year === year && back.month === month && back.day === date ? seconds : null;
}

/** A fingerprint in lower-case hex alone. */
export function fingerprintHex(text: string): string {
  return text
    .replace(/^sha256:/, '')
    .replaceAll(':', '')
    .toLowerCase();
}

/**
 * The text of a policy that was read without problems, with the certificates in place of the files that it names, so
 * that it stands alone. Comments stay. `pemOf` has a PEM text for each file.
 */
export function withoutFiles(text: string, pemOf: ReadonlyMap<string, string>): string {
  if (pemOf.size === 0) return text;
  const document = parseDocument(text);
  for (const key of ['anchors', 'intermediates']) {
    const entries = document.get(key);
    if (!isSeq(entries)) continue;
    for (const entry of entries.items) {
      if (!isMap(entry)) continue;
      const pair = entry.items.find((one) => String(one.key) === 'file');
      const inFile = pair === undefined ? undefined : pemOf.get(String(pair.value));
      if (pair === undefined || inFile === undefined) continue;
      const block = new Scalar(inFile);
      // A document in JSON has no block texts.
      block.type = entry.flow === true ? 'QUOTE_DOUBLE' : 'BLOCK_LITERAL';
      pair.key = document.createNode('pem');
      pair.value = block;
    }
  }
  return document.toString({ lineWidth: 0 });
}
