import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { type MenuActions, type MenuState, menuTemplate } from '../../electron/main/menu.ts';

const ACTIONS: MenuActions = {
  open: vi.fn(),
  openFile: vi.fn(),
  openSample: vi.fn(),
  forgetRecentFiles: vi.fn(),
  showDataFolder: vi.fn(),
  openPage: vi.fn(),
};

function template(change: Partial<MenuState>): readonly MenuItemConstructorOptions[] {
  const state: MenuState = { platform: 'linux', recent: [], hasSample: true, isPackaged: true, ...change };
  return menuTemplate(state, ACTIONS);
}

/** The words or roles of a menu. */
function words(items: readonly MenuItemConstructorOptions[]): string[] {
  return items.map(({ label, role, type }) => label ?? role ?? type ?? '');
}

function submenu(items: readonly MenuItemConstructorOptions[], label: string): MenuItemConstructorOptions[] {
  return (items.find((item) => item.label === label)?.submenu ?? []) as MenuItemConstructorOptions[];
}

const recent = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ file: `/captures/${index}.pcap`, openedAt: '', sessions: 1 }));

describe.each(['win32', 'linux'] as const)('%s', (platform) => {
  it('has File, Edit, View, Help; Quit under File, About under Help', () => {
    const menu = template({ platform });
    expect(words(menu)).toEqual(['&File', '&Edit', '&View', '&Help']);
    expect(words(submenu(menu, '&File')).slice(-3)).toEqual(['close', 'separator', 'quit']);
    expect(words(submenu(menu, '&Help')).at(-1)).toBe('about');
  });
});

describe('darwin', () => {
  it('has the menu of the application first, which holds About and Quit, and a Window menu', () => {
    const menu = template({ platform: 'darwin' });
    expect(words(menu)).toEqual(['appMenu', '&File', '&Edit', '&View', 'windowMenu', '&Help']);
    expect(words(submenu(menu, '&File')).at(-1)).toBe('close');
    expect(words(submenu(menu, '&File'))).not.toContain('quit');
    expect(words(submenu(menu, '&Help'))).not.toContain('about');
  });
});

describe('everywhere', () => {
  it('Open… has the key that people know', () => {
    expect(submenu(template({}), '&File')[0]).toMatchObject({ label: 'Open…', accelerator: 'CmdOrCtrl+O' });
  });

  it('View zooms; developer tools are only in a development run', () => {
    const packaged = words(submenu(template({}), '&View'));
    expect(packaged).toEqual(['resetZoom', 'zoomIn', 'zoomOut', 'separator', 'togglefullscreen']);
    expect(words(submenu(template({ isPackaged: false }), '&View'))).toEqual([
      ...packaged,
      'separator',
      'reload',
      'toggleDevTools',
    ]);
  });

  it('Open Recent shows ten at most, and opens the one that was chosen', () => {
    const items = submenu(submenu(template({ recent: recent(20) }), '&File'), 'Open Recent');
    expect(items.length).toBe(12);
    items[2].click?.({} as never, undefined, {} as never);
    expect(ACTIONS.openFile).toHaveBeenCalledWith('/captures/2.pcap');
  });

  it('Open Recent without any says so, and there is nothing to clear', () => {
    const items = submenu(submenu(template({}), '&File'), 'Open Recent');
    expect(items.map(({ label, enabled }) => [label, enabled])).toEqual([
      ['No Recent Captures', false],
      [undefined, undefined],
      ['Clear Recent', false],
    ]);
  });

  it('a long path keeps its end; & is no key', () => {
    const file = `/captures/${'long/'.repeat(30)}R&D.pcap`;
    const [{ label }] = submenu(
      submenu(template({ recent: [{ file, openedAt: '', sessions: 1 }] }), '&File'),
      'Open Recent',
    );
    expect(label).toMatch(/^….*R&&D\.pcap$/);
    expect(label?.length).toBeLessThanOrEqual(61);
  });

  it('a build without the sample does not offer it', () => {
    const sample = submenu(template({ hasSample: false }), '&File').find(({ label }) => label === 'Open Sample');
    expect(sample?.enabled).toBe(false);
  });
});
