import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { ManualClock } from '../../manual-clock.ts';
import { baseMs, batchOf, cellOf, traceOf } from '../../suites/any-trace.ts';
import { UsageFolder } from './usage-folder.ts';

const folder = new UsageFolder();
const all = { fromMs: 0, toMs: baseMs * 2, limit: 1_000 };
const fault = (code: string) => expect.objectContaining({ code });

describe('usage.sqlite', () => {
  it('is made with the first write, for its owner only', async () => {
    const inner = join(folder.path, 'new');
    const store = folder.open(systemClock, { folder: inner });
    expect(existsSync(inner)).toBe(false);
    await store.write(batchOf({ traces: [traceOf()] }));
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    const files = readdirSync(inner);
    expect(files.sort()).toEqual(['usage.sqlite', 'usage.sqlite-shm', 'usage.sqlite-wal']);
    for (const file of files) expect(statSync(join(inner, file)).mode & 0o777).toBe(0o600);
  });

  it('is written while somebody reads it', async () => {
    const store = folder.open();
    await store.write(batchOf({ traces: [traceOf()] }));
    const reader = new DatabaseSync(folder.file, { readOnly: true });
    reader.exec('BEGIN');
    const count = reader.prepare('SELECT count(*) AS count FROM traces');
    expect(count.get()).toEqual({ count: 1 });
    await store.write(batchOf({ traces: [traceOf()] }));
    expect(count.get()).toEqual({ count: 1 });
    expect(await store.traces(all)).toHaveLength(2);
    reader.close();
  });

  it('shows its traces to plain SQL, one a row, with the names of the API', async () => {
    const bare = { ttftMs: undefined, costNano: undefined, currency: undefined, cacheReadTokens: 5 };
    await folder.once((store) =>
      store.write(batchOf({ traces: [traceOf(), traceOf({ ...bare, key: 'k2', status: 503 })] })),
    );
    const rows = folder.read('SELECT * FROM traces ORDER BY status');
    expect(rows).toMatchObject([
      {
        client_request_id: null,
        user: 'u1',
        key: 'k1',
        node: 'n1',
        account: 'a1',
        provider: 'claude-custom',
        model_requested: 'sonnet',
        model_served: 'claude-sonnet-4-5',
        protocol_in: 'anthropic',
        protocol_out: 'anthropic',
        status: 200,
        error_code: null,
        attempts: 1,
        cache: 'miss',
        queue_wait_ms: 0,
        ttft_ms: 312.5,
        duration_ms: 1_850.1,
        prompt_tokens: 1_200,
        completion_tokens: 340,
        cache_creation_tokens: 0,
        cache_read_tokens: null,
        usage_estimated: 0,
        cost: 0.0087,
        currency: 'USD',
        started_at: new Date(baseMs).toISOString(),
        started_at_ms: baseMs,
      },
      { key: 'k2', status: 503, ttft_ms: null, cost: null, currency: null, cache_read_tokens: 5 },
    ]);
    expect(rows[0]?.['request_id']).toMatch(/^req_/);
  });

  it('gets smaller when it is pruned', async () => {
    await folder.once(async (store) => {
      for (let each = 0; each < 10; each++) {
        await store.write(batchOf({ traces: Array.from({ length: 2_000 }, () => traceOf()) }));
      }
    });
    const before = statSync(folder.file).size;
    expect(before).toBeGreaterThan(2_000_000);
    await folder.once((store) =>
      store.prune({ tracesBeforeMs: baseMs + 1, usageBeforeMs: 0, promptsBeforeMs: 0 }).then(() => store.size()),
    );
    expect(statSync(folder.file).size).toBeLessThan(before / 5);
  });

  it('forgets after a week that a batch was written', async () => {
    const clock = new ManualClock(baseMs);
    const store = folder.open(clock);
    await store.write(batchOf({ id: 'a' }));
    clock.advance(6 * 86_400_000);
    await store.write(batchOf({ id: 'b' }));
    const nothing = { tracesBeforeMs: 0, usageBeforeMs: 0, promptsBeforeMs: 0 };
    await store.prune(nothing);
    expect(folder.read('SELECT id FROM batches')).toEqual([{ id: 'a' }, { id: 'b' }]);
    clock.advance(2 * 86_400_000);
    await store.prune(nothing);
    expect(folder.read('SELECT id FROM batches')).toEqual([{ id: 'b' }]);
  });

  it.each([
    ['garbage', () => writeFileSync(folder.file, 'garbage '.repeat(10_000))],
    ['cut short', () => truncateSync(folder.file, 5_000)],
    ['overwritten', () => writeFileSync(folder.file, readFileSync(folder.file).fill(0x5a, 4_096))],
  ])('that is %s is moved aside, and a new one begun', async (_name, damage) => {
    await folder.once((store) => store.write(batchOf({ traces: Array.from({ length: 3_000 }, () => traceOf()) })));
    damage();
    const store = folder.open();
    await store.write(batchOf({ traces: [traceOf()] }));
    expect(await store.traces(all)).toHaveLength(1);
    expect(folder.said).toContain('moved aside');
    const aside = readdirSync(folder.path).filter((file) => file.includes('.broken-'));
    expect(aside.length).toBeGreaterThan(0);
  });

  it('that is damaged while it is open is moved aside, and questions go to the new one', async () => {
    const store = folder.open();
    const many = () => batchOf({ traces: Array.from({ length: 3_000 }, () => traceOf()) });
    await store.write(many());
    expect(await store.traces(all)).toHaveLength(1_000);
    // A checkpoint, or the journal would have the pages still.
    folder.change('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = readFileSync(folder.file);
    writeFileSync(folder.file, file.fill(0x5a, 100));
    // Pages that are in memory are well; sooner or later one has to be read.
    for (let each = 0; each < 50 && !folder.said.includes('moved aside'); each++) {
      await store.write(batchOf({ id: `filler${each}`, usage: [cellOf({ model: `m${each}` })], traces: [traceOf()] }));
      await store.prune({ tracesBeforeMs: baseMs + 1, usageBeforeMs: 0, promptsBeforeMs: 0 });
    }
    expect(folder.said).toContain('moved aside');
    await store.write(batchOf({ traces: [traceOf({ startedAtMs: baseMs + 5 })] }));
    expect(await store.traces({ ...all, fromMs: baseMs + 5 })).toHaveLength(1);
  });

  it('of a newer version is left alone', async () => {
    await folder.once((store) => store.write(batchOf({ traces: [traceOf()] })));
    folder.change("INSERT INTO migrations VALUES (99, 'later', 'x', 0)");
    await folder.once(async (store) => {
      await expect(store.write(batchOf())).rejects.toThrow(fault('usage_store_newer'));
      await expect(store.traces(all)).rejects.toThrow(fault('usage_store_newer'));
    });
    expect(folder.read('SELECT count(*) AS count FROM traces')).toEqual([{ count: 1 }]);
  });

  it('made by other migrations is left alone', async () => {
    await folder.once((store) => store.write(batchOf({ traces: [traceOf()] })));
    folder.change("UPDATE migrations SET checksum = 'x'");
    await folder.once(async (store) => {
      await expect(store.write(batchOf())).rejects.toThrow(fault('migration_changed'));
      await expect(store.size()).rejects.toThrow(fault('migration_changed'));
    });
    expect(folder.read('SELECT count(*) AS count FROM batches')).toEqual([{ count: 1 }]);
  });

  it('answers no question for longer than it may take', async () => {
    await folder.once((store) => store.write(batchOf({ traces: Array.from({ length: 3_000 }, () => traceOf()) })));
    const store = folder.open(systemClock, { questionTimeoutMs: 0 });
    await expect(store.traces({ ...all, status: 599 })).rejects.toThrow(fault('store_question_slow'));
    expect(await store.size()).toMatchObject({ traces: 3_000 });
  });
});
