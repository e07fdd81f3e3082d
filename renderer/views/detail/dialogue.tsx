/** The facts of a session in words: who, what was said, what TLS came to. */
import type { ReactNode } from 'react';
import type { Envelope, Session, StartTlsState, TlsFacts } from '../../../shared/contract/analysis.ts';
import { CopyText } from '../../ui/copy-text.tsx';
import { lengthText, millisecondsBetween } from '../../ui/time-text.ts';
import './dialogue.css';

interface DialogueProps {
  readonly session: Session;
  readonly onFrame: (frame: number, capture?: number) => void;
}

const STARTTLS_WORDS: Readonly<Record<StartTlsState, string>> = {
  accepted: 'accepted',
  refused: 'refused by the server',
  unanswered: 'asked for, and never answered',
  'not-offered': 'not offered by the server',
  masked: 'overwritten on the way (XXXXXXXA): a firewall inspects the dialogue',
  'not-requested': 'offered, but not asked for by the client',
  'not-seen': 'not seen: this part of the dialogue was not captured',
};

const SERVICE_WORDS: Readonly<Record<Session['service'], string>> = {
  smtp: 'SMTP',
  smtps: 'SMTP with TLS from the start',
  tls: 'TLS, without its beginning',
};

const OUTCOME_WORDS: Readonly<Record<TlsFacts['outcome'], string>> = {
  established: 'established',
  failed: 'failed',
  incomplete: 'not completed in this capture',
};

export function Dialogue({ session, onFrame }: DialogueProps) {
  const { smtp, tls, client, server, startedAt, endedAt, problems } = session;
  const duration = startedAt !== null && endedAt !== null ? millisecondsBetween(startedAt, endedAt) : null;
  return (
    <div className="dialogue">
      <Facts title="Connection">
        <Fact label="Client" copy={`${client.address}`} after={`port ${client.port}`} />
        <Fact label="Server" copy={`${server.address}`} after={`port ${server.port}`} />
        <Fact label="Service" text={SERVICE_WORDS[session.service]} />
        {startedAt === null ? (
          <Fact label="Time" text="The capture tells no times." />
        ) : (
          <Fact label="Began" copy={startedAt} after={duration === null ? '' : `lasted ${lengthText(duration)}`} />
        )}
        <Fact label="Frames" text={framesText(session)} />
        <Fact label="Display filter" copy={session.displayFilter} />
      </Facts>
      {smtp !== null && (
        <Facts title="SMTP, in plaintext">
          {smtp.greeting === null ? (
            <Fact label="Greeting" text="not captured" />
          ) : (
            <Fact label="Greeting" copy={`${smtp.greeting.code} ${smtp.greeting.text}`} />
          )}
          {smtp.clientName === null ? (
            <Fact label="Client's name" text="not given" />
          ) : (
            <Fact label="Client's name" copy={smtp.clientName} />
          )}
          <Fact label="Extensions">
            {smtp.extensions.length === 0
              ? 'none seen'
              : smtp.extensions.map((keyword) => <CopyText key={keyword} label="Extension" text={keyword} />)}
          </Fact>
          <Fact label="STARTTLS">
            {STARTTLS_WORDS[smtp.starttls]}
            {smtp.upgrade !== null && (
              <span className="quiet">
                {smtp.upgrade.command !== 'STARTTLS' && `as ${smtp.upgrade.command}, `}
                {smtp.upgrade.replyCode !== null && `reply ${smtp.upgrade.replyCode}, `}
                <FrameLink frame={smtp.upgrade.frame} capture={smtp.upgrade.capture} onFrame={onFrame} />
              </span>
            )}
          </Fact>
          {smtp.envelopes.map((envelope, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: envelopes repeat, and those of a session never change.
            <EnvelopeFact key={index} envelope={envelope} />
          ))}
        </Facts>
      )}
      {tls !== null && <TlsFactsList tls={tls} onFrame={onFrame} />}
      {problems.length > 0 && (
        <Facts title="What could not be read">
          {problems.map(({ code, message, frame }, index) => (
            <Fact
              // biome-ignore lint/suspicious/noArrayIndexKey: problems repeat, and those of a session never change.
              key={`${code}${index}`}
              label={frame === undefined ? 'Session' : <FrameLink frame={frame} onFrame={onFrame} />}
            >
              {message}
            </Fact>
          ))}
        </Facts>
      )}
    </div>
  );
}

