/** Text that is copied with a click, or with Enter: names, hashes, addresses, filters. */
import { NOT_COPIED, useAnnouncedCopy } from './copy.ts';
import './copy-text.css';

interface CopyTextProps {
  readonly text: string;
  /** What is shown where it is not the text itself. */
  readonly shown?: string;
  /** What the text is, for the tooltip and screen readers: `SHA-256`. */
  readonly label: string;
  /** Whether long text goes on in a new line, or is cut with an ellipsis. */
  readonly wrap?: boolean;
}

export function CopyText({ text, shown = text, label, wrap = false }: CopyTextProps) {
  const { state, copy } = useAnnouncedCopy();
  return (
    <button
      type="button"
      className="copy-text mono"
      data-wrap={wrap}
      title={`${label}: click to copy\n${text}`}
      onClick={() => copy(text)}
    >
      <bdi>{shown}</bdi>
      <span className="copy-text-state" aria-hidden="true">
        {state === 'copied' ? 'Copied' : state === 'failed' ? NOT_COPIED : ''}
      </span>
    </button>
  );
}
