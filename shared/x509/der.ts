/**
 * A bounded reader of DER (X.690 section 10) that knows which rule each departure breaks.
 *
 * Two kinds of defect are kept apart. *Damage* leaves no certain reading: a length past its parent, another tag than
 * the syntax allows, nesting without end. It is recorded once in `failure`; from then on every read returns an empty
 * element and every loop ends, so that a caller reads straight on and looks at `failure` when it is done. *Laxness*
 * is an encoding that DER forbids but that has exactly one meaning: it becomes an encoding problem, and reading goes on.
 *
 * Indefinite lengths are laxness on constructed elements: certificates of the 1990s have them, OpenSSL and Wireshark
 * read them, and the end-of-contents octets give one certain end. Constructed *strings* (X.690 section 8.6.4, 8.7.3)
 * are damage: their value does not lie in one piece, and nothing after the 1990s needs them.
 */
import { codeToHex } from '../bytes/hex.ts';
import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { ProblemList } from '../bytes/problem-list.ts';

/** Identifier octets of the universal types that certificates use (X.680 section 8.6). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of the context-specific tag `number` (at most 30), primitive or constructed. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number;
}

/** One tag, length and value, as offsets into the document. */
export interface DerElement {
  /** The first identifier octet: class, constructed bit and low tag number (X.690 section 8.1.2). */
  readonly tag: number;
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
  /** Behind the element; behind the end-of-contents octets when the length is indefinite. */
  readonly end: number;
}

interface Header {
  readonly tag: number;
  readonly contentStart: number;
  /** -1 when the length is indefinite. */
  readonly length: number;
}

/** The bytes being read, what went wrong for good, and what was merely lax. */
export class DerDocument {
  readonly bytes: Uint8Array;
  readonly encodingProblems: ProblemList;
  #failure: Problem | null = null;

  constructor(bytes: Uint8Array, encodingProblems = new ProblemList()) {
    this.bytes = bytes;
    this.encodingProblems = encodingProblems;
  }

  /** The first damage found, or null. */
  get failure(): Problem | null {
    return this.#failure;
  }

  /**
   * The same bytes and the same list of encoding problems, but damage of its own: for a part that may be unreadable
   * while the whole is not. Offsets stay those of the whole.
   */
  part(): DerDocument {
    return new DerDocument(this.bytes, this.encodingProblems);
  }

  reader(start = 0, end = this.bytes.length): DerReader {
    return new DerReader(this, start, end, 0);
  }

  /** Records damage. Only the first counts: what follows it is a consequence. */
  fail(code: string, message: string, offset: number): void {
    this.#failure ??= { code, message, offset };
  }

  /** Records laxness. */
  note(code: string, message: string, offset: number): void {
    this.encodingProblems.add({ code, message, offset });
  }

  /** A view of the element's value. */
  content(element: DerElement): Uint8Array {
    return this.bytes.subarray(element.contentStart, element.contentEnd);
  }

  /** A view of the whole element. */
  encoded(element: DerElement): Uint8Array {
    return this.bytes.subarray(element.start, element.end);
  }
}

/** Reads elements in turn between two offsets of a document. `what` names the field in messages, in the RFC's words. */
export class DerReader {
  readonly document: DerDocument;
  readonly end: number;
  readonly depth: number;
  #at: number;

  constructor(document: DerDocument, start: number, end: number, depth: number) {
    this.document = document;
    this.#at = start;
    this.end = end;
    this.depth = depth;
  }

  get at(): number {
    return this.#at;
  }

  /** Whether another element follows; false once the document is damaged. */
  get more(): boolean {
    return this.document.failure === null && this.#at < this.end;
  }

