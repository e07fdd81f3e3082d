/**
 * Characters that a terminal or a reader's eye would obey: C0 and C1 controls, DEL, bidirectional marks and overrides,
 * zero-width characters, line and paragraph separators, the byte order mark, tag characters, and lone surrogates.
 */
const OBEYED =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Text from a capture made harmless for a terminal: what would be obeyed is shown as its code point, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
