/**
 * A thread of the SQLite store, either the one that writes or the one that answers questions; started by
 * `store-thread.ts`. Questions that take long are answered in turns, so that short ones pass them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../../kit/clock.ts';
import { Reader } from './reader.ts';
import { sentErrorOf, type ThreadAnswer, type ThreadData, type ThreadRequest } from './thread-messages.ts';
import { Writer } from './writer.ts';

/** After so long without a turn for others there is one. */
const turnMs = 10;

if (parentPort === null) throw new Error('thread.ts is started by store-thread.ts');
const port = parentPort;
const { role, path, questionTimeoutMs } = workerData as ThreadData;

let turnEndMs = 0;

async function pause(): Promise<void> {
  if (systemClock.monotonicMs() < turnEndMs) return;
  await systemClock.sleep(0);
  turnEndMs = systemClock.monotonicMs() + turnMs;
}

function answer(message: ThreadAnswer): void {
  port.postMessage(message);
}

const calls =
  role === 'writer'
    ? new Writer(path, pause, (movedTo, error) => answer({ movedTo, error: sentErrorOf(error) }))
    : new Reader(path, pause, questionTimeoutMs);

port.on('message', ({ id, call, arguments: given }: ThreadRequest) => {
  const name = call as 'close';
  // A method that throws at once rejects like one that throws later.
  new Promise((resolve) => resolve((calls[name] as (...values: readonly unknown[]) => unknown)(...given)))
    .then(
      (value) => answer({ id, value }),
      (error: unknown) => answer({ id, error: sentErrorOf(error) }),
    )
    .finally(() => {
      if (call === 'close') port.close();
    });
});
