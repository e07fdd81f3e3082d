/** Finds the connectors in a text that an administrator pasted. */
import { LIMITS } from '../../bytes/limits.ts';
import { readFormatList } from './format-list.ts';
import { readJsonObjects } from './json-objects.ts';
import { cmdletIn, PASTE_ADVICE, type PastedObject, type PasteReading } from './pasted-object.ts';

const PROMPT = /^[ \t]*(?:\[PS\]|PS)(?:[ \t][^>]{0,500})?>/;

/** Lists and JSON, also both in one text, each behind the prompt of its own cmdlet. */
export function readPaste(text: string): PasteReading {
  if (text.length > LIMITS.pastedCharacters) {
    const message = `The text has ${text.length} characters; more than ${LIMITS.pastedCharacters} are not read. Select fewer connectors.`;
    return { kind: 'problem', problem: { line: null, message } };
  }
  const sections = sectionsOf(text.replace(/^\ufeff/, ''));
  if (sections.length === 0) {
    return { kind: 'problem', problem: { line: null, message: `The text is empty. ${PASTE_ADVICE}` } };
  }
  const objects: PastedObject[] = [];
  for (const section of sections) {
    const reading = section.isJson ? readJsonObjects(section.text) : readFormatList(section.text);
    if (reading.kind === 'problem') {
      const { line, message } = reading.problem;
      return { kind: 'problem', problem: { line: line === null ? null : line + section.before, message } };
    }
    for (const one of reading.objects) objects.push(moved(one, section));
  }
  return { kind: 'objects', objects };
}

interface Section {
  readonly text: string;
  readonly isJson: boolean;
  /** Lines in front of it. */
  readonly before: number;
  /** The line of the prompt in front of JSON. */
  readonly prompt: string;
}

/** JSON stands alone between prompts; lists keep theirs, which the reader of lists needs. */
function sectionsOf(text: string): readonly Section[] {
  const lines = text.split(/\r\n|\r|\n/);
  const sections: Section[] = [];
  let start = 0;
  const take = (end: number): void => {
    const all = lines.slice(start, end);
    let first = 0;
    while (first < all.length && (all[first].trim() === '' || isPrompt(all[first]))) first += 1;
    const body = all.slice(first);
    const isJson = body.length > 0 && /^[ \t]*[[{]/.test(body[0]);
    const before = all.slice(0, first).filter(isPrompt).at(-1) ?? '';
    if (isJson) sections.push({ text: body.join('\n'), isJson, before: start + first, prompt: before });
    else if (body.length > 0) sections.push({ text: all.join('\n'), isJson, before: start, prompt: before });
    start = end;
  };
  for (const [index, line] of lines.entries()) {
    if (index > start && isPrompt(line) && !isPrompt(lines[index - 1])) take(index);
  }
  take(lines.length);
  return sections;
}

function isPrompt(line: string): boolean {
  return PROMPT.test(line) || (cmdletIn(line) !== null && !/^[ \t]*["A-Za-z]\w*"?[ \t]*:/.test(line));
}

function moved(object: PastedObject, { before, prompt, isJson }: Section): PastedObject {
  if (isJson) return { ...object, cmdlet: cmdletIn(prompt) };
  const line = object.line === null ? null : object.line + before;
  const properties = new Map(
    [...object.properties].map(([key, one]) => [key, { ...one, line: one.line === null ? null : one.line + before }]),
  );
  return { ...object, line, properties };
}
