/**
 * The thread that speaks with PostgreSQL, started by `sqlite/store-thread.ts`: packing batches and reading pages of
 * traces would hold up requests. Questions that take long are answered in turns, so that short ones pass them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../../kit/clock.ts';
import { sentErrorOf, type ThreadAnswer, type ThreadData, type ThreadRequest } from '../sqlite/thread-messages.ts';
import { UsageDatabase } from './usage-database.ts';

if (parentPort === null) throw new Error('thread.ts is started by store-thread.ts');
const port = parentPort;
const { path, questionTimeoutMs } = workerData as ThreadData;
const database = new UsageDatabase(path, () => systemClock.sleep(0), questionTimeoutMs);

function answer(message: ThreadAnswer): void {
  port.postMessage(message);
}

port.on('message', ({ id, call, arguments: given }: ThreadRequest) => {
  const name = call as 'close';
  // A method that throws at once rejects like one that throws later.
  new Promise((resolve) => resolve((database[name] as (...values: readonly unknown[]) => unknown)(...given)))
    .then(
      (value) => answer({ id, value }),
      (error: unknown) => answer({ id, error: sentErrorOf(error) }),
    )
    .finally(() => {
      if (call === 'close') port.close();
    });
});
