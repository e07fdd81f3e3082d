/** Every field of one certificate, each copied with a click, and the certificate as a file. */
import { useState } from 'react';
import type { CertificateFormat } from '../../../shared/contract/operations.ts';
import { useStore } from '../../state/context.ts';
import { useOperation } from '../../state/use-operation.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
import { download } from '../../ui/download.ts';
import { Failure } from '../../ui/failure.tsx';

interface CertificateFieldsProps {
  readonly run: string;
  readonly sha256: string;
  readonly name: string;
  /** All that the side sent, for one file. */
  readonly chain: readonly string[];
}

export function CertificateFields({ run, sha256, name, chain }: CertificateFieldsProps) {
  const { value, error, slow, retry } = useOperation('certificate', { run, sha256 });
  const known = value !== null && value.sha256 === sha256 ? value : null;
  return (
    <section className="certificate-fields" aria-label={`Fields of ${name}`} aria-busy={known === null}>
      <header>
        <h3>
          <bdi>{name}</bdi>
        </h3>
        {known !== null && <CopyButton text={known.pem}>Copy PEM</CopyButton>}
        {known !== null && <SaveButtons run={run} sha256={sha256} chain={chain} />}
      </header>
      {error !== null && <Failure message={error} onRetry={retry} />}
      {known === null && slow && <p className="quiet">Reading the certificate…</p>}
      {known?.groups.map((group) => (
        <div className="field-group" key={group.title}>
          <h4>{group.title}</h4>
          <dl>
            {group.fields.map(({ label, value: text, critical }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: labels repeat, and the fields of a certificate never change.
              <div key={index}>
                <dt>
                  {label}
                  {critical === true && <span className="critical"> critical</span>}
                </dt>
                <dd>
                  <CopyText text={text} label={label} wrap />
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}

interface SaveButtonsProps {
  readonly run: string;
  readonly sha256: string;
  readonly chain: readonly string[];
}

function SaveButtons({ run, sha256, chain }: SaveButtonsProps) {
  const { host } = useStore();
  const [message, setMessage] = useState<string | null>(null);
  const save = (certificates: readonly string[], format: CertificateFormat) => {
    host.call('exportCertificates', { run, certificates: [...new Set(certificates)], format }).then(
      ({ fileName, base64 }) => {
        setMessage(null);
        download(fileName, base64);
      },
      (reason: unknown) => setMessage(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  return (
    <>
      <Button onClick={() => save([sha256], 'pem')}>Save PEM</Button>
      <Button onClick={() => save([sha256], 'der')}>Save DER</Button>
      {chain.length > 0 && (
        <Button title="All certificates that were sent, as one PKCS #7 file" onClick={() => save(chain, 'p7b')}>
          Save all sent (.p7b)
        </Button>
      )}
      <span role="status" className="save-message">
        {message}
      </span>
    </>
  );
}
