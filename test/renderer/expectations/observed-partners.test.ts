import { describe, expect, it } from 'vitest';
import { demandWords, effectSentence, worstFirst } from '../../../renderer/views/expectations/expectation-words.ts';
import { observePartners, partnersHeadline } from '../../../renderer/views/expectations/observed-partners.ts';
import type { JudgedRow, SessionRow } from '../../../shared/contract/operations.ts';
import type { Outcome } from '../../../shared/contract/verdict.ts';
import type { WhatIfPartner } from '../../../shared/contract/what-if.ts';
import { ROWS } from './answers.ts';

type Seen = readonly [partner: string | null, outcome: Outcome | null];

function observe(...seen: readonly Seen[]) {
  const rows: readonly SessionRow[] = seen.map((_, at) => ({ ...ROWS[0], id: `s${at + 1}` }));
  const judged: readonly JudgedRow[] = seen.map(([partner, outcome]) => ({ partner, outcome, path: null, root: null }));
  return observePartners(rows, judged);
}

function headline(names: readonly string[], ...seen: readonly Seen[]): string {
  const partners = names.map((name) => ({ name, kind: 'pinned', side: 'server' as const, demands: '' }));
  return partnersHeadline(partners, observe(...seen));
}

describe('observePartners', () => {
  it('counts each outcome, the worst first, with the first session that shows it', () => {
    const { partners } = observe(['A', 'deliver'], ['B', 'reject'], ['A', 'defer'], ['A', 'defer'], ['A', 'unknown']);
    expect(partners.get('A')).toEqual({
      sessions: 4,
      outcomes: [
        { outcome: 'defer', sessions: 2, first: 's3' },
        { outcome: 'unknown', sessions: 1, first: 's5' },
        { outcome: 'deliver', sessions: 1, first: 's1' },
      ],
    });
    expect(partners.get('B')?.sessions).toBe(1);
  });

  it('counts sessions of no partner apart', () => {
    expect(observe(['A', 'deliver'], [null, null], [null, null]).others).toEqual({ sessions: 2, first: 's2' });
    expect(observe(['A', 'deliver']).others).toBeNull();
  });

  it('goes as far as the run is judged', () => {
    const judged: readonly JudgedRow[] = [{ partner: 'A', outcome: 'deliver', path: null, root: null }];
    expect(observePartners(ROWS, judged).partners.get('A')?.sessions).toBe(1);
  });
});

describe('the answer in one sentence', () => {
  it('names those whose mail fails, some of it or all', () => {
    expect(headline(['A', 'B', 'C'], ['A', 'deliver'], ['A', 'defer'], ['C', 'reject'])).toBe(
      'Mail fails for 2 of 3 partners: A and C.',
    );
  });

  it('keeps names with commas apart', () => {
    expect(headline(['A', 'A, as sender'], ['A', 'defer'], ['A, as sender', 'reject'])).toBe(
      'Mail fails for 2 of 2 partners: A; A, as sender.',
    );
  });

  it('names only some of many', () => {
    const many = ['A', 'B', 'C', 'D', 'E', 'F'];
    expect(headline(many, ...many.map((name): Seen => [name, 'defer']))).toBe(
      'Mail fails for 6 of 6 partners: A, B, C and 3 more.',
    );
  });

  it('says when nobody of the file was seen', () => {
    expect(headline(['A', 'B'], [null, null])).toBe(
      'No session of this capture belongs to one of the 2 partners of this file.',
    );
  });

  it('does not call plaintext or doubt a success', () => {
    expect(headline(['A', 'B'], ['A', 'deliver'], ['B', 'deliver-in-plaintext'])).toBe(
      'All mail is delivered; for B some of it in plaintext.',
    );
    expect(headline(['A', 'B'], ['A', 'unknown'], ['B', 'deliver'])).toBe(
      'What becomes of the mail cannot be told for A.',
    );
    expect(headline(['A', 'B'], ['A', 'deliver'], ['B', 'deliver'])).toBe('Mail is delivered for all 2 partners seen.');
  });
});

describe('what-if in words', () => {
  const partner = (name: string, effect: WhatIfPartner['effect']): WhatIfPartner => ({
    partner: name,
    connector: 'pinned',
    identity: null,
    direction: 'inbound',
    domain: null,
    before: { outcome: 'deliver', summary: '', checks: [] },
    after: { outcome: 'deliver', summary: '', checks: [] },
    effect,
    changes: [],
    commands: [],
    notice: '',
  });

  it('counts what breaks', () => {
    const five = ['breaks', 'none', 'breaks', 'none', 'none'] as const;
    expect(effectSentence(five.map((effect) => partner('A', effect)))).toBe('2 of 5 connectors break.');
    expect(effectSentence([partner('A', 'breaks'), partner('B', 'uncertain')])).toBe(
      '1 of 2 connectors breaks; for 1 it cannot be told.',
    );
    expect(effectSentence([partner('A', 'none')])).toBe('The connector goes on as before.');
  });

  it('puts what breaks first, and keeps the order of the file', () => {
    const partners = [partner('A', 'none'), partner('B', 'breaks'), partner('C', 'uncertain'), partner('D', 'breaks')];
    expect(worstFirst(partners).map((one) => one.partner)).toEqual(['B', 'D', 'C', 'A']);
  });

  it('says demands without the code of their kind', () => {
    expect(demandWords('pinned', 'pinned: the server has a name.')).toBe('The server has a name.');
    expect(demandWords('exchange-server-send', 'exchange-server-send, DomainValidation: TLS.')).toBe(
      'DomainValidation: TLS.',
    );
  });
});
