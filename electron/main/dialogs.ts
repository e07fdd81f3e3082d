/** The system's dialogs for files. */
import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { HostServices } from '../service/host-services.ts';

const CAPTURES = { name: 'Captures', extensions: ['pcapng', 'pcap', 'cap', 'snoop', 'dmp', 'trc', 'gz'] };
const EXPECTATIONS = { name: 'Expectation files', extensions: ['yaml', 'yml', 'json'] };
/** tcpdump numbers its files, `mail.pcap3`: an ending does not tell. What a file is, its content says. */
const ALL = { name: 'All files', extensions: ['*'] };

/** Dialogs belong to the window that `parent` gives; without one they stand alone. */
export function desktopHost(parent: () => BrowserWindow | null, platform: NodeJS.Platform): HostServices {
  const chooseFiles = async (options: OpenDialogOptions): Promise<readonly string[] | null> => {
    const window = parent();
    const { canceled, filePaths } = await (window === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(window, options));
    return canceled || filePaths.length === 0 ? null : filePaths;
  };
  return {
    kind: 'electron',
    chooseCaptures: () =>
      chooseFiles({
        title: 'Open captures',
        buttonLabel: 'Open',
        filters: [CAPTURES, ALL],
        // Elsewhere a dialog is for files or for folders, not for both.
        properties: ['openFile', 'multiSelections', ...(platform === 'darwin' ? (['openDirectory'] as const) : [])],
      }),
    chooseExpectations: async () =>
      (
        await chooseFiles({ title: 'Open an expectation file', filters: [EXPECTATIONS, ALL], properties: ['openFile'] })
      )?.[0] ?? null,
    chooseSaveFile: async (suggestion) => {
      const window = parent();
      const options = { title: 'Save expectations', defaultPath: suggestion, filters: [EXPECTATIONS] };
      const { canceled, filePath } = await (window === null
        ? dialog.showSaveDialog(options)
        : dialog.showSaveDialog(window, options));
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
