/** Connectors as Exchange PowerShell prints them, made into partners of an expectation file. */
import { useId } from 'react';
import { useOperation } from '../../state/use-operation.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Status } from '../../ui/status.tsx';
import { withPartners } from './partner-text.ts';
import { useSettled } from './use-settled.ts';

const COMMANDS: readonly { readonly command: string; readonly where: string }[] = [
  { command: 'Get-OutboundConnector | Format-List', where: 'Exchange Online sends' },
  { command: 'Get-InboundConnector | Format-List', where: 'Exchange Online receives' },
  { command: 'Get-SendConnector | Format-List', where: 'Exchange Server sends' },
  { command: 'Get-ReceiveConnector | Format-List', where: 'Exchange Server receives' },
];

const WHOLE_LISTS = '$FormatEnumerationLimit = -1';

/** Before a paste is read: it may still be typed. */
const SETTLE_MILLISECONDS = 300;

/** Longer previews scroll. */
const PREVIEW_LINES = 40;

interface ImportPanelProps {
  readonly pasted: string;
  readonly onPaste: (text: string) => void;
  /** The text in the editor. */
  readonly current: string;
  readonly onNew: (text: string) => void;
  readonly onAdd: (text: string) => void;
}

export function ImportPanel({ pasted, onPaste, current, onNew, onAdd }: ImportPanelProps) {
  const paste = useSettled(pasted, SETTLE_MILLISECONDS);
  const { value, error } = useOperation('importConnectors', paste.trim() === '' ? null : { text: paste });
  const labels = useId();
  return (
    <div className="import">
      <section aria-labelledby={`${labels}-run`}>
        <h2 id={`${labels}-run`}>Run in Exchange PowerShell</h2>
        <ul className="import-commands">
          <li>
            <code>{WHOLE_LISTS}</code>
            <span className="quiet">first, or lists are cut after four values</span>
            <CopyButton text={WHOLE_LISTS}>Copy</CopyButton>
          </li>
          {COMMANDS.map(({ command, where }) => (
            <li key={command}>
              <code>{command}</code>
              <span className="quiet">{where}</span>
              <CopyButton text={command}>Copy</CopyButton>
            </li>
          ))}
        </ul>
        <p className="quiet">
          <code>| ConvertTo-Json</code> instead of <code>| Format-List</code> will do as well. A table leaves out most
          settings and is refused.
        </p>
      </section>
      <section aria-labelledby={`${labels}-paste`}>
        <h2 id={`${labels}-paste`}>Paste what they print</h2>
        <textarea
          className="import-paste mono"
          aria-labelledby={`${labels}-paste`}
          spellCheck={false}
          wrap="off"
          placeholder={'Name        : To Fabrikam\nTlsSettings : DomainValidation\nTlsDomain   : mail.fabrikam.com\n…'}
          value={pasted}
          onChange={({ target }) => onPaste(target.value)}
        />
      </section>
      <section aria-label="What it becomes" aria-live="polite">
        {error !== null && <NotUnderstood message={error} />}
        {value !== null && (
          <Preview text={value.text} problems={value.problems} current={current} onNew={onNew} onAdd={onAdd} />
        )}
      </section>
    </div>
  );
}

function NotUnderstood({ message }: { readonly message: string }) {
  return (
    <div className="import-problems">
      <Status tone="bad">Not understood</Status>
      <ul>
        {message.split('\n').map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

interface PreviewProps {
  readonly text: string;
  readonly problems: readonly string[];
  readonly current: string;
  readonly onNew: (text: string) => void;
  readonly onAdd: (text: string) => void;
}

function Preview({ text, problems, current, onNew, onAdd }: PreviewProps) {
  const empty = current.trim() === '';
  const added = empty ? null : withPartners(current, text);
  return (
    <>
      <div className="import-head">
        <h2>What it becomes</h2>
        {!empty && (
          <Button
            onClick={() => added !== null && onAdd(added)}
            disabled={added === null}
            title={
              added === null
                ? 'The partners of the file are not written line by line: copy the preview and put it in by hand'
                : 'At the end of the list; undo takes it back'
            }
          >
            Add to the file
          </Button>
        )}
        <Button onClick={() => onNew(text)}>Use as a new file</Button>
        <CopyButton text={text} title="Copy the preview">
          Copy
        </CopyButton>
      </div>
      {problems.length > 0 && (
        <div className="import-problems">
          <Status tone="warning">
            {problems.length === 1 ? '1 thing to look at' : `${problems.length} things to look at`}
          </Status>
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      <textarea
        className="import-preview mono"
        aria-label="Preview of the expectation file"
        readOnly
        wrap="off"
        spellCheck={false}
        rows={Math.min(text.split('\n').length + 1, PREVIEW_LINES)}
        value={text}
      />
    </>
  );
}
