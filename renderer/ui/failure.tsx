import { Button } from './button.tsx';
import './failure.css';

/** What could not be done, in words that name the next step, and a way to try again. */
export function Failure({ message, onRetry }: { readonly message: string; readonly onRetry: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>{message}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
