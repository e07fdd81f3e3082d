/** The names in the certificate as a set, against what its provider documents and what partners expect. */
import { useState } from 'react';
import type { Certificate } from '../../../shared/contract/analysis.ts';
import type { Check, Recognition } from '../../../shared/contract/verdict.ts';
import { Button } from '../../ui/button.tsx';
import { CHECK_TONES, CHECK_WORDS } from '../../ui/check-words.ts';
import { CopyText } from '../../ui/copy-text.tsx';
import { Status } from '../../ui/status.tsx';
import { type ComparedName, compareNames, countNames } from './name-set.ts';

interface NameListProps {
  readonly certificate: Certificate;
  readonly recognition: Recognition | null;
  /** What partners demand of the name. */
  readonly demands: readonly { readonly partner: string; readonly check: Check }[];
}

/** What differs comes first, so that it is among them. */
const SHOWN_NAMES = 20;

const SIGNS: Readonly<Record<ComparedName['status'], string>> = {
  equal: '=',
  missing: '−',
  surplus: '+',
  presented: '·',
};

export function NameList({ certificate, recognition, demands }: NameListProps) {
  const names = compareNames(certificate, recognition);
  const [all, setAll] = useState(false);
  const shown = all ? names : names.slice(0, SHOWN_NAMES);
  return (
    <section className="names" aria-label="Names in the certificate">
      <h3>Names</h3>
      {demands.map(({ partner, check }) => (
        <p key={`${partner} ${check.id} ${check.rule}`}>
          <Status tone={CHECK_TONES[check.status]}>{CHECK_WORDS[check.status]}</Status> Expected of {partner}:{' '}
          {check.rule}
        </p>
      ))}
      <p className="quiet">{aboutNames(names, recognition)}</p>
      <ul>
        {shown.map(({ name, status }) => (
          <li key={`${status} ${name}`} data-status={status}>
            <span className="name-sign" aria-hidden="true">
              {SIGNS[status]}
            </span>
            <CopyText text={name} label="Name" />
            {(status === 'missing' || status === 'surplus') && <span className="name-status">{status}</span>}
          </li>
        ))}
      </ul>
      {shown.length < names.length && <Button onClick={() => setAll(true)}>Show all {names.length} names</Button>}
    </section>
  );
}

function aboutNames(names: readonly ComparedName[], recognition: Recognition | null): string {
  if (recognition === null) {
    const count = names.length === 0 ? 'No name' : names.length === 1 ? '1 name' : `${names.length} names`;
    return `${count}; no mail provider in the catalogue has them.`;
  }
  return recognition.match === 'exact'
    ? `Exactly the ${names.length} names of ${recognition.title}.`
    : `Not all as ${recognition.title} has them: ${countNames(names)}.`;
}
