/** A process that writes batches of traces in a folder, one after the other, and says so; for tests that kill it. */
import { systemClock } from '../../../kit/clock.ts';
import { isFault } from '../../../kit/fault.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { openSqliteUsageStore } from '../../../node/store/sqlite/usage-store.ts';
import { baseMs, batchOf, cellOf, traceOf } from '../../suites/any-trace.ts';

const [folder = '', sizeText = '5', end = 'Infinity', user] = process.argv.slice(2);
const size = Number(sizeText);
if (user !== undefined) process.setuid?.(Number(user));

const store = openSqliteUsageStore({ clock: systemClock, random: systemRandom, log: silentLog }, { folder });

for (let batch = 0; batch < Number(end); batch++) {
  try {
    await store.write(numbered(batch));
    console.log(`wrote ${batch}`);
  } catch (error) {
    console.log(`failed ${batch} ${isFault(error) ? error.code : ''} ${String(error)}`);
    // A disk that is full stays so for a while.
    await new Promise((resolve) => setTimeout(resolve, 20));
    batch--;
  }
}
console.log('done');

/** `size` traces of as many keys, and one cell: all name the batch. */
function numbered(batch: number) {
  const traces = Array.from({ length: size }, (_, index) =>
    traceOf({ key: `k${index}`, startedAtMs: baseMs + batch, modelRequested: `b${batch}` }),
  );
  return batchOf({ id: `batch-${batch}`, traces, usage: [cellOf({ model: `b${batch}`, requests: size })] });
}
