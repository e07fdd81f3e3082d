/** Two columns: what was sent, and the path to a root, with a line between the same certificates. */

import type { JudgedPath } from '../../../shared/contract/verdict.ts';
import { type ChainComparison, shortName } from './chain-comparison.ts';
import { OUTCOME_OF_PATH } from './path-words.ts';

interface ChainColumnsProps {
  readonly comparison: ChainComparison;
  readonly judged: boolean;
  readonly path: JudgedPath | null;
  readonly selected: string | null;
  readonly onSelect: (sha256: string) => void;
}

const ROW = 40;
const BRIDGE = 44;

export function ChainColumns({ comparison, judged, path, selected, onSelect }: ChainColumnsProps) {
  const { sent, path: items, completed } = comparison;
  const height = Math.max(sent.length, items.length) * ROW;
  const ends = path !== null && path.outcome !== 'valid' && !completed && items.at(-1)?.certificate.role !== 'anchor';
  return (
    <div className="chain">
      <h3>Sent, in this order</h3>
      <span />
      <h3>
        {completed ? 'Path with what is missing' : OUTCOME_OF_PATH[path?.outcome ?? (judged ? 'none' : 'waiting')]}
      </h3>
      <ol className="chain-column" aria-label="Certificates sent">
        {sent.map(({ certificate, remark }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same certificate can be sent twice; its place is its identity.
          <li key={index}>
            <ChainItem
              name={shortName(certificate.subject)}
              subject={certificate.subject}
              remark={remark}
              tone={remark === null ? 'plain' : 'warning'}
              selected={certificate.sha256 === selected}
              onSelect={() => onSelect(certificate.sha256)}
            />
          </li>
        ))}
      </ol>
      <svg className="chain-bridge" width={BRIDGE} height={height} aria-hidden="true">
        {sent.map(({ certificate, inPath, remark }, index) =>
          inPath === null ? null : (
            <path
              // biome-ignore lint/suspicious/noArrayIndexKey: as above.
              key={index}
              data-selected={certificate.sha256 === selected}
              data-crossed={remark !== null}
              d={`M0 ${(index + 0.5) * ROW}C${BRIDGE / 2} ${(index + 0.5) * ROW} ${BRIDGE / 2} ${(inPath + 0.5) * ROW} ${BRIDGE} ${(inPath + 0.5) * ROW}`}
            />
          ),
        )}
      </svg>
      <ol className="chain-column" aria-label="Path to a root">
        {items.map(({ certificate, remark, missing }) => (
          <li key={certificate.sha256}>
            <ChainItem
              name={shortName(certificate.subject)}
              subject={certificate.subject}
              remark={remark}
              tone={missing ? 'missing' : certificate.role === 'anchor' ? 'anchor' : 'plain'}
              selected={certificate.sha256 === selected}
              onSelect={() => onSelect(certificate.sha256)}
            />
          </li>
        ))}
        {ends && <li className="chain-end">The path ends here: it reaches no trusted root.</li>}
      </ol>
    </div>
  );
}

interface ChainItemProps {
  readonly name: string;
  readonly subject: string | null;
  readonly remark: string | null;
  readonly tone: 'plain' | 'warning' | 'missing' | 'anchor';
  readonly selected: boolean;
  readonly onSelect: () => void;
}

function ChainItem({ name, subject, remark, tone, selected, onSelect }: ChainItemProps) {
  return (
    <button
      type="button"
      className="chain-item"
      data-tone={tone}
      aria-pressed={selected}
      title={subject ?? undefined}
      onClick={onSelect}
    >
      <span className="chain-name mono">
        <bdi>{name}</bdi>
      </span>
      {remark !== null && <span className="chain-remark">{remark}</span>}
    </button>
  );
}
