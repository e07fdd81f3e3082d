/** Reads what ConvertTo-Json makes of connectors. */
import { LIMITS } from '../../bytes/limits.ts';
import type { PastedObject, PastedProperty, PastedValue, PasteReading } from './pasted-object.ts';

/** What objects that are really text carry it in. */
const TEXT_FIELDS = ['Value', 'value', 'Domain', 'DomainName', 'FullName', 'Address', 'Expression', 'Name'];

/** An object, an array of them, or what wraps them ({ "value": […] }, as web services answer). */
export function readJsonObjects(text: string): PasteReading {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'problem', problem: { line: lineOf(error.message, text), message: brokenMessage(text) } };
  }
  const wrapped = isRecord(parsed) && Array.isArray(parsed['value']) ? parsed['value'] : parsed;
  const found: readonly unknown[] = Array.isArray(wrapped) ? wrapped : [wrapped];
  if (found.length > LIMITS.pastedConnectors) {
    const message = `More than ${LIMITS.pastedConnectors} connectors: split the text, and import the parts one after the other.`;
    return { kind: 'problem', problem: { line: null, message } };
  }
  const objects: PastedObject[] = [];
  for (const one of found) {
    if (!isRecord(one)) {
      const message =
        'This JSON is no connector, and no list of them. Make it with Get-OutboundConnector | ConvertTo-Json.';
      return { kind: 'problem', problem: { line: null, message } };
    }
    const properties = new Map<string, PastedProperty>();
    for (const [name, value] of Object.entries(one)) {
      const read = jsonValue(value);
      const isTruncated = read.kind === 'text' && /^System\.[\w.]+\[\]$|^@\{/.test(read.text);
      properties.set(name.toLowerCase(), { name, value: read, line: null, truncated: isTruncated });
    }
    objects.push({ properties, cmdlet: null, line: null });
  }
  if (objects.length === 0) {
    return {
      kind: 'problem',
      problem: { line: null, message: 'The JSON is an empty list: there is no connector in it.' },
    };
  }
  return { kind: 'objects', objects };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonValue(value: unknown): PastedValue {
  if (value === null || value === undefined || value === '') return { kind: 'empty' };
  if (typeof value === 'boolean') return { kind: 'flag', flag: value };
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'number') {
    return { kind: 'unreadable', reason: 'it is a number; ConvertTo-Json writes words with -EnumsAsStrings' };
  }
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (const item of value) {
      const read = jsonValue(item);
      if (read.kind === 'empty') continue;
      if (read.kind !== 'text') return { kind: 'unreadable', reason: 'it holds something else than text' };
      items.push(read.text);
    }
    return { kind: 'list', items };
  }
  if (isRecord(value)) {
    for (const field of TEXT_FIELDS) {
      const inner = value[field];
      if (typeof inner === 'string' && inner !== '') return { kind: 'text', text: inner };
    }
    if (Array.isArray(value['value'])) return jsonValue(value['value']);
    if (Object.keys(value).length === 0) return { kind: 'empty' };
  }
  return { kind: 'unreadable', reason: 'it is an object without a text in it' };
}

/** V8 tells a position or a line, in some versions neither. */
function lineOf(message: string, text: string): number | null {
  const [, line] = /\bline (\d+)/.exec(message) ?? [];
  if (line !== undefined) return Number(line);
  const [, position] = /\bposition (\d+)/.exec(message) ?? [];
  if (position === undefined) return /end of JSON/i.test(message) ? text.trimEnd().split('\n').length : null;
  return text.slice(0, Number(position)).split('\n').length;
}

function brokenMessage(text: string): string {
  const end = text.trimEnd().slice(-1);
  return end === '}' || end === ']'
    ? 'This begins like JSON and is none from here on. Copy the output of ConvertTo-Json as it is, without the prompt.'
    : 'The JSON ends too early: copy all of it, or write it to a file with | ConvertTo-Json | Out-File connectors.json.';
}
