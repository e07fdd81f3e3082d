/** Reads YAML (of which JSON is a part) that a person wrote, against a schema, with the place of every mistake. */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import type * as z from 'zod/mini';
import { LIMITS } from '../bytes/limits.ts';
import { issuesOf } from './schema-issues.ts';

/** A place in a text; both count from 1, columns in UTF-16 units, as editors do. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** One sentence for a person, with the next step, and where it is to be done. */
export interface DocumentProblem extends TextPosition {
  readonly message: string;
}

/** Keys and indexes that lead from the root of a document to one of its values. */
export type DocumentPath = readonly PropertyKey[];

export type YamlReading<T> =
  | {
      readonly kind: 'value';
      readonly value: T;
      /** Where a value stands, for what only a later check finds. A path that leads too far: the place it got to. */
      readonly positionOf: (path: DocumentPath) => TextPosition;
    }
  /** At least one, in the order of the text. */
  | { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] };

/** The core schema of YAML 1.2 and nothing else, whatever a %YAML directive asks for. */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  merge: false,
  // The package compares each key with every other one: we look for repeated keys ourselves.
  uniqueKeys: false,
  keepSourceTokens: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/**
 * Reads one document. The schema should refuse unknown keys (`strictObject`): the answer then names the key that was
 * meant. `text` is hostile: its size, depth and aliases are capped, tags and repeated keys are mistakes. Never throws.
 */
export function readYamlDocument<T>(text: string, schema: z.core.$ZodType<T>): YamlReading<T> {
  if (text.length > LIMITS.documentCharacters) {
    const message = `The document has ${text.length} characters; more than ${LIMITS.documentCharacters} are not read.`;
    return { kind: 'problems', problems: [{ message, line: 1, column: 1 }] };
  }
  const lines = new LineCounter();
  const found = new FoundProblems(lines);
  const document = compose(text, lines, found);
  if (document === null || found.any) return found.reading();
  checkNodes(document, found);
  if (found.any) return found.reading();

  const value = toValue(document, found);
  if (found.any) return found.reading();
  if (value === null) {
    found.add(0, 'The document is empty: write it as its documentation shows.');
    return found.reading();
  }
  const result = issuesOf(schema, value);
  if (result.kind === 'value') {
    const positionOf = (path: DocumentPath): TextPosition => positionIn(lines, offsetOf(document, path, 'value'));
    return { kind: 'value', value: result.value, positionOf };
  }
  // Finding the place of one takes time in proportion to the document.
  for (const { path, at, message } of result.issues.slice(0, LIMITS.problems)) {
    found.add(offsetOf(document, path, at), message);
  }
  return found.reading(result.issues.length - LIMITS.problems);
}

