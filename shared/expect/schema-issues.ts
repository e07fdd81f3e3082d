/** What a schema finds wrong with a value, in sentences for the person who wrote it. */
import * as z from 'zod/mini';
import { LIMITS } from '../bytes/limits.ts';
import { closestWord } from './closest-word.ts';

export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  /** Whether the value at `path` is wrong, or the key that leads there. */
  readonly at: 'value' | 'key';
  readonly message: string;
}

export type SchemaResult<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'issues'; readonly issues: readonly SchemaIssue[] };

/** Stands between the sentences about several unknown keys, which the schema reports as one issue. */
const SEPARATOR = '\n';

/** Messages that a schema brings itself are kept; all others are worded here. */
export function issuesOf<T>(schema: z.core.$ZodType<T>, value: unknown): SchemaResult<T> {
  const result = z.safeParse(schema, value, { error: messageFor });
  if (result.success) return { kind: 'value', value: result.data };
  return { kind: 'issues', issues: result.error.issues.flatMap((issue) => flattened(issue, [])) };
}

function flattened(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): SchemaIssue[] {
  const path = [...before, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const messages = issue.message.split(SEPARATOR);
      return issue.keys.map((key, index) => ({
        path: [...path, key],
        at: 'key',
        message: messages[index] ?? issue.message,
      }));
    }
    case 'invalid_union': {
      const branch = bestBranch(issue.errors);
      return branch === null
        ? [{ path, at: 'value', message: issue.message }]
        : branch.flatMap((inner) => flattened(inner, path));
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, at: 'key', message }));
    default:
      return [{ path, at: 'value', message: issue.message }];
  }
}

/** The alternative that was meant: the one that is not wrong from the start. Null when all of them are. */
function bestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  const meant = branches.filter((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
  return meant.reduce<readonly z.core.$ZodIssue[] | null>(
    (best, issues) => (best === null || issues.length < best.length ? issues : best),
    null,
  );
}

function messageFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `${lastOf(issue.path)} is missing: add it.`;
      return `This must be ${expectedName(issue.expected)}, not ${nameOf(issue.input)}.${quotesHint(issue)}`;
    case 'invalid_value': {
      const words = issue.values.map(String);
      if (issue.input === undefined) return `${lastOf(issue.path)} is missing: it is ${alternatives(words)}.`;
      return `This must be ${alternatives(words)}, not ${quoted(issue.input)}.${suggestion(String(issue.input), words)}`;
    }
    case 'unrecognized_keys': {
      const known = keysOf(issue.inst);
      return issue.keys
        .slice(0, LIMITS.problems)
        .map(
          (key) =>
            `"${excerpt(key)}" is not known here.${suggestion(key, known) || ` What there is: ${known.join(', ')}.`}`,
        )
        .join(SEPARATOR);
    }
    case 'invalid_union': {
      const { discriminator } = issue;
      if (typeof discriminator === 'string') return discriminatorMessage(issue, discriminator);
      return `This is none of what can stand here${issue.input === null ? ': it is empty' : ''}.`;
    }
    case 'too_small':
      if (issue.origin === 'array') return `At least ${entries(issue.minimum)} must stand here.`;
      if (issue.origin === 'string') return 'Some text must stand here.';
      return `This must be at least ${issue.minimum}.`;
    case 'too_big':
      if (issue.origin === 'array') return `At most ${entries(issue.maximum)} may stand here.`;
      if (issue.origin === 'string') return `This may have at most ${issue.maximum} characters.`;
      return `This must be at most ${issue.maximum}.`;
    case 'invalid_format':
      if (issue.format === 'date') return `${quoted(issue.input)} is no date: write it like 2014-09-03.`;
      return `${quoted(issue.input)} does not have the form that this needs.`;
    default:
      return undefined;
  }
}

function discriminatorMessage(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>, discriminator: string): string {
  const given = (issue.input as Readonly<Record<string, unknown>> | null)?.[discriminator];
  const words = discriminatorValues(issue.inst, discriminator);
  if (given === undefined) return `"${discriminator}" is missing: it is ${alternatives(words)}.`;
  return `"${discriminator}" must be ${alternatives(words)}, not ${quoted(given)}.${suggestion(String(given), words)}`;
}

type Instance = z.core.$ZodRawIssue['inst'];

/** The schema's definition as the package keeps it for those who walk over schemas. */
function definitionOf(schema: Instance): Readonly<Record<string, unknown>> {
  return (schema?._zod.def ?? {}) as unknown as Readonly<Record<string, unknown>>;
}

function keysOf(schema: Instance): string[] {
  return Object.keys((definitionOf(schema)['shape'] ?? {}) as object);
}

function discriminatorValues(schema: Instance, discriminator: string): string[] {
  const options = (definitionOf(schema)['options'] ?? []) as readonly z.core.$ZodType[];
  return options.flatMap((option) => [...(option._zod.propValues?.[discriminator] ?? [])].map(String));
}

function lastOf(path: readonly PropertyKey[] | undefined): string {
  const last = path?.at(-1);
  return typeof last === 'string' ? `"${last}"` : 'Something';
}

function entries(count: number | bigint): string {
  return `${count} ${Number(count) === 1 ? 'entry' : 'entries'}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map with keys',
  record: 'a map with keys',
};

function expectedName(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

function nameOf(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a map with keys';
  if (typeof input === 'string') return 'text';
  return typeof input === 'number' ? `the number ${input}` : String(input);
}

/** YAML takes `012` and `true` for something else than text. */
function quotesHint({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  return expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')
    ? ' Put it in quotes if it is meant as text.'
    : '';
}

function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

function quoted(input: unknown): string {
  if (typeof input === 'number') return String(input);
  return typeof input === 'string' ? `"${excerpt(input)}"` : nameOf(input);
}

/** In one line, and no longer than a person reads. */
function excerpt(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}

function suggestion(given: string, words: readonly string[]): string {
  const meant = closestWord(given, words);
  return meant === null ? '' : ` Did you mean ${meant}?`;
}
