/**
 * Characters that a terminal or a reader's eye would obey rather than show: DEL and the C1 controls, the soft hyphen,
 * bidirectional marks and overrides, zero-width characters, line and paragraph separators, the byte order mark,
 * interlinear annotation. The C0 controls and the tag characters beyond 16 bits come on top where they can occur.
 */
const FORMATTING =
  '\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb';

const IN_TEXT = new RegExp(`[\\u0000-\\u001f${FORMATTING}\\u{e0000}-\\u{e007f}]|\\p{Surrogate}`, 'gu');

/** JSON.stringify has escaped C0 controls and lone surrogates; tag characters are surrogate pairs. */
const IN_JSON = new RegExp(`[${FORMATTING}]|\\udb40[\\udc00-\\udc7f]`, 'g');

/** What nearly all JSON consists of: cheaper to see than what is to be escaped. */
const PLAIN_ASCII = /^[\u0020-\u007e]*$/;

/** Text made harmless for a terminal: what would be obeyed is shown as its code point, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(IN_TEXT, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** As `JSON.stringify`, with everything escaped that a terminal would obey. It means the same to every JSON parser. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (PLAIN_ASCII.test(text)) return text;
  return text.replace(IN_JSON, (unit) => unit.replace(/./gs, escapeUnit));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
