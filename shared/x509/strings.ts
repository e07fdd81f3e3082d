/** The character string types of X.680 that stand in certificates (RFC 5280 section 4.1.2.4, appendix A.1). */
import { toHex } from '../bytes/hex.ts';
import { decodeLatin1, decodeUtf8 } from '../bytes/text.ts';
import { type DerDocument, type DerElement, TAG } from './der.ts';

export type StringType =
  | 'UTF8String'
  | 'NumericString'
  | 'PrintableString'
  | 'TeletexString'
  | 'IA5String'
  | 'VisibleString'
  | 'UniversalString'
  | 'BMPString';

const STRING_TYPES: ReadonlyMap<number, StringType> = new Map([
  [TAG.utf8String, 'UTF8String'],
  [TAG.numericString, 'NumericString'],
  [TAG.printableString, 'PrintableString'],
  [TAG.teletexString, 'TeletexString'],
  [TAG.ia5String, 'IA5String'],
  [TAG.visibleString, 'VisibleString'],
  [TAG.universalString, 'UniversalString'],
  [TAG.bmpString, 'BMPString'],
]);

/** The string type that an identifier octet names, or null. */
export function stringType(tag: number): StringType | null {
  return STRING_TYPES.get(tag) ?? null;
}

/**
 * The text of a string element, or null when the element is no string or its octets do not make up whole characters.
 * Octets outside of the type's repertoire are read as Latin-1, which is what issuers meant, and noted. TeletexString
 * is Latin-1 by the practice of all issuers and readers, whatever T.61 says.
 */
export function readString(document: DerDocument, element: DerElement, what: string): string | null {
  const type = stringType(element.tag);
  if (type === null || document.failure !== null) return null;
  const content = document.content(element);
  const noteCharacters = (): void => {
    const message = `${what} holds characters that ${type} does not have.`;
    document.note('string-character', message, element.start);
  };
  let text: string;
  switch (type) {
    case 'UTF8String': {
      const decoded = decodeUtf8(content);
      if (decoded === null) noteCharacters();
      text = decoded ?? decodeLatin1(content);
      break;
    }
    case 'NumericString':
    case 'PrintableString':
    case 'IA5String':
    case 'VisibleString':
      text = decodeLatin1(content);
      if (!REPERTOIRE[type].test(text)) noteCharacters();
      break;
    case 'TeletexString':
      text = decodeLatin1(content);
      break;
    case 'BMPString':
    case 'UniversalString': {
      const width = type === 'BMPString' ? 2 : 4;
      if (content.length % width !== 0) {
        document.note('string-length', `${what}: ${type} has ${width} octets a character.`, element.start);
        return null;
      }
      const decoded = decodeWide(content, width);
      if (decoded.replaced) noteCharacters();
      text = decoded.text;
      break;
    }
  }
  if (CONTROL_CHARACTER.test(text)) {
    document.note('control-character', `${what} holds a control character.`, element.start);
  }
  return text;
}

/** X.680 section 41.2, table 9 (NumericString), 41.4, table 10 (PrintableString); IA5String is all of ASCII. */
const REPERTOIRE = {
  NumericString: /^[0-9 ]*$/,
  PrintableString: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
  IA5String: /^[\0-\x7f]*$/,
  VisibleString: /^[ -~]*$/,
} as const;

const CONTROL_CHARACTER = /[\0-\x1f\x7f-\x9f]/;

/** Big-endian code points of two octets (UTF-16 pairs are joined, as OpenSSL does) or four; others become U+FFFD. */
function decodeWide(content: Uint8Array, width: 2 | 4): { readonly text: string; readonly replaced: boolean } {
  let text = '';
  let replaced = false;
  for (let at = 0; at < content.length; at += width) {
    let code = 0;
    for (let i = 0; i < width; i++) code = code * 256 + content[at + i];
    if (width === 2 && code >= 0xd800 && code < 0xdc00 && at + 3 < content.length) {
      const low = (content[at + 2] << 8) | content[at + 3];
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    const valid = code <= 0x10ffff && (code < 0xd800 || code >= 0xe000);
    if (!valid) replaced = true;
    text += String.fromCodePoint(valid ? code : 0xfffd);
  }
  return { text, replaced };
}

/** The text of an IA5String in a GeneralName, made safe to show. */
export interface VisibleText {
  /** The characters; a control character, an octet past ASCII and `\` stand as `\XX`, so that no two texts look alike. */
  readonly text: string;
  /** Whether the octets were printable ASCII without `\`, so that `text` is exactly what was encoded. */
  readonly exact: boolean;
}

/** The octets of an IA5String under a context tag. What is no printable ASCII is escaped and noted. */
export function readVisibleText(document: DerDocument, element: DerElement, what: string): VisibleText {
  const content = document.content(element);
  const raw = decodeLatin1(content);
  if (PRINTABLE_WITHOUT_BACKSLASH.test(raw)) return { text: raw, exact: true };
  if (CONTROL_CHARACTER_OF_ASCII.test(raw)) {
    document.note('control-character', `${what} holds a control character.`, element.start);
  }
  if (!REPERTOIRE.IA5String.test(raw)) {
    document.note('string-character', `${what} holds characters that IA5String does not have.`, element.start);
  }
  const text = raw.replace(NOT_VISIBLE, (character) => `\\${octetHex(character.charCodeAt(0))}`);
  return { text, exact: false };
}

const PRINTABLE_WITHOUT_BACKSLASH = /^[ -[\]-~]*$/;
const CONTROL_CHARACTER_OF_ASCII = /[\0-\x1f\x7f]/;
const NOT_VISIBLE = /[^ -[\]-~]/g;

/** Two upper-case hex digits, as the examples of RFC 4514 section 4 have them. */
export function octetHex(octet: number): string {
  return toHex(Uint8Array.of(octet)).toUpperCase();
}
