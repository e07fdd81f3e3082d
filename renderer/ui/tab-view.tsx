/** Tabs with a row of names: arrow keys go from one to the next. */
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import './tab-view.css';

interface TabViewProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly tabs: readonly { readonly value: T; readonly title: ReactNode; readonly content: ReactNode }[];
}

export function TabView<T extends string>({ label, value, onChange, tabs }: TabViewProps<T>) {
  const change = (next: string) => {
    const tab = tabs.find((one) => one.value === next);
    if (tab) onChange(tab.value);
  };
  return (
    <Tabs.Root className="tab-view" value={value} onValueChange={change}>
      <Tabs.List className="tab-list" aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Trigger key={tab.value} className="tab" value={tab.value}>
            {tab.title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Content key={tab.value} className="tab-content" value={tab.value}>
          {tab.content}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