  /** The identifier octet that follows, or -1. */
  get nextTag(): number {
    return this.more ? this.document.bytes[this.#at] : -1;
  }

  /** The next element, whatever its tag. */
  next(what: string): DerElement {
    if (this.document.failure !== null) return emptyElement(this.#at);
    const start = this.#at;
    const header = readHeader(this.document, start, this.end, what, true);
    if (header === null) return emptyElement(start);
    const { tag, contentStart, length } = header;
    if (tag === 0) {
      this.document.fail('unexpected-end-of-contents', `${what}: end-of-contents octets stand in its place.`, start);
      return emptyElement(start);
    }
    let element: DerElement;
    if (length >= 0) {
      const end = contentStart + length;
      element = { tag, start, contentStart, contentEnd: end, end };
    } else {
      const contentEnd = findEndOfContents(this.document, contentStart, this.end, this.depth, what);
      if (contentEnd < 0) return emptyElement(start);
      this.document.note('indefinite-length', `${what} has an indefinite length (X.690 section 10.1).`, start);
      element = { tag, start, contentStart, contentEnd, end: contentEnd + 2 };
    }
    this.#at = element.end;
    return element;
  }

  /** The next element, which must have this tag. */
  expect(tag: number, what: string): DerElement {
    if (this.document.failure === null && this.#at < this.end && this.document.bytes[this.#at] !== tag) {
      const found = codeToHex(this.document.bytes[this.#at], 2);
      const message = `${what}: expected the tag ${codeToHex(tag, 2)}, found ${found}.`;
      this.document.fail('unexpected-tag', message, this.#at);
    }
    return this.next(what);
  }

  /** The next element when it has this tag, else null. */
  optional(tag: number, what: string): DerElement | null {
    return this.nextTag === tag ? this.next(what) : null;
  }

  /** A reader of the element's content, one level deeper. */
  enter(element: DerElement, what: string): DerReader {
    if (this.depth + 1 > LIMITS.derDepth) {
      this.document.fail('nesting-too-deep', `${what} is nested deeper than ${LIMITS.derDepth} levels.`, element.start);
    }
    return new DerReader(this.document, element.contentStart, element.contentEnd, this.depth + 1);
  }

  /** Enters the next element, which must be a SEQUENCE. */
  sequence(what: string): DerReader {
    return this.enter(this.expect(TAG.sequence, what), what);
  }

  /** States that nothing may follow: what does is outside of the syntax and damage. */
  finish(what: string): void {
    if (!this.more) return;
    const count = this.end - this.#at;
    this.document.fail('unexpected-element', `${what} holds ${count} bytes more than its syntax allows.`, this.#at);
  }

  /**
   * Reads items with `each` to the end of this reader, at most `LIMITS.derElements` of them. An empty list is laxness
   * where the syntax says SIZE (1..MAX), as it does of every list in RFC 5280 but the RDNs of a Name.
   */
  list<T>(what: string, each: (reader: DerReader) => T): readonly T[] {
    if (this.document.failure === null && this.#at >= this.end) {
      this.document.note('empty-list', `${what} is empty, which its SIZE (1..MAX) forbids.`, this.#at);
    }
    return this.listOrEmpty(what, each);
  }

  /** As `list`, where the syntax allows no items at all. */
  listOrEmpty<T>(what: string, each: (reader: DerReader) => T): readonly T[] {
    const items: T[] = [];
    while (this.more) {
      if (items.length === LIMITS.derElements) {
        const message = `${what} has more than ${LIMITS.derElements} elements.`;
        this.document.fail('too-many-elements', message, this.#at);
        break;
      }
      const item = each(this);
      if (this.document.failure === null) items.push(item);
    }
    return items;
  }
}

function emptyElement(at: number): DerElement {
  return { tag: -1, start: at, contentStart: at, contentEnd: at, end: at };
}

function readHeader(
  document: DerDocument,
  start: number,
  end: number,
  what: string,
  noteLaxness: boolean,
): Header | null {
  const { bytes } = document;
  let at = start;
  const truncated = (): null => {
    document.fail('truncated', `${what}: the data ends where an element should be.`, start);
    return null;
  };
  if (at >= end) return truncated();
  const tag = bytes[at++];
  if ((tag & 0x1f) === 0x1f) {
    // X.690 section 8.1.2.4. No certificate needs these; four octets (28 bits) let foreign values pass.
    const first = at;
    while (at < end && (bytes[at] & 0x80) !== 0) at++;
    if (at >= end) return truncated();
    at++;
    if (at - first > 4) {
      document.fail('tag-too-large', `${what}: the tag number has more than 28 bits.`, start);
      return null;
    }
  }
  if (at >= end) return truncated();
  const first = bytes[at++];
  if (first < 0x80) {
    if (first > end - at) return overrun(document, start, first, end - at, what);
    return { tag, contentStart: at, length: first };
  }
  if (first === 0x80) {
    if ((tag & 0x20) === 0) {
      document.fail('primitive-indefinite', `${what}: a primitive element has an indefinite length.`, start);
      return null;
    }
    return { tag, contentStart: at, length: -1 };
  }
  if (first === 0xff) {
    document.fail('reserved-length', `${what}: the length octet 0xff is reserved (X.690 section 8.1.3.5).`, start);
    return null;
  }
  const count = first & 0x7f;
  if (count > end - at) return truncated();
  let length = 0;
  for (let i = 0; i < count; i++) length = Math.min(length * 256 + bytes[at + i], 2 ** 48);
  if (noteLaxness && (length < 0x80 || bytes[at] === 0)) {
    const message = `${what}: the length is not in its shortest form (X.690 section 10.1).`;
    document.note('length-not-minimal', message, start);
  }
  at += count;
  if (length > end - at) return overrun(document, start, length, end - at, what);
  return { tag, contentStart: at, length };
}

function overrun(document: DerDocument, start: number, length: number, room: number, what: string): null {
  const message = `${what}: the length says ${length} bytes, but only ${room} follow in its parent.`;
  document.fail('length-beyond-parent', message, start);
  return null;
}

/**
 * Where the content that begins at `start` meets its end-of-contents octets, or -1 after recording damage. Elements
 * of definite length are stepped over, so that one search is linear and all searches of one document together visit
 * an octet at most once a level.
 */
function findEndOfContents(document: DerDocument, start: number, end: number, depth: number, what: string): number {
  let open = 1;
  let at = start;
  while (at < end) {
    // Nested elements are read again in their turn, and noted then.
    const header = readHeader(document, at, end, what, false);
    if (header === null) return -1;
    if (header.tag === 0) {
      if (header.length !== 0 || header.contentStart - at !== 2) break;
      open--;
      if (open === 0) return at;
      at = header.contentStart;
    } else if (header.length >= 0) {
      at = header.contentStart + header.length;
    } else {
      open++;
      at = header.contentStart;
      if (depth + open > LIMITS.derDepth) {
        document.fail('nesting-too-deep', `${what} is nested deeper than ${LIMITS.derDepth} levels.`, at);
        return -1;
      }
    }
  }
  document.fail('truncated', `${what}: its indefinite length has no end-of-contents octets.`, start);
  return -1;
}
