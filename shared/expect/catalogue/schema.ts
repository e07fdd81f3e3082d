/** The format of catalogue files: what mail providers presented, and when. Version 1. */
import * as z from 'zod/mini';

const text = (description: string) => z.string().check(z.minLength(1), z.maxLength(1000), z.meta({ description }));

const list = <T extends z.ZodMiniType>(item: T, description: string) =>
  z.array(item).check(z.minLength(1), z.maxLength(1000), z.meta({ description }));

const day = (description: string) =>
  z.nullable(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'a day as 2018-09-03'), z.meta({ description })));

/** What an entry can say, and whether whoever runs the service has said it in public. */
const FACTS = [
  'commonNames',
  'names',
  'subject',
  'root',
  'issuer',
  'from',
  'until',
  'mx',
  'sendingHosts',
  'addresses',
] as const;

const entry = z.strictObject({
  id: z
    .string()
    .check(
      z.regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'lower case letters, digits, - and .'),
      z.meta({ description: 'What the command line calls it.' }),
    ),
  title: text('One line for reports.'),
  provider: text('Whose service it is: entries with the same provider are eras of one service.'),
  from: day('The first day of this era; null when it is not known.'),
  until: day('The day on which the next era began; null when there is none, or it is not known.'),
  commonNames: z.nullable(
    list(text('A common name.'), 'Common names of the certificate; null when they are not documented.'),
  ),
  names: z.nullable(
    list(text('A DNS name.'), 'The complete set of DNS names in the certificate; null when no list is documented.'),
  ),
  subject: z.nullable(text("The certificate's subject, as RFC 4514 writes it.")),
  root: z.nullable(
    z.strictObject({
      title: text('What the root is called.'),
      sha256: z
        .string()
        .check(
          z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits in lower case'),
          z.meta({ description: 'Its fingerprint.' }),
        ),
    }),
  ),
  issuer: z.nullable(text('The authority that issued the certificate, where it is not the root.')),
  mx: z.nullable(
    text(
      'The name of the MX host. {domain} stands for the mail domain, {domain-with-dashes} for it with - in place of each dot.',
    ),
  ),
  sendingHosts: z.nullable(list(text('A name, or *.name.'), 'Names of the hosts that send mail.')),
  addresses: z.nullable(
    list(text('An address or a range.'), 'Where mail is sent from; null when no list is documented.'),
  ),
  recognizedBy: list(
    text('A name, or *.name for all names below.'),
    'A certificate with one of these names is probably of this provider, even where the set of names is another one.',
  ),
  documented: z.array(z.enum(FACTS)).check(
    z.meta({
      description:
        'Which of these facts the provider has published. The others were observed, or follow from something else.',
    }),
  ),
  sources: list(
    z.strictObject({
      says: text('What is taken from there, in one sentence.'),
      where: text('The address of the page, or what was observed.'),
    }),
    'Where the facts are from.',
  ),
});

export const CATALOGUE_FILE = z.strictObject({
  version: z.literal(1),
  entries: list(entry, 'What providers present.'),
});

export type CatalogueEntry = z.infer<typeof entry>;
