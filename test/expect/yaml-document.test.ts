import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod/mini';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { closestWord } from '../../shared/expect/closest-word.ts';
import { readYamlDocument } from '../../shared/expect/yaml-document.ts';

const SCHEMA = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  kind: z.optional(z.enum(['opportunistic', 'pinned'])),
  count: z.optional(z.int().check(z.minimum(2))),
  issued: z.optional(z.iso.date()),
  list: z.optional(z.array(z.strictObject({ host: z.string(), port: z.optional(z.number()) }))),
  which: z.optional(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('alpha'), size: z.number() }),
      z.strictObject({ type: z.literal('beta'), flag: z.boolean() }),
    ]),
  ),
  names: z.optional(z.union([z.strictObject({ exactly: z.array(z.string()) }), z.strictObject({ any: z.boolean() })])),
});

/** `line:column message` of each problem; nothing for a document without any. */
function problems(text: string): string[] {
  const reading = readYamlDocument(text, SCHEMA);
  if (reading.kind === 'value') return [];
  return reading.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const GOOD = 'version: 1\nname: x\n';

describe('mistakes are told with line, column and the next step', () => {
  it.each<[string, string, string]>([
    ['unknown key, close to a known one', `${GOOD}kidn: pinned\n`, '3:1 "kidn" is not known here. Did you mean kind?'],
    ['unknown key, far from all', `${GOOD}zzzzzzzz: 1\n`, '3:1 "zzzzzzzz" is not known here. What there is: version,'],
    [
      'unknown key in a list',
      `${GOOD}list:\n  - host: a\n    prot: 25\n`,
      '5:5 "prot" is not known here. Did you mean port?',
    ],
    ['missing key: the map that lacks it', `${GOOD}list:\n  - port: 25\n`, '4:5 "host" is missing: add it.'],
    ['missing key in a flow map', `${GOOD}list: [{port: 25}]\n`, '3:8 "host" is missing'],
    [
      'wrong word',
      `${GOOD}kind: pined\n`,
      '3:7 This must be opportunistic or pinned, not "pined". Did you mean pinned?',
    ],
    ['number for text', `version: 1\nname: 012\n`, '2:7 This must be text, not the number 12. Put it in quotes'],
    ['nothing for text: the key', `version: 1\nname:\n`, '2:1 This must be text, not nothing.'],
    ['text for a list', `${GOOD}list: x\n`, '3:7 This must be a list, not text.'],
    ['fraction for a whole number', `${GOOD}count: 1.5\n`, '3:8 This must be a whole number, not the number 1.5.'],
    ['too small a number', `${GOOD}count: 1\n`, '3:8 This must be at least 2.'],
    ['another version', `version: 2\nname: x\n`, '1:10 This must be 1, not 2.'],
    ['no date', `${GOOD}issued: 2014-02-30\n`, '3:9 "2014-02-30" is no date: write it like 2014-09-03.'],
    ['no discriminator', `${GOOD}which: {size: 1}\n`, '3:8 "type" is missing: it is alpha or beta.'],
    [
      'wrong discriminator',
      `${GOOD}which: {type: alhpa}\n`,
      '"type" must be alpha or beta, not "alhpa". Did you mean alpha?',
    ],
    [
      'unknown key in the chosen alternative',
      `${GOOD}which:\n  type: beta\n  flga: true\n`,
      '5:3 "flga" is not known here. Did you mean flag?',
    ],
    ['a list at the root', '- a\n', '1:1 This must be a map with keys, not a list.'],
    ['text at the root', 'hello\n', '1:1 This must be a map with keys, not text.'],
    ['an empty document', '', '1:1 The document is empty'],
    ['comments alone', '# nothing\n', '1:1 The document is empty'],
    ['repeated key', `${GOOD}name: y\n`, '3:1 "name" stands here a second time: keep one of them.'],
    ['a list as a key', `${GOOD}? [a]\n: b\n`, '3:3 A key must be a word'],
    ['a tab in the indentation', 'version: 1\n\tname: x\n', '2:1 A tab stands in the indentation: YAML wants spaces.'],
    ['a second document', `${GOOD}---\n${GOOD}`, '3:1 A second document begins here'],
    ['damaged YAML', 'version: [1\n', 'end with a ]'],
    ['damaged JSON', '{"version": 1,,}', '1:15 This is not YAML'],
    ['line ends of Windows', 'version: 1\r\nname: x\r\nkidn: a\r\n', '3:1 "kidn" is not known here.'],
    ['behind a byte order mark', '\ufeffversion: 1\nname: x\nkidn: a\n', '3:1 "kidn" is not known here.'],
  ])('%s', (_, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  it('in the order of the text', () => {
    const found = problems('kind: x\nlist:\n  - port: a\ncount: b\nversion: 1\n');
    const lines = found.map((one) => Number(one.split(':')[0]));
    expect(lines).toEqual([...lines].sort((left, right) => left - right));
    expect(found.length).toBeGreaterThan(4);
  });

  it('values keep their places for later checks', () => {
    const reading = readYamlDocument(`${GOOD}list:\n  - host: a\n  - host: &b b\n    port: 25\n`, SCHEMA);
    if (reading.kind !== 'value') throw new Error('not read');
    expect(reading.positionOf(['list', 1, 'port'])).toEqual({ line: 6, column: 11 });
    expect(reading.positionOf(['list', 1])).toEqual({ line: 5, column: 5 });
    expect(reading.positionOf(['list', 7, 'port'])).toEqual({ line: 4, column: 3 });
    expect(reading.positionOf([])).toEqual({ line: 1, column: 1 });
  });
});

describe('JSON is read as well', () => {
  it('with tabs and escapes', () => {
    const reading = readYamlDocument('{\n\t"version": 1,\n\t"name": "a\\u0041"\n}\n', SCHEMA);
    expect(reading).toMatchObject({ kind: 'value', value: { version: 1, name: 'aA' } });
  });

  it('whatever the schema allows comes back the same, as YAML and as JSON', () => {
    const value = fc.record(
      {
        version: fc.constant(1),
        name: fc.string({ unit: 'grapheme' }),
        count: fc.integer({ min: 2 }),
        list: fc.array(fc.record({ host: fc.string({ unit: 'binary-ascii' }), port: fc.nat() }), { maxLength: 5 }),
      },
      { requiredKeys: ['version', 'name'] },
    );
    fc.assert(
      fc.property(value, (one) => {
        for (const text of [stringify(one), JSON.stringify(one), JSON.stringify(one, null, 2)]) {
          const reading = readYamlDocument(text, SCHEMA);
          expect(reading.kind === 'value' ? reading.value : reading.problems).toEqual(JSON.parse(JSON.stringify(one)));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('hostile documents', () => {
  const cut = (text: string): string => text.slice(0, LIMITS.documentCharacters);

  it.each<[string, string, RegExp]>([
    ['too large', 'a'.repeat(LIMITS.documentCharacters + 1), /more than \d+ are not read/],
    ['flow lists inside of each other', '['.repeat(100_000), /nested more than/],
    ['block lists inside of each other', '- '.repeat(100_000), /nested more than/],
    ['maps inside of each other', '{a: '.repeat(100_000), /nested more than/],
    ['explicit keys inside of each other', '? '.repeat(100_000), /nested more than/],
    ['very many keys', cut(Array.from({ length: 150_000 }, (_, i) => `a${i}: 1\n`).join('')), /words and signs/],
    ['very many anchors', cut('&a '.repeat(500_000)), /words and signs/],
    ['very many documents', '---\n'.repeat(100_000), /second document/],
    ['an endless quote', cut(`"${'a'.repeat(1_000_000)}`), /This is not YAML/],
    ['a custom tag', `${GOOD}kind: !!js/function x\n`, /Tags .* are not read here/],
    ['a known tag of YAML 1.1', `${GOOD}kind: !!binary aGVsbG8=\n`, /Tags .* are not read here/],
    [
      'a tag that %TAG renames',
      `%TAG !e! tag:example.com,2014:\n---\n${GOOD}kind: !e!x y\n`,
      /Tags .* are not read here/,
    ],
    ['an alias before its anchor', 'version: *a\nname: &a x\n', /repeats what nothing before it names/],
    ['an alias of what it stands in', `${GOOD}list: &a [*a]\n`, /repeats what it stands in itself/],
    ['__proto__ as a key', `${GOOD}list:\n  - {__proto__: {polluted: true}, host: a}\n`, /"__proto__" cannot be a key/],
    [
      '"__proto__" in JSON',
      '{"version": 1, "name": "x", "__proto__": {"polluted": true}}',
      /"__proto__" cannot be a key/,
    ],
    ['constructor as a key', `${GOOD}constructor: 1\n`, /"constructor" is not known here/],
  ])('%s', (_, text, message) => {
    expect(problems(text).join('\n')).toMatch(message);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('billion laughs', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 9; i++) text += `a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`)}]\n`;
    expect(problems(text).join('\n')).toMatch(/Aliases .* repeat too much/);
    const many = `${GOOD}list: [&a {host: x}${', *a'.repeat(LIMITS.documentAliases + 1)}]\n`;
    expect(problems(many).join('\n')).toMatch(/more than 100 aliases/);
  });

  it('%YAML 1.1 does not bring back the types of YAML 1.1', () => {
    const reading = readYamlDocument('%YAML 1.1\n---\nversion: 1\nname: yes\n', SCHEMA);
    expect(reading).toMatchObject({ kind: 'value', value: { name: 'yes' } });
    expect(problems('%YAML 1.1\n---\nversion: 1\nname: x\n<<: {kind: pinned}\n').join()).toMatch(/"<<" is not known/);
  });

  it('at most so many problems are listed, and the rest is counted', () => {
    const found = problems(`${GOOD}list: [${'1, '.repeat(5_000)}]\n`);
    expect(found).toHaveLength(LIMITS.problems + 1);
    expect(found.at(-1)).toContain('4900 more problems are not listed.');
  });

  it('whatever the text is, there is a value or a problem with a place in it', () => {
    const snippet = fc.constantFrom(
      ...[
        'version: 1',
        'name: x',
        '\n',
        '  ',
        '- ',
        '&a ',
        '*a',
        '!t ',
        '[',
        ']',
        '{',
        '}',
        ': ',
        ', ',
        '"',
        "'",
        '#',
        '|\n',
        '? ',
        '%YAML 1.2\n',
        '---\n',
        '\t',
        'list:',
        '\r',
      ],
    );
    const text = fc.oneof(
      fc.array(snippet, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    fc.assert(
      fc.property(text, (one) => {
        const reading = readYamlDocument(one, SCHEMA);
        if (reading.kind === 'value') return;
        expect(reading.problems.length).toBeGreaterThan(0);
        const lines = one.split('\n').length;
        for (const { line, column, message } of reading.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(message).toMatch(/[.?]$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the word that was meant', () => {
  it.each([
    ['tlsDomian', 'tlsDomain'],
    ['TLSDOMAIN', 'tlsDomain'],
    ['serverz', 'servers'],
    ['xyz', null],
    ['a', null],
    ['x'.repeat(1000), null],
  ])('%s: %s', (given, meant) => {
    expect(closestWord(given, ['tlsDomain', 'servers', 'kind'])).toBe(meant);
  });
});
