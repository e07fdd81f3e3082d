/**
 * What the page may do, each by its own name. Nothing here takes the name of a channel, and nothing of Electron reaches
 * the page: not the event, not ipcRenderer.
 */
import { ipcRenderer, webUtils } from 'electron';
import type { Answer, StartTraceBridge } from '../../shared/contract/bridge.ts';
import { EVENT_CHANNEL, operationChannel } from '../../shared/contract/channels.ts';
import type { ApplicationEvent, OperationInput, OperationName } from '../../shared/contract/operations.ts';

export const bridge: StartTraceBridge = {
  openCaptures: operation('openCaptures'),
  openUploads: operation('openUploads'),
  chooseCaptures: operation('chooseCaptures'),
  openSample: operation('openSample'),
  cancelRun: operation('cancelRun'),
  closeRun: operation('closeRun'),
  session: operation('session'),
  certificate: operation('certificate'),
  judge: operation('judge'),
  judgedSession: operation('judgedSession'),
  exportCertificates: operation('exportCertificates'),
  trustPolicies: operation('trustPolicies'),
  checkExpectations: operation('checkExpectations'),
  openExpectations: operation('openExpectations'),
  saveExpectations: operation('saveExpectations'),
  importConnectors: operation('importConnectors'),
  whatIf: operation('whatIf'),
  catalogue: operation('catalogue'),
  recentFiles: operation('recentFiles'),
  forgetRecentFiles: operation('forgetRecentFiles'),
  openInWireshark: operation('openInWireshark'),
  about: operation('about'),

  onEvent(listener) {
    const forward = (_: unknown, event: ApplicationEvent): void => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, forward);
    return () => void ipcRenderer.off(EVENT_CHANNEL, forward);
  },

  pathsOf: (files) => files.map(pathOf),
};

function operation<N extends OperationName>(name: N): (input: OperationInput<N>) => Promise<Answer<N>> {
  const channel = operationChannel(name);
  return async (input) => {
    try {
      return await ipcRenderer.invoke(channel, input);
    } catch (error) {
      // The main process answers always. What cannot be carried between the processes ends here.
      const reason = error instanceof Error ? error.message : String(error);
      const message = `StartTrace did not answer: ${reason} Close the window and open it again.`;
      return { kind: 'error', error: { code: NO_ANSWER, message } };
    }
  };
}

function pathOf(file: object): string {
  try {
    return webUtils.getPathForFile(file as File);
  } catch {
    // Electron throws for what is no File at all.
    return '';
  }
}

const NO_ANSWER = 'no-answer';
