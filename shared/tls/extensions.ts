import type { Problem } from '../bytes/problem.ts';
import { VectorReader } from './vector-reader.ts';

/** An extension as sent, understood or not (RFC 8446 section 4.2). */
export interface RawExtension {
  readonly type: number;
  /** The extension_data: a view. Empty when `lost`. */
  readonly bytes: Uint8Array;
  /** Some of its bytes were not captured. */
  readonly lost: boolean;
}

export interface ExtensionList {
  readonly extensions: readonly RawExtension[];
  readonly problems: readonly Problem[];
}

/**
 * Reads `Extension extensions<0..2^16-1>` where the reader stands. An extension that lies behind lost bytes is read as
 * long as the type and length fields on the way to it were captured. A type that comes twice is kept and reported.
 */
export function readExtensions(reader: VectorReader): ExtensionList {
  const extensions: RawExtension[] = [];
  const problems: Problem[] = [];
  const list = reader.vector(2);
  const seen = new Set<number>();
  while (list.remaining > 0) {
    const offset = list.at;
    const type = list.uint(2);
    const content = list.vector(2);
    if (list.failure !== null) {
      problems.push(listProblem(list.failure, offset));
      break;
    }
    if (seen.has(type)) {
      problems.push({ code: 'tls-duplicate-extension', message: `Extension ${type} is sent twice.`, offset });
    }
    seen.add(type);
    const bytes = content.rest();
    extensions.push({ type, bytes, lost: content.failure === 'lost' });
  }
  if (extensions.length === 0 && problems.length === 0 && list.failure !== null) {
    problems.push(listProblem(list.failure, list.at));
  }
  return { extensions, problems };
}

function listProblem(failure: 'short' | 'lost', offset: number): Problem {
  return failure === 'lost'
    ? { code: 'tls-extensions-lost', message: 'The rest of the extensions was not captured.', offset }
    : { code: 'tls-extensions-malformed', message: 'An extension is longer than the list that holds it.', offset };
}

/** The first extension of `type`, or null. */
export function findExtension(extensions: readonly RawExtension[], type: number): RawExtension | null {
  return extensions.find((extension) => extension.type === type) ?? null;
}

/**
 * Decodes single extensions out of a list, one after the other: an absent, lost or malformed one yields null, and
 * what was wrong with it is added to `problems`.
 */
export class ExtensionDecoder {
  readonly extensions: readonly RawExtension[];
  readonly problems: Problem[];

  constructor(list: ExtensionList) {
    this.extensions = list.extensions;
    this.problems = [...list.problems];
  }

  has(type: number): boolean {
    return findExtension(this.extensions, type) !== null;
  }

  /** `read` must consume the whole extension: a remainder counts as malformed. */
  decode<T>(type: number, name: string, read: (reader: VectorReader) => T): T | null {
    const extension = findExtension(this.extensions, type);
    if (extension === null) return null;
    if (extension.lost) {
      this.problems.push({ code: 'tls-extension-lost', message: `Extension ${name} was not captured whole.` });
      return null;
    }
    const reader = new VectorReader(extension.bytes);
    const value = read(reader);
    if (reader.failure !== null || reader.at !== reader.end) {
      this.problems.push({
        code: 'tls-extension-malformed',
        message: `Extension ${name} is malformed.`,
        offset: reader.at,
      });
      return null;
    }
    return value;
  }

  /** An extension that is one list of numbers of `width` bytes behind a length field of `lengthWidth` bytes. */
  decodeNumbers(type: number, name: string, lengthWidth: number, width: number): readonly number[] | null {
    return this.decode(type, name, (reader) => {
      const list = reader.vector(lengthWidth);
      const values = list.uints(width);
      reader.failure ??= list.failure;
      return values;
    });
  }
}

/** ProtocolNameList (RFC 7301 section 3.1) as text, one character a byte. */
export function readProtocolNames(reader: VectorReader): string[] {
  const names: string[] = [];
  const list = reader.vector(2);
  while (list.remaining > 0) {
    const name = list.opaqueVector(1);
    if (list.failure === null) names.push(String.fromCharCode(...name));
  }
  reader.failure ??= list.failure;
  return names;
}
