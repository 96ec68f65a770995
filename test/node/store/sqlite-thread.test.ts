import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { StoreThread } from '../../../node/store/sqlite/store-thread.ts';
import { ManualClock } from '../../manual-clock.ts';
import { baseMs, batchOf, cellOf, traceOf } from '../../suites/any-trace.ts';
import { UsageFolder } from './usage-folder.ts';

const folder = new UsageFolder();
const all = { fromMs: 0, toMs: baseMs * 2, limit: 1_000 };
const fault = (code: string) => expect.objectContaining({ code });

/** Threads of the store in this process. */
function threads(): string[] {
  const names = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
  return names.filter((name) => name.startsWith('store-')).sort();
}

describe('a thread of the store', () => {
  it('that answers questions ends when nobody asks any more', async () => {
    const clock = new ManualClock();
    const store = folder.open(clock);
    await store.write(batchOf({ traces: [traceOf()] }));
    expect(threads()).toEqual(['store-writer']);
    await store.traces(all);
    clock.advance(59_000);
    await store.traces(all);
    clock.advance(59_000);
    expect(threads()).toEqual(['store-reader', 'store-writer']);
    clock.advance(1_000);
    await expect.poll(threads).toEqual(['store-writer']);
    expect(await store.traces(all)).toHaveLength(1);
    expect(clock.pendingCount).toBe(1);
    await store.close();
    expect(clock.pendingCount).toBe(0);
    await expect.poll(threads).toEqual([]);
  });

  it('that dies tells whoever waits, and is started again, not at once', async () => {
    await folder.once((store) => store.write(batchOf({ traces: [traceOf()] })));
    const clock = new ManualClock();
    const thread = new StoreThread(
      { clock, random: { ...seededRandom(1), next: () => 0.5 }, log: folder.log },
      { role: 'reader', path: folder.file, questionTimeoutMs: 1_000, idleMs: undefined },
    );
    // One that is not told to end, and ends.
    const asked = [thread.ask('close'), thread.ask('size'), thread.ask('size')];
    const [, ...waiting] = await Promise.allSettled(asked);
    for (const each of waiting) expect(each).toMatchObject({ status: 'rejected', reason: fault('store_unavailable') });
    await expect(thread.ask('size')).rejects.toThrow(expect.objectContaining({ retryAfterMs: 100 }));
    expect(folder.said).toContain('thread of the store ended');
    clock.advance(100);
    expect(await thread.ask('size')).toMatchObject({ traces: 1 });
    await thread.stop();
  });

  it('is asked only so much at a time', async () => {
    const store = folder.open();
    await store.write(batchOf());
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => store.size()));
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ reason: { code: 'store_unavailable', retryAfterMs: expect.any(Number) } });
    expect(await store.size()).toMatchObject({ traces: 0 });
  });

  it('does not keep a process alive that has nothing more to do', async () => {
    const { ended, said } = folder.startWriter(['5', '3']);
    await said('done');
    expect(await ended).toBe(0);
    expect(await folder.once((store) => store.traces(all))).toHaveLength(15);
  });
});

describe('a process that is killed while it writes', () => {
  it.each([0, 5, 30])('has every batch that it said it had, and no batch in part (%i)', async (batches) => {
    const { child, ended, said } = folder.startWriter(['40']);
    await said(`wrote ${batches}`);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');

    const store = folder.open();
    const rows = await store.usage({ groupBy: 'model', fromMs: baseMs, toMs: baseMs + 3_600_000 });
    expect(rows.length).toBeGreaterThan(batches);
    for (const { group, requests } of rows) {
      expect(requests).toBe(40);
      expect(await store.traces({ ...all, model: group })).toHaveLength(40);
    }
    expect(await store.size()).toMatchObject({ traces: rows.length * 40 });

    // As who was not told tries them again.
    for (let batch = 0; batch <= batches; batch++) {
      await store.write(
        batchOf({ id: `batch-${batch}`, traces: [traceOf()], usage: [cellOf({ model: `b${batch}` })] }),
      );
    }
    expect(await store.usage({ groupBy: 'model', fromMs: baseMs, toMs: baseMs + 3_600_000 })).toEqual(rows);
  });
});

describe('a disk', () => {
  it('that is full is told to who writes; what fitted is whole, and writing goes on once there is room', async () => {
    // Files may grow to a megabyte.
    const { child, said } = folder.startWriter(['200'], 'ulimit -S -f 2048;');
    const failure = await said('failed');
    expect(failure).toMatch(/store_unavailable .*(full|I\/O)/);
    const failed = Number(failure.split(' ')[1]);
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited']);
    await said(`wrote ${failed + 3}`);
    child.kill('SIGKILL');

    const store = folder.open();
    const rows = await store.usage({ groupBy: 'model', fromMs: baseMs, toMs: baseMs + 3_600_000 });
    expect(rows.length).toBeGreaterThan(failed + 3);
    expect(new Set(rows.map(({ requests }) => requests))).toEqual(new Set([200]));
    expect(await store.size()).toMatchObject({ traces: rows.length * 200 });
  });

  it('that nobody may write is told, and what it holds can be read', async () => {
    await folder.once((store) => store.write(batchOf({ traces: [traceOf()] })));
    chmodSync(folder.file, 0o444);
    chmodSync(folder.path, 0o555);
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? ['65534'] : [];
    const { said } = folder.startWriter(['5', '10', ...user]);
    expect(await said('failed')).toContain('failed 0 store_unavailable');
    chmodSync(folder.path, 0o755);
  });
});
