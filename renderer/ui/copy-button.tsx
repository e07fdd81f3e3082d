/** A button that copies text, and says so. */
import { Button } from './button.tsx';
import { useAnnouncedCopy } from './copy.ts';

interface CopyButtonProps {
  readonly text: string;
  readonly children: string;
  readonly title?: string;
}

export function CopyButton({ text, children, title = text }: CopyButtonProps) {
  const { state, copy } = useAnnouncedCopy();
  return (
    <Button title={title} aria-label={children} onClick={() => copy(text)}>
      {/* The widest of the words keeps the room, so that nothing moves. */}
      <span className="button-words">
        <span data-hidden={state !== 'idle'}>{children}</span>
        <span data-hidden={state === 'idle'} aria-hidden="true">
          {state === 'copied' ? 'Copied' : state === 'failed' ? 'Not copied' : ''}
        </span>
      </span>
    </Button>
  );
}
