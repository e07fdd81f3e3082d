/** Answers the page: one channel for each operation, each message checked for its sender and its form. */
import { type IpcMainInvokeEvent, ipcMain } from 'electron';
import * as z from 'zod/mini';
import type { Answer } from '../../shared/contract/bridge.ts';
import { operationChannel } from '../../shared/contract/channels.ts';
import { OPERATIONS, type OperationName, type OperationResult } from '../../shared/contract/operations.ts';
import { ApplicationFailure, applicationError } from '../service/application-failure.ts';
import { isTrustedSender } from './security.ts';

/** What carries operations out; `Application` does. */
export interface OperationCaller {
  call<N extends OperationName>(name: N, input: unknown): Promise<OperationResult<N>>;
}

export function answerOperations(application: OperationCaller): void {
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    ipcMain.handle(operationChannel(name), (event, ...inputs: unknown[]) => answer(application, name, event, inputs));
  }
}

async function answer<N extends OperationName>(
  application: OperationCaller,
  name: N,
  event: IpcMainInvokeEvent,
  inputs: readonly unknown[],
): Promise<Answer<N>> {
  try {
    if (!isTrustedSender(event)) {
      throw new ApplicationFailure('sender-refused', 'Only the window of StartTrace may ask for this.');
    }
    const input = checkedInput(name, inputs);
    return { kind: 'result', result: await application.call(name, input) };
  } catch (error) {
    // An Error would lose its code between the processes: only data crosses.
    const { code, message } = applicationError(error);
    return { kind: 'error', error: { code, message } };
  }
}

function checkedInput(name: OperationName, inputs: readonly unknown[]): unknown {
  const checked = z.safeParse<z.ZodMiniType>(OPERATIONS[name], inputs[0]);
  if (checked.success && inputs.length === 1) return checked.data;
  const where = checked.success ? '' : (checked.error.issues[0]?.path.join('.') ?? '');
  const place = where === '' ? '' : ` (${where})`;
  throw new ApplicationFailure('input-invalid', `${name} was asked for in a form that it does not have${place}.`);
}
