import type { BridgeOperations, StartTraceBridge } from '../../shared/contract/bridge.ts';
import type { OperationInput, OperationName, OperationResult } from '../../shared/contract/operations.ts';
import { type Host, HostError } from './host.ts';

/** The application behind Electron's preload script. */
export function connectElectron(bridge: StartTraceBridge): Host {
  const operations: BridgeOperations = bridge;
  const call = async <N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResult<N>> => {
    const answer = await operations[name](input);
    if (answer.kind === 'error') throw new HostError(answer.error);
    return answer.result;
  };
  return {
    kind: 'electron',
    call,
    subscribe: (listener) => bridge.onEvent(listener),
    openFiles: async (files) => {
      const names = bridge.pathsOf(files).filter((path) => path !== '');
      if (names.length < files.length || names.length === 0) {
        const message =
          'What was dropped is no file of this machine. Save it to a folder first, then open it from there.';
        throw new HostError({ code: 'not-a-file', message });
      }
      return (await call('openCaptures', { names })).run;
    },
  };
}
