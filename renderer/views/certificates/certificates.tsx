/** The certificates of both sides, one side at a time. */
import { useRef, useState } from 'react';
import type { Certificate, Side } from '../../../shared/contract/analysis.ts';
import type { SessionDetail } from '../../../shared/contract/operations.ts';
import type { Check, JudgedPath, JudgedSession, Moment } from '../../../shared/contract/verdict.ts';
import { MOMENT_WORDS } from '../../ui/moment-words.ts';
import { Status } from '../../ui/status.tsx';
import { dayText } from '../../ui/time-text.ts';
import { ToggleChoice } from '../../ui/toggle-choice.tsx';
import { CertificateFields } from './certificate-fields.tsx';
import { ChainColumns } from './chain-columns.tsx';
import { compareChain, shortName } from './chain-comparison.ts';
import { Findings } from './findings.tsx';
import { NameList } from './name-list.tsx';
import { NoCertificate } from './no-certificate.tsx';
import { PATH_TONES, PATH_WORDS } from './path-words.ts';
import { type ShownValidity, ValidityBars } from './validity-bars.tsx';
import './certificates.css';

interface CertificatesProps {
  readonly run: string;
  readonly detail: SessionDetail;
  readonly judged: JudgedSession | null;
  /** The moment that counts. */
  readonly moment: Moment;
  readonly side: Side;
  readonly onSide: (side: Side) => void;
}

export function Certificates({ run, detail, judged, moment, side, onSide }: CertificatesProps) {
  const { certificates } = detail.session;
  if (certificates.server.chain.length === 0 && certificates.client.chain.length === 0) {
    return <NeitherCertificate detail={detail} />;
  }
  return (
    <div className="certificates">
      <ToggleChoice
        label="Whose certificates"
        value={side}
        onChange={onSide}
        options={(['server', 'client'] as const).map((value) => ({
          value,
          title: (
            <>
              <strong>{value === 'server' ? 'Server' : 'Client'}</strong> {sentWords(certificates[value].chain.length)}
            </>
          ),
        }))}
      />
      {certificates[side].chain.length === 0 ? (
        <NoCertificate presented={certificates[side]} />
      ) : (
        <SentCertificates
          key={`${side} ${moment}`}
          moment={moment}
          run={run}
          detail={detail}
          judged={judged}
          side={side}
        />
      )}
    </div>
  );
}

function NeitherCertificate({ detail }: Pick<CertificatesProps, 'detail'>) {
  const { server, client } = detail.session.certificates;
  const same = server.explanation === client.explanation;
  return (
    <div className="certificates">
      <section aria-label="Server">
        <h3>{same ? 'No certificate of either side' : 'No certificate of the server'}</h3>
        <NoCertificate presented={server} />
      </section>
      {!same && (
        <section aria-label="Client">
          <h3>No certificate of the client</h3>
          <NoCertificate presented={client} />
        </section>
      )}
    </div>
  );
}

function sentWords(count: number): string {
  return count === 0 ? 'none seen' : `sent ${count}`;
}

function SentCertificates({ run, detail, judged, moment: decisive, side }: Omit<CertificatesProps, 'onSide'>) {
  const { chain, visibility, explanation } = detail.session.certificates[side];
  const paths = judged?.paths.filter((path) => path.side === side) ?? [];
  const [moment, setMoment] = useState(decisive);
  const path = paths.find((one) => one.moment === moment) ?? paths[0] ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const fields = useRef<HTMLDivElement>(null);
  const comparison = compareChain(chain, path);
  const shown = [...chain.map(({ sha256 }) => sha256), ...comparison.path.map(({ certificate }) => certificate.sha256)];
  const selected = chosen !== null && shown.includes(chosen) ? chosen : chain[0].sha256;
  const target = readable(detail, chain[0].sha256);
  const subjects = new Map([
    ...comparison.path.map(({ certificate }) => [certificate.sha256, certificate.subject] as const),
    ...chain.map(({ sha256, subject }) => [sha256, subject] as const),
  ]);
  const select = (sha256: string) => {
    setChosen(sha256);
    fields.current?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      {visibility !== 'visible' && <p className="quiet">{explanation}</p>}
      {paths.length > 0 && (
        <ToggleChoice
          label="The path at"
          value={path?.moment ?? 'capture'}
          onChange={setMoment}
          options={paths.map((one) => ({
            value: one.moment,
            title: (
              <>
                {MOMENT_WORDS[one.moment]} <span className="quiet">{dayText(one.asOf)}</span>
                <Status tone={PATH_TONES[one.outcome]}>{PATH_WORDS[one.outcome]}</Status>
              </>
            ),
          }))}
        />
      )}
      <ChainColumns
        comparison={comparison}
        judged={judged !== null}
        path={path}
        selected={selected}
        onSelect={select}
      />
      <Findings findings={path?.findings ?? []} />
      {target !== null && (
        <NameList
          certificate={target}
          recognition={judged?.recognized.find((one) => one.side === side) ?? null}
          demands={nameDemands(judged, new Set(chain.map(({ frame }) => frame)))}
        />
      )}
      <section aria-label="Validity">
        <h3>Valid from and until</h3>
        <ValidityBars
          certificates={validities(detail, [...new Set(shown)], paths, subjects)}
          moments={momentsOf(detail, paths)}
        />
      </section>
      <div ref={fields}>
        <CertificateFields
          run={run}
          sha256={selected}
          name={shortName(subjects.get(selected) ?? null)}
          chain={chain.map(({ sha256 }) => sha256)}
        />
      </div>
    </>
  );
}

function readable({ certificates }: SessionDetail, sha256: string): Certificate | null {
  const certificate = certificates[sha256];
  return certificate === undefined || 'unreadable' in certificate ? null : certificate;
}

/** What partners demand of the names of this side's certificate: a check names the frame that it judges. */
function nameDemands(
  judged: JudgedSession | null,
  frames: ReadonlySet<number | null>,
): { partner: string; check: Check }[] {
  const demands = new Map<string, { partner: string; check: Check }>();
  for (const { partner, checks } of judged?.verdicts ?? []) {
    for (const check of checks) {
      if (frames.has(check.frame) && /^certificate-names?$/.test(check.id)) {
        demands.set(`${partner} ${check.id} ${check.rule}`, { partner, check });
      }
    }
  }
  return [...demands.values()];
}

function validities(
  detail: SessionDetail,
  shown: readonly string[],
  paths: readonly JudgedPath[],
  subjects: ReadonlyMap<string, string | null>,
): ShownValidity[] {
  const judged = new Map(
    paths.flatMap(({ path, completedPath }) => [...path, ...(completedPath ?? [])]).map((one) => [one.sha256, one]),
  );
  return shown.flatMap((sha256): ShownValidity[] => {
    const name = shortName(subjects.get(sha256) ?? null);
    const certificate = readable(detail, sha256);
    if (certificate !== null) {
      return [{ sha256, name, notBefore: certificate.notBefore, notAfter: certificate.notAfter }];
    }
    const item = judged.get(sha256);
    return item === undefined ? [] : [{ sha256, name, notBefore: null, notAfter: item.notAfter }];
  });
}

function momentsOf({ session }: SessionDetail, paths: readonly JudgedPath[]): { title: string; at: string }[] {
  const moments = new Map<string, string>();
  if (session.startedAt !== null) moments.set('capture', session.startedAt);
  for (const { moment, asOf } of paths) {
    if (moment === 'now') moments.set('today', asOf);
    if (moment === 'date') moments.set('chosen date', asOf);
  }
  return [...moments].map(([title, at]) => ({ title, at }));
}
