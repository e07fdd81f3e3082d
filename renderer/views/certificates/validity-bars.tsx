/** When each certificate is valid, with the moments that the session is judged at. */
import { dayText } from '../../ui/time-text.ts';
import { validityScale } from './validity-scale.ts';

export interface ShownValidity {
  readonly sha256: string;
  readonly name: string;
  readonly notBefore: string | null;
  readonly notAfter: string;
}

interface ValidityBarsProps {
  readonly certificates: readonly ShownValidity[];
  readonly moments: readonly { readonly title: string; readonly at: string }[];
}

export function ValidityBars({ certificates, moments }: ValidityBarsProps) {
  const target = certificates.find(({ notBefore }) => notBefore !== null);
  if (target === undefined || target.notBefore === null) return null;
  const scale = validityScale(
    { notBefore: target.notBefore, notAfter: target.notAfter },
    moments.map(({ at }) => at),
  );
  if (scale === null) return null;
  const marks = moments.map(({ title, at }) => ({ title, at, position: scale.position(at) }));
  return (
    <div className="validity">
      <span />
      <div className="validity-marks" aria-hidden="true">
        {marks.map(({ title, at, position }) => (
          <span
            key={title}
            data-side={position > 0.5 ? 'left' : 'right'}
            style={{ insetInlineStart: `${position * 100}%` }}
          >
            {title} {dayText(at)}
          </span>
        ))}
      </div>
      <span />
      {certificates.map((certificate) => {
        const bar = scale.bar(certificate.notBefore, certificate.notAfter);
        const states = moments.map(({ title, at }) => `${title}: ${stateAt(certificate, at)}`);
        return (
          <div className="validity-row" key={certificate.sha256}>
            <span className="validity-name mono" title={certificate.name}>
              <bdi>{certificate.name}</bdi>
            </span>
            <div className="validity-track" role="img" aria-label={states.join('; ')} title={states.join('\n')}>
              <div
                className="validity-bar"
                data-before={bar.before}
                data-after={bar.after}
                style={{ insetInlineStart: `${bar.start * 100}%`, width: `${Math.max(0, bar.end - bar.start) * 100}%` }}
              />
              {marks.map(({ title, at, position }) => (
                <div
                  key={title}
                  className="validity-mark"
                  data-outside={stateAt(certificate, at) !== 'valid'}
                  style={{ insetInlineStart: `${position * 100}%` }}
                />
              ))}
            </div>
            <span className="validity-dates">
              {certificate.notBefore === null ? 'until ' : `${dayText(certificate.notBefore)} – `}
              {dayText(certificate.notAfter)}
            </span>
          </div>
        );
      })}
    </div>
  );
}

function stateAt({ notBefore, notAfter }: ShownValidity, at: string): 'valid' | 'not valid yet' | 'expired' {
  const time = Date.parse(at);
  if (notBefore !== null && time < Date.parse(notBefore)) return 'not valid yet';
  return time > Date.parse(notAfter) ? 'expired' : 'valid';
}
