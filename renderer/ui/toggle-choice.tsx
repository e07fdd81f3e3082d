/** One of a few: buttons side by side, of which one is pressed. */
import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import './toggle-choice.css';

interface ToggleChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly options: readonly { readonly value: T; readonly title: ReactNode }[];
}

export function ToggleChoice<T extends string>({ label, value, onChange, options }: ToggleChoiceProps<T>) {
  const change = (next: string) => {
    const option = options.find((one) => one.value === next);
    if (option) onChange(option.value);
  };
  return (
    <ToggleGroup.Root className="toggle-choice" type="single" aria-label={label} value={value} onValueChange={change}>
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} className="toggle-choice-option" value={option.value}>
          {option.title}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
