/** In place of certificates that cannot be seen: why, and what to do next. */
import type { Presented } from '../../../shared/contract/analysis.ts';

export function NoCertificate({ presented }: { readonly presented: Presented }) {
  const { explanation } = presented;
  const colon = explanation.indexOf(': ');
  const reason = colon < 0 ? explanation : `${explanation.slice(0, colon)}.`;
  const step = colon < 0 ? null : explanation.slice(colon + 2);
  return (
    <div className="no-certificate">
      <p className="no-certificate-reason">{reason}</p>
      {step !== null && (
        <p>
          <strong>What to do: </strong>
          {step}
        </p>
      )}
    </div>
  );
}
