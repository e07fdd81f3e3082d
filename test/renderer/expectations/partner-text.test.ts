import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readExpectations } from '../../../electron/files/expectation-file.ts';
import { EXAMPLE } from '../../../renderer/views/expectations/example-text.ts';
import { partnerLines, withPartners } from '../../../renderer/views/expectations/partner-text.ts';
import { partnerOfSession } from '../../../renderer/views/expectations/session-partner.ts';
import { ROWS } from './answers.ts';

const STORY = readFileSync(new URL('../../../examples/story/expectations.yaml', import.meta.url), 'utf8');

const ADDED = `# Imported.
version: 1
partners:
  # From Get-OutboundConnector.
  - name: Litware
    domains: [litware.example]
    connector: { kind: opportunistic }

  - name: Proseware
    domains: [proseware.example]
    connector:
      kind: opportunistic
`;

function names(text: string | null): readonly string[] {
  const reading = readExpectations(text ?? '');
  if (reading.kind === 'problems') throw new Error(JSON.stringify(reading.problems));
  return reading.expectations.partners.map(({ name }) => name);
}

describe('withPartners', () => {
  it('adds them behind the last partner', () => {
    const text = withPartners(STORY, ADDED);
    expect(names(text)).toEqual([...names(STORY), 'Litware', 'Proseware']);
    expect(text?.startsWith(STORY.trimEnd())).toBe(true);
    expect(text?.endsWith('\n')).toBe(true);
  });

  it('keeps the comments of what is added', () => {
    expect(withPartners(STORY, ADDED)).toContain('\n  # From Get-OutboundConnector.\n  - name: Litware\n');
  });

  it.each([
    [
      'without indentation',
      'version: 1\npartners:\n- name: A\n  domains: [a.example]\n  connector: { kind: opportunistic }\n',
    ],
    [
      'with four spaces',
      'version: 1\npartners:\n    - name: A\n      domains: [a.example]\n      connector: { kind: opportunistic }\n',
    ],
  ])('follows a list %s', (_, text) => {
    expect(names(withPartners(text, ADDED))).toEqual(['A', 'Litware', 'Proseware']);
  });

  it('stays before keys that come after the list', () => {
    const text =
      'partners:\n  - name: A\n    domains: [a.example]\n    connector: { kind: opportunistic }\n\n# whose roots\ntrust: mozilla\nversion: 1\n';
    const joined = withPartners(text, ADDED);
    expect(names(joined)).toEqual(['A', 'Litware', 'Proseware']);
    expect(joined).toMatch(/\n# whose roots\ntrust: mozilla\nversion: 1\n$/);
  });

  it.each(['version: 1\npartners: []\n', 'version: 1\npartners:\n', 'version: 1\npartners: # none yet'])(
    'fills an empty list: %j',
    (text) => {
      expect(names(withPartners(text, ADDED))).toEqual(['Litware', 'Proseware']);
    },
  );

  it('takes all of it where there is no file', () => {
    expect(withPartners(' \n', ADDED)).toBe(ADDED);
  });

  it.each(['{ "version": 1, "partners": [] }', 'version: 1\npartners: [{ name: A }]\n', 'version: 1\n'])(
    'leaves to a person what is not written line by line: %j',
    (text) => {
      expect(withPartners(text, ADDED)).toBeNull();
    },
  );
});

describe('partnerLines', () => {
  it('finds each partner of the story', () => {
    const lines = STORY.split('\n');
    const found = partnerLines(STORY, names(STORY));
    expect(found.map((line) => lines[(line ?? 0) - 1].trim())).toEqual(names(STORY).map((name) => `- name: ${name}`));
  });

  it('reads quoted names, and names before comments', () => {
    const text = 'partners:\n  - name: "A \\"B\\""\n  - name: \'it\'\'s\'\n  - name: plain # a comment\n';
    expect(partnerLines(text, ['A "B"', "it's", 'plain'])).toEqual([2, 3, 4]);
  });

  it('gives partners of the same name their own lines', () => {
    expect(partnerLines('- name: A\n- name: A\n', ['A', 'A', 'A'])).toEqual([1, 2, null]);
  });
});

describe('partnerOfSession', () => {
  it('pins the name that the certificate shows', () => {
    const text = partnerOfSession({ ...ROWS[0], server: '[2001:db8::25]:25', name: 'mx.litware.example' });
    expect(names(text)).toEqual(['mx.litware.example']);
    expect(text).toContain('servers: ["2001:db8::25"]');
    expect(text).toContain('includes: ["mail.protection.outlook.com"]');
  });

  it.each(['a"\n  - name: b', 'mail.example: x', 'gar\u202eeuro.example', '', '-.example'])(
    'puts no text of the other side into the file that is no host name: %j',
    (hostile) => {
      expect(names(partnerOfSession({ ...ROWS[0], name: hostile, certificate: hostile }))).toEqual(['10.99.0.10']);
    },
  );
});

it('the example is in order', () => {
  expect(names(EXAMPLE)).toEqual(['Fabrikam', 'Woodgrove Bank', 'Everybody else']);
});