/** Problems with their places, in the order of the text, each once. */
class FoundProblems {
  readonly #lines: LineCounter;
  readonly #found = new Map<string, { readonly offset: number; readonly message: string }>();
  #further = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  get any(): boolean {
    return this.#found.size > 0;
  }

  add(offset: number, message: string): void {
    const key = `${offset} ${message}`;
    if (this.#found.size < LIMITS.problems) this.#found.set(key, { offset, message });
    else if (!this.#found.has(key)) this.#further += 1;
  }

  /** `unlisted`: how many more there are that were not even added. */
  reading(unlisted = 0): { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] } {
    const problems = [...this.#found.values()]
      .sort((left, right) => left.offset - right.offset)
      .map(({ offset, message }) => ({ message, ...positionIn(this.#lines, offset) }));
    const further = this.#further + Math.max(0, unlisted);
    if (further > 0) {
      const { line, column } = problems[problems.length - 1];
      const message = `${further} more ${further === 1 ? 'problem is' : 'problems are'} not listed.`;
      problems.push({ message, line, column });
    }
    return { kind: 'problems', problems };
  }
}

function positionIn(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Null when not even the outline could be read. */
function compose(text: string, lines: LineCounter, found: FoundProblems): Document.Parsed | null {
  let first: Document.Parsed | null = null;
  const composer = new Composer(OPTIONS);
  for (const document of composer.compose(tokensOf(text, lines, found), true, text.length)) {
    if (found.any) return null;
    if (first !== null) {
      found.add(document.range[0], 'A second document begins here: put it into a file of its own.');
      return null;
    }
    first = document;
    for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
      found.add(pos[0], yamlMessage(code, message));
    }
  }
  return found.any ? null : first;
}

/** The tokens of the text, up to where there are too many or they nest too deeply: what follows works by recursion. */
function* tokensOf(text: string, lines: LineCounter, found: FoundProblems): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    count += 1;
    if (count > LIMITS.documentTokens) {
      found.add(parser.offset, `The document has more than ${LIMITS.documentTokens} words and signs: split it.`);
      return;
    }
    if (parser.stack.length > LIMITS.documentDepth) {
      found.add(parser.offset, `Lists and maps are nested more than ${LIMITS.documentDepth} deep: flatten them.`);
      return;
    }
  }
  yield* parser.end();
}

/** What the YAML package says, with the next step where there is a usual one. */
function yamlMessage(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'A tab stands in the indentation: YAML wants spaces.';
    case 'TAG_RESOLVE_FAILED':
      return 'Tags (words with ! in front) are not read here: remove it, or put the text in quotes.';
    case 'BAD_ALIAS':
      return `${sentence(message)} If the * is meant as text, put it in quotes.`;
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return `${sentence(message)} Is the indentation right, and text with ": " in quotes?`;
    default:
      return `This is not YAML: ${sentence(message)}`;
  }
}

function sentence(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}

/** Keys must be text, and stand once in their map; an alias needs an anchor before it. */
function checkNodes(document: Document.Parsed, found: FoundProblems): void {
  const open: unknown[] = [document.contents];
  const aliases: Alias[] = [];
  const anchored = new Map<string, Node[]>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isAlias(node)) {
      aliases.push(node);
      continue;
    }
    if (isNode(node) && node.anchor !== undefined) {
      const nodes = anchored.get(node.anchor);
      if (nodes === undefined) anchored.set(node.anchor, [node]);
      else nodes.push(node);
    }
    if (isMap(node)) {
      checkKeys(node, found);
      for (const { value } of node.items) open.push(value ?? null);
    } else if (isSeq(node)) {
      for (const item of node.items) open.push(item);
    }
  }
  if (aliases.length > LIMITS.documentAliases) {
    const message = `The document has more than ${LIMITS.documentAliases} aliases (*name): write it without them.`;
    found.add(startOf(aliases[0]) ?? 0, message);
    return;
  }
  for (const alias of aliases) {
    const start = startOf(alias) ?? 0;
    const { source } = alias;
    const before = (anchored.get(source) ?? []).filter((node) => (startOf(node) ?? 0) < start);
    if (before.length === 0) {
      found.add(start, `*${source} repeats what nothing before it names. Text that begins with * needs quotes.`);
    } else if (before.some(({ range }) => (range?.[1] ?? 0) > start)) {
      found.add(start, `*${source} repeats what it stands in itself: remove it.`);
    }
  }
}

function checkKeys(map: YAMLMap, found: FoundProblems): void {
  const seen = new Set<string>();
  for (const pair of map.items) {
    const key = keyOf(pair);
    const offset = startOf(pair.key) ?? startOf(map) ?? 0;
    if (key === null) found.add(offset, 'A key must be a word: text, without a list or an alias in its place.');
    else if (key === '__proto__') found.add(offset, '"__proto__" cannot be a key: remove it.');
    else if (seen.has(key)) found.add(offset, `"${key}" stands here a second time: keep one of them.`);
    else seen.add(key);
  }
}

function keyOf({ key }: Pair): string | null {
  if (!isScalar(key)) return null;
  const { value } = key;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function toValue(document: Document.Parsed, found: FoundProblems): unknown {
  try {
    return document.toJS({ maxAliasCount: LIMITS.documentAliases });
  } catch (error) {
    // The package's way to say that aliases multiply, or stand inside of what they repeat.
    if (!(error instanceof ReferenceError)) throw error;
    found.add(0, 'Aliases (*name) repeat too much of the document: write it without them.');
    return null;
  }
}

/** Where the value at a path starts, or its key; where the path leads too far, the place that it got to. */
function offsetOf(document: Document.Parsed, path: DocumentPath, what: 'value' | 'key'): number {
  let node: unknown = resolved(document, document.contents);
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = pairOf(node, String(step));
      if (pair === undefined) return offset;
      const key = startOf(pair.key) ?? offset;
      const isLast = index === path.length - 1;
      offset = isLast && what === 'key' ? key : (writtenStart(pair.value) ?? key);
      node = resolved(document, pair.value);
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      offset = startOf(item) ?? offset;
      node = resolved(document, item);
    } else {
      return offset;
    }
  }
  return offset;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === key);
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | null {
  return (node as Partial<Node> | null | undefined)?.range?.[0] ?? null;
}

/** Null for a value that was left out: its key is the better place. */
function writtenStart(node: unknown): number | null {
  if (isScalar(node) && node.value === null && (node.range?.[0] ?? 0) === (node.range?.[1] ?? 0)) return null;
  return startOf(node);
}
