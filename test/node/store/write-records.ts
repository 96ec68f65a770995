/** A process that saves batches of records in a folder, one after the other, and says so; for tests that kill it. */
import { openRecordStore } from '../../../node/store/record-store.ts';
import { createLog } from '../../../kit/log.ts';

const [folder = '', batchSize = '5', payloadSize = '200', user] = process.argv.slice(2);
if (user !== undefined) process.setuid?.(Number(user));
// Timers of the product do not keep a process alive.
setInterval(() => undefined, 1000);

const { store, kept } = openRecordStore(folder, createLog({ level: 'error', destination: 'stderr' }));
console.log(`kept ${kept.length}`);
save(0);

function save(batch: number): void {
  const records = Array.from({ length: Number(batchSize) }, (_, index) => ({
    table: 'accounts',
    id: `${batch}-${index}`,
    stamp: { major: batch, minor: index },
    writer: 'n1',
    payload: 'x'.repeat(Number(payloadSize)),
    isDeleted: false,
  }));
  store.save(records, (error) => {
    console.log(error === undefined ? `saved ${batch}` : `failed ${batch} ${String(error)}`);
    save(batch + 1);
  });
}
