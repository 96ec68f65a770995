import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { baseMs, batchOf, cellOf, traceOf } from '../../suites/any-trace.ts';
import { UsageFolder } from './usage-folder.ts';

const folder = new UsageFolder();
const all = { fromMs: 0, toMs: baseMs * 2, limit: 1_000 };
const fault = (code: string) => expect.objectContaining({ code });

describe('a backup', () => {
  it('holds one moment while writing goes on, and is a store itself', async () => {
    const store = folder.open();
    const whole = { isDone: false };
    const writeOn = async () => {
      for (let batch = 0; !whole.isDone; batch++) {
        const traces = Array.from({ length: 50 }, () => traceOf({ key: `b${batch}` }));
        await store.write(batchOf({ traces, usage: [cellOf({ key: `b${batch}`, requests: 50 })] }));
      }
    };
    await store.write(batchOf({ traces: Array.from({ length: 20_000 }, () => traceOf()) }));
    const writing = writeOn();
    const copy = join(folder.path, 'copies', 'usage.sqlite');
    await store.backupTo(copy);
    whole.isDone = true;
    await writing;
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder.path, 'copies'))).toEqual(['usage.sqlite']);

    const copied = folder.open(systemClock, { folder: join(folder.path, 'copies') });
    const rows = await copied.usage({ groupBy: 'key', fromMs: baseMs, toMs: baseMs + 3_600_000 });
    expect(await copied.size()).toMatchObject({ traces: 20_000 + rows.length * 50 });
    for (const { group } of rows) expect(await copied.traces({ ...all, key: group })).toHaveLength(50);
    await copied.close();
    expect(folder.read('PRAGMA integrity_check', copy)).toEqual([{ integrity_check: 'ok' }]);
  });

  it('never takes the place of a file', async () => {
    const store = folder.open();
    await store.write(batchOf({ traces: [traceOf()] }));
    await expect(store.backupTo(folder.file)).rejects.toThrow(fault('backup_exists'));
    expect(await store.traces(all)).toHaveLength(1);
  });

  it('that cannot be written leaves nothing behind', async () => {
    const store = folder.open();
    await store.write(batchOf({ traces: [traceOf()] }));
    writeFileSync(join(folder.path, 'file'), '');
    await expect(store.backupTo(join(folder.path, 'file', 'copy'))).rejects.toThrow(fault('store_unavailable'));
    expect(readdirSync(folder.path).filter((file) => file.includes('partial'))).toEqual([]);
  });
});
