/** By what a run is judged: the point in time and the trust policy. A choice judges at once. */
import { type FormEvent, useEffect, useId, useState } from 'react';
import type { JudgeQuestionInput } from '../../shared/contract/operations.ts';
import type { DescribedPolicy } from '../../shared/contract/trust.ts';
import { useStore } from '../state/context.ts';
import type { RunState } from '../state/store.ts';
import { Button } from '../ui/button.tsx';
import { PopUp, PopUpOption } from '../ui/pop-up.tsx';

export function AsOfControl({ run }: { readonly run: RunState }) {
  const store = useStore();
  const group = useId();
  const { at } = run.question;
  const day = typeof at === 'object' && at !== null ? dayOf(at.date) : '';
  const judge = (change: JudgeQuestionInput['at']) => void store.judge(run.run, { at: change });
  return (
    <PopUp
      label="as of"
      value={at === null ? 'capture' : typeof at === 'object' ? day : at}
      title="The point in time that certificates are judged at"
    >
      <PopUpOption
        group={group}
        checked={at === null || at === 'capture'}
        title="Capture"
        detail="When each session took place"
        onChoose={() => judge('capture')}
      />
      <PopUpOption
        group={group}
        checked={at === 'now'}
        title="Now"
        detail="As a server would see it today"
        onChoose={() => judge('now')}
      />
      <h3 id={`${group}-date`}>A date</h3>
      <div className="pop-up-field">
        <input
          className="field"
          type="date"
          aria-labelledby={`${group}-date`}
          defaultValue={day}
          onChange={({ target }) => {
            const date = Date.parse(`${target.value}T00:00:00Z`) / 1000;
            // Years that are still being typed are no dates to judge at.
            if (date >= 0) judge({ date });
          }}
        />
      </div>
    </PopUp>
  );
}

export function TrustControl({ run }: { readonly run: RunState }) {
  const store = useStore();
  const group = useId();
  const [policies, setPolicies] = useState<readonly DescribedPolicy[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const trust = run.question.trust ?? run.judged?.judgedBy.trust.name ?? 'mozilla';
  const known = policies.some(({ name }) => name === trust);
  const [file, setFile] = useState('');

  useEffect(() => {
    store.host.call('trustPolicies', {}).then(
      (document) => {
        setPolicies(document.policies);
        setProblem(document.problems[0]?.message ?? null);
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, [store]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file.trim() !== '') void store.judge(run.run, { trust: file.trim() });
  };
  return (
    <PopUp label="trust" value={shortName(trust)} title={run.judged?.judgedBy.trust.title ?? 'Whose roots count'}>
      {policies.map(({ name, title, issued }) => (
        <PopUpOption
          key={name}
          group={group}
          checked={name === trust}
          title={name}
          detail={issued === null ? title : `${title}, ${issued}`}
          onChoose={() => void store.judge(run.run, { trust: name })}
        />
      ))}
      {!known && policies.length > 0 && (
        <PopUpOption group={group} checked title={shortName(trust)} detail={trust} onChoose={() => undefined} />
      )}
      {problem !== null && <p className="pop-up-field">{problem}</p>}
      <h3 id={`${group}-file`}>Roots in a file: PEM certificates or a policy</h3>
      <form className="pop-up-field" onSubmit={submit}>
        <input
          className="field mono"
          type="text"
          aria-labelledby={`${group}-file`}
          placeholder="/path/to/roots.pem"
          spellCheck={false}
          value={file}
          onChange={({ target }) => setFile(target.value)}
        />
        <Button type="submit" disabled={file.trim() === ''}>
          Use
        </Button>
      </form>
    </PopUp>
  );
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function shortName(trust: string): string {
  return trust.split(/[/\\]/).at(-1) ?? trust;
}