function framesText({ firstFrame, lastFrame, capture, lastCapture }: Session): string {
  return lastCapture === undefined
    ? `${firstFrame} to ${lastFrame}`
    : `${firstFrame} of file ${capture + 1} to ${lastFrame} of file ${lastCapture + 1}`;
}

function EnvelopeFact({ envelope: { mailFrom, rcptTo, protection } }: { readonly envelope: Envelope }) {
  return (
    <Fact label="Message">
      from{' '}
      {mailFrom === '' ? <span className="quiet">the null sender</span> : <CopyText label="Sender" text={mailFrom} />}{' '}
      to
      {rcptTo.map((recipient, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a recipient can be named twice.
        <CopyText key={index} label="Recipient" text={recipient} />
      ))}
      <span className="quiet">{protection === 'tls' ? 'inside TLS' : 'in plaintext'}</span>
    </Fact>
  );
}

function TlsFactsList({ tls, onFrame }: { readonly tls: TlsFacts; readonly onFrame: DialogueProps['onFrame'] }) {
  const { cipherSuite, certificateRequest, fingerprints } = tls;
  return (
    <Facts title="TLS">
      <Fact label="Handshake" text={OUTCOME_WORDS[tls.outcome]} />
      <Fact label="Version" text={tls.version ?? 'the server never answered'} />
      {cipherSuite !== null && <Fact label="Cipher suite" copy={cipherSuite.name} after={cipherSuite.code} />}
      {tls.keyExchangeGroup !== null && <Fact label="Key exchange" copy={tls.keyExchangeGroup} />}
      {tls.serverName === null ? (
        <Fact label="Server name" text="not asked for by the client" />
      ) : (
        <Fact label="Server name" copy={tls.serverName} />
      )}
      {tls.applicationProtocol !== null && <Fact label="Application protocol" copy={tls.applicationProtocol} />}
      <Fact label="Resumed" text={tls.resumed ? 'yes: no certificates are sent' : 'no'} />
      {tls.stapledOcsp && <Fact label="OCSP response" text="sent with the certificate" />}
      <Fact label="Client certificate">
        {certificateRequest === null ? 'not asked for, or not visible' : 'asked for by the server'}
        {certificateRequest?.authorities.map((name) => (
          <CopyText key={name} label="Acceptable authority" text={name} />
        ))}
      </Fact>
      {tls.alerts.map(({ frame, from, level, description, code, capture }) => (
        <Fact key={`${frame} ${from} ${code}`} label="Alert">
          <span className="alert">
            {level} {description} ({code})
          </span>{' '}
          from the {from}, <FrameLink frame={frame} capture={capture} onFrame={onFrame} />
        </Fact>
      ))}
      {fingerprints.ja3 !== null && <Fact label="JA3" copy={fingerprints.ja3} />}
      {fingerprints.ja3s !== null && <Fact label="JA3S" copy={fingerprints.ja3s} />}
      {fingerprints.ja4 !== null && <Fact label="JA4" copy={fingerprints.ja4} />}
    </Facts>
  );
}

interface FrameLinkProps {
  readonly frame: number;
  readonly capture?: number | undefined;
  readonly onFrame: DialogueProps['onFrame'];
}

function FrameLink({ frame, capture, onFrame }: FrameLinkProps) {
  return (
    <button type="button" className="link" onClick={() => onFrame(frame, capture)}>
      frame {frame}
    </button>
  );
}

function Facts({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl>{children}</dl>
    </section>
  );
}

interface FactProps {
  readonly label: ReactNode;
  readonly text?: string;
  readonly copy?: string;
  readonly after?: string;
  readonly children?: ReactNode;
}

function Fact({ label, text, copy, after, children }: FactProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {text}
        {copy !== undefined && <CopyText label={typeof label === 'string' ? label : 'Value'} text={copy} wrap />}
        {after !== undefined && <span className="quiet">{after}</span>}
        {children}
      </dd>
    </div>
  );
}
