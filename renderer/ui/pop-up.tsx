import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import './button.css';
import './pop-up.css';

/** A button that says what is chosen, and opens what else there is. */
export function PopUp({
  label,
  value = null,
  title,
  children,
}: {
  readonly label: string;
  readonly value?: string | null;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <Popover.Root>
      <Popover.Trigger className="button" title={title}>
        <span className={value === null ? undefined : 'quiet'}>{label}</span>
        {value !== null && <bdi className="pop-up-value">{value}</bdi>}
        <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop-up"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          onOpenAutoFocus={focusChosen}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What is chosen already has the focus, not the first of what could be. */
function focusChosen(event: Event): void {
  const chosen = event.target instanceof Element ? event.target.querySelector<HTMLElement>('input:checked') : null;
  if (chosen === null) return;
  event.preventDefault();
  chosen.focus();
}

/** One of several, with a sentence about it. */
export function PopUpOption({
  group,
  checked,
  title,
  detail,
  onChoose,
}: {
  readonly group: string;
  readonly checked: boolean;
  readonly title: string;
  readonly detail?: string;
  readonly onChoose: () => void;
}) {
  return (
    <label className="pop-up-option">
      <input type="radio" name={group} checked={checked} onChange={onChoose} />
      <span>
        <bdi>{title}</bdi>
        {detail !== undefined && <span className="pop-up-detail">{detail}</span>}
      </span>
    </label>
  );
}
