/** What becomes of the mail when a domain moves to a mail provider. */
import { useId, useState } from 'react';
import type { WhatIf } from '../../../shared/contract/what-if.ts';
import { useOperation } from '../../state/use-operation.ts';
import { useSettled } from './use-settled.ts';
import { WhatIfAnswer } from './what-if-answer.tsx';

export interface WhatIfChoice {
  /** Null: what the catalogue has last, until the person chooses. */
  readonly movesTo: string | null;
  readonly only: string;
  readonly direction: WhatIf['direction'];
  /** Empty: as the file says. */
  readonly trust: string;
}

export const FIRST_CHOICE: WhatIfChoice = { movesTo: null, only: '', direction: 'both', trust: '' };

const DIRECTIONS: readonly { readonly value: WhatIf['direction']; readonly title: string }[] = [
  { value: 'both', title: 'both ways' },
  { value: 'inbound', title: 'to the domain' },
  { value: 'outbound', title: 'from the domain' },
];

const AS_THE_FILE_SAYS = { value: '', title: 'as the file says' };

/** The move that most people ask about. */
const USUAL_ENTRY = 'eop-2026';
const SETTLE_MILLISECONDS = 300;
const DOMAIN = /^[^\s]{0,253}$/;

interface WhatIfPanelProps {
  readonly choice: WhatIfChoice;
  readonly onChoose: (choice: WhatIfChoice) => void;
  /** A file that is in order; null: there is none. */
  readonly document: { readonly name: string; readonly text: string } | null;
  /** Why there is none. */
  readonly reason: string;
}

export function WhatIfPanel({ choice, onChoose, document, reason }: WhatIfPanelProps) {
  const labels = useId();
  const catalogue = useOperation('catalogue', {});
  const policies = useOperation('trustPolicies', {});
  const only = useSettled(choice.only.trim(), SETTLE_MILLISECONDS);
  const entries = catalogue.value ?? [];
  const usual = entries.find(({ id }) => id === USUAL_ENTRY) ?? entries.at(-1);
  const movesTo = choice.movesTo ?? usual?.id ?? null;
  const { direction, trust } = choice;
  const question =
    document === null || movesTo === null || !DOMAIN.test(only)
      ? null
      : { expectations: document, movesTo, only: only || null, direction, trust: trust || null };
  const answer = useOperation('whatIf', question);
  const domains = useDomains(answer.value);
  const choose = (change: Partial<WhatIfChoice>) => onChoose({ ...choice, ...change });
  return (
    <div className="what-if">
      <form className="what-if-question" onSubmit={(event) => event.preventDefault()}>
        <div>
          <label htmlFor={`${labels}-only`}>Domain</label>
          <input
            id={`${labels}-only`}
            className="expect-field mono"
            type="text"
            list={`${labels}-domains`}
            spellCheck={false}
            placeholder="each partner's own"
            value={choice.only}
            onChange={({ target }) => choose({ only: target.value })}
          />
          <datalist id={`${labels}-domains`}>
            {domains.map((domain) => (
              <option key={domain} value={domain} />
            ))}
          </datalist>
        </div>
        <Choices
          title="moves to"
          wide
          value={movesTo ?? ''}
          options={[...entries].reverse().map(({ id, title }) => ({ value: id, title }))}
          onChoose={(chosen) => choose({ movesTo: chosen })}
        />
        <Choices
          title="mail"
          value={direction}
          options={DIRECTIONS}
          onChoose={(chosen) => choose({ direction: chosen })}
        />
        <Choices
          title="trust"
          value={trust}
          options={[
            AS_THE_FILE_SAYS,
            ...(policies.value?.policies ?? []).map(({ name }) => ({ value: name, title: name })),
          ]}
          onChoose={(chosen) => choose({ trust: chosen })}
        />
      </form>
      <div className="what-if-result" aria-live="polite" aria-busy={answer.slow}>
        {document === null && <p className="expect-note">{reason}</p>}
        {document !== null && (catalogue.error ?? answer.error) !== null && (
          <p className="expect-note" data-tone="bad">
            {catalogue.error ?? answer.error}
          </p>
        )}
        {document !== null && answer.value !== null && <WhatIfAnswer answer={answer.value} />}
      </div>
    </div>
  );
}

interface ChoicesProps<T extends string> {
  readonly title: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly onChoose: (value: T) => void;
  readonly wide?: boolean;
}

function Choices<T extends string>({ title, value, options, onChoose, wide = false }: ChoicesProps<T>) {
  const id = useId();
  return (
    <div data-wide={wide}>
      <label htmlFor={id}>{title}</label>
      <select
        id={id}
        className="expect-field"
        value={value}
        onChange={({ target }) => {
          const chosen = options.find((option) => option.value === target.value);
          if (chosen) onChoose(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Domains to offer: those of the answers so far, which name the partners' own. */
function useDomains(answer: WhatIf | null): readonly string[] {
  const [known, setKnown] = useState<readonly string[]>([]);
  const more = (answer?.partners ?? []).flatMap(({ domain }) =>
    domain === null || known.includes(domain) ? [] : [domain],
  );
  if (more.length > 0) setKnown([...new Set([...known, ...more])]);
  return known;
}
