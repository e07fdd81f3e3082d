import { useId } from 'react';
import { DENSITIES, prefer, THEMES, usePreferences, ZOOMS, zoomBy } from '../state/preferences.ts';
import { Button } from '../ui/button.tsx';
import { PopUp, PopUpOption } from '../ui/pop-up.tsx';

const THEME_WORDS = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;
const DENSITY_WORDS = { comfortable: 'Comfortable', compact: 'Compact' } as const;

export function AppearanceMenu({
  showKeys,
  showCommands,
}: {
  readonly showKeys: () => void;
  readonly showCommands: () => void;
}) {
  const group = useId();
  const { theme, density, zoom } = usePreferences();
  return (
    <PopUp label="View">
      <h3>Theme</h3>
      {THEMES.map((one) => (
        <PopUpOption
          key={one}
          group={`${group}-theme`}
          checked={one === theme}
          title={THEME_WORDS[one]}
          onChoose={() => prefer({ theme: one })}
        />
      ))}
      <h3>Rows</h3>
      {DENSITIES.map((one) => (
        <PopUpOption
          key={one}
          group={`${group}-density`}
          checked={one === density}
          title={DENSITY_WORDS[one]}
          onChoose={() => prefer({ density: one })}
        />
      ))}
      <h3>Text</h3>
      <div className="pop-up-field appearance-zoom">
        <Button aria-label="Smaller text" disabled={zoom === ZOOMS[0]} onClick={() => zoomBy(-1)}>
          A−
        </Button>
        <output>{zoom} %</output>
        <Button aria-label="Larger text" disabled={zoom === ZOOMS[ZOOMS.length - 1]} onClick={() => zoomBy(1)}>
          A+
        </Button>
      </div>
      <h3>Help</h3>
      <div className="pop-up-field">
        <Button onClick={showCommands}>
          Commands <kbd>Ctrl K</kbd>
        </Button>
        <Button onClick={showKeys}>
          Keys <kbd>?</kbd>
        </Button>
      </div>
    </PopUp>
  );
}
