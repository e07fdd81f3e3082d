import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { EventStreams } from '../../electron/browser/event-stream.ts';
import { EventFrames } from '../../shared/contract/event-frames.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';

const cancelled = (run: string): ApplicationEvent => ({ kind: 'run-cancelled', run });

/** What a response was told, as the page takes it apart. */
function response() {
  const stream = Object.assign(new PassThrough(), { writeHead: () => undefined });
  const told = () => {
    const text: string = stream.read()?.toString() ?? '';
    return new EventFrames().add(text).map(({ id, data }) => ({ id, run: JSON.parse(data).run }));
  };
  return { stream: stream as unknown as ServerResponse, told };
}

it('a page that loses its connection while it is told all is told all again: nothing before the end has a number', async () => {
  let end = (): void => {};
  const streams = new EventStreams(
    async (listener) => {
      listener(cancelled('first'));
      await new Promise<void>((fulfil) => {
        end = fulfil;
      });
      listener(cancelled('last'));
    },
    () => {},
  );
  const { stream, told } = response();
  const opening = streams.open(stream, null);
  streams.send(cancelled('meanwhile'));
  end();
  await opening;
  streams.send(cancelled('afterwards'));
  expect(told()).toEqual([
    { id: '', run: 'first' },
    { id: '', run: 'meanwhile' },
    { id: '', run: 'last' },
    { id: '2', run: 'afterwards' },
  ]);
  const again = response();
  await streams.open(again.stream, '1');
  expect(again.told()).toEqual([{ id: '2', run: 'afterwards' }]);
  streams.close();
});
