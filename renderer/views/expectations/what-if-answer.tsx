import type {
  WhatIf,
  WhatIfChange,
  WhatIfPartner,
  WhatIfProvider,
  WhatIfVerdict,
} from '../../../shared/contract/what-if.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
import { OUTCOME_TONES, OUTCOME_WORDS, Status, type Tone } from '../../ui/status.tsx';
import { dayText } from '../../ui/time-text.ts';
import { EFFECT_TONES, EFFECT_WORDS, effectSentence, kindWords, roleWords, worstFirst } from './expectation-words.ts';

/** The answer in one sentence, then each connector, then what was supposed of the provider. */
export function WhatIfAnswer({ answer }: { readonly answer: WhatIf }) {
  const { partners, movesTo, asOf } = answer;
  return (
    <>
      <p className="expect-answer">{effectSentence(partners)}</p>
      <ol className="what-if-partners">
        {worstFirst(partners).map((partner, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a partner may have several connectors of the same name.
          <li key={at}>
            <Partner partner={partner} />
          </li>
        ))}
      </ol>
      <Provider provider={movesTo} asOf={asOf} />
    </>
  );
}

function Partner({ partner }: { readonly partner: WhatIfPartner }) {
  const { before, after, effect, changes, commands, connector, identity, notice } = partner;
  const named = identity === null || identity === partner.partner ? '' : ` “${identity}”`;
  return (
    <article className="what-if-partner" aria-label={partner.partner}>
      <header>
        <h3>
          <bdi>{partner.partner}</bdi>
        </h3>
        <p className="what-if-effect">
          <Status tone={OUTCOME_TONES[before.outcome]}>{OUTCOME_WORDS[before.outcome]}</Status>
          <span aria-hidden="true">→</span>
          <span className="visually-hidden">and after the move</span>
          <Status tone={OUTCOME_TONES[after.outcome]}>{OUTCOME_WORDS[after.outcome]}</Status>
          <span className="what-if-word" data-tone={EFFECT_TONES[effect]}>
            {EFFECT_WORDS[effect]}
          </span>
        </p>
      </header>
      <p className="what-if-role quiet">
        {roleWords(partner)} · {kindWords(connector)}
        {named}
      </p>
      <p className="what-if-why">{after.summary}</p>
      {before.outcome !== 'deliver' && <p className="what-if-why quiet">Already now: {before.summary}</p>}
      <Doubts verdict={after} />
      {changes.length > 0 && <Changes changes={changes} />}
      {commands.length > 0 && (
        <div className="what-if-commands">
          <pre className="mono">{commands.join('\n')}</pre>
          <CopyButton text={commands.join('\n')} title="Copy for Exchange PowerShell">
            Copy
          </CopyButton>
        </div>
      )}
      <details className="what-if-notice">
        <summary>The notice to send</summary>
        <div className="what-if-commands">
          <pre className="mono">{notice}</pre>
          <CopyButton text={notice} title="Copy the notice">
            Copy
          </CopyButton>
        </div>
      </details>
    </article>
  );
}

const MATTERS: Readonly<Record<string, Tone>> = { warning: 'warning', unknown: 'unknown' };

/** What keeps the verdict from being certain. Revocation is never known beforehand. */
function Doubts({ verdict }: { readonly verdict: WhatIfVerdict }) {
  const doubts = verdict.checks.filter(({ id, status }) => MATTERS[status] !== undefined && id !== 'revocation');
  if (doubts.length === 0) return null;
  return (
    <ul className="what-if-doubts">
      {doubts.map(({ id, status, evidence }) => (
        <li key={id}>
          <Status tone={MATTERS[status]}>{status === 'warning' ? 'take care' : 'not known'}</Status> {evidence}
        </li>
      ))}
    </ul>
  );
}

function Changes({ changes }: { readonly changes: readonly WhatIfChange[] }) {
  return (
    <dl className="what-if-changes">
      {changes.map(({ setting, from, to, reason }) => (
        <div key={setting}>
          <dt className="mono">{setting}</dt>
          <dd>
            <del className="mono">{from ?? '(not set)'}</del> <span aria-hidden="true">→</span>
            <span className="visually-hidden">becomes</span>{' '}
            {to === null ? (
              <em>remove it, or ask what to set</em>
            ) : (
              <CopyText text={to} label={`New ${setting}`} wrap />
            )}
            <p className="quiet">{reason}</p>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Provider({ provider, asOf }: { readonly provider: WhatIfProvider; readonly asOf: string }) {
  const { title, commonNames, names, root, trust, path, pathReason, source } = provider;
  const tone: Tone = path === 'valid' ? 'good' : path === 'invalid' ? 'bad' : 'unknown';
  return (
    <details className="what-if-supposed">
      <summary>What was supposed: {title}</summary>
      <dl>
        <dt>Common name</dt>
        <dd className="mono">{commonNames?.join(', ') ?? <NotDocumented />}</dd>
        <dt>Names</dt>
        <dd className="mono">{names?.join(', ') ?? <NotDocumented />}</dd>
        <dt>Root</dt>
        <dd>{root === null ? <NotDocumented /> : <RootText title={root.title} sha256={root.sha256} />}</dd>
        <dt>Path</dt>
        <dd>
          <Status tone={tone}>{path}</Status> by {trust} on {dayText(asOf)}
          {pathReason !== null && `: ${pathReason}`}
        </dd>
        <dt>Source</dt>
        <dd>
          <CopyText text={source} label="Source" wrap />
        </dd>
      </dl>
    </details>
  );
}

function RootText({ title, sha256 }: { readonly title: string; readonly sha256: string }) {
  return (
    <>
      {title}
      <br />
      <CopyText text={sha256} label="SHA-256" wrap />
    </>
  );
}

function NotDocumented() {
  return <span className="quiet">not documented; one captured session shows it</span>;
}
