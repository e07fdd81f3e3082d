import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINDING_CODES } from '../../shared/x509/path/breach.ts';
import { LIMBO_MISSES } from '../corpus/limbo-misses.ts';
import { ROOT } from '../support/command.ts';

const page = readFileSync(join(ROOT, 'docs/path-validation.md'), 'utf8');
const chainSource = readFileSync(join(ROOT, 'shared/x509/path/judge-chain.ts'), 'utf8');

describe('docs/path-validation.md', () => {
  it('documents every code of a finding, and none that is not given', () => {
    const differences = [...chainSource.matchAll(/report\('([a-z-]+)'/g)].map(([, code]) => code);
    const documented = [...page.matchAll(/^\| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \|/gm)]
      .flatMap(([, cell]) => cell.split(', ').map((code) => code.slice(1, -1)))
      .filter((code) => !['path', 'rfc5280', 'webpki'].includes(code));
    expect([...documented].sort()).toEqual([...new Set([...FINDING_CODES, ...differences])].sort());
  });

  it('lists every case of x509-limbo that is missed', () => {
    const listed = [...page.matchAll(/^\| `(\w+::[\w:-]+)` \|/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual([...LIMBO_MISSES.keys()].sort());
  });
});
