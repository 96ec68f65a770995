import { beforeEach, expect, it, vi } from 'vitest';
import { silentLog, type Log } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { firstPruneMsMax, prunePeriodMs } from '../../../node/usage/limits.ts';
import { Retention } from '../../../node/usage/retention.ts';
import { usageSettings } from '../../../node/usage/settings.ts';
import { ManualClock } from '../../manual-clock.ts';
import { MemoryUsageStore } from './memory-usage-store.ts';

const dayMs = 86_400_000;

let clock: ManualClock;
let store: MemoryUsageStore;
let isLeader: boolean;
let told: string[];

const log: Log = { ...silentLog, warn: (message) => void told.push(message) };

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryUsageStore();
  isLeader = false;
  told = [];
});

function started(seed = 1): Retention {
  const random = seededRandom(seed);
  const settings = usageSettings.parse({});
  const retention = new Retention({ clock, random, log, store, isLeader: () => isLeader, settings });
  retention.start();
  return retention;
}

const wasPruned = (times: number) => vi.waitFor(() => expect(store.pruned).toHaveLength(times));

it('deletes what is older than the settings say, soon after the start and then about once an hour', async () => {
  const retention = started();
  clock.advance(firstPruneMsMax);
  await wasPruned(1);
  const atMs = (store.pruned[0]?.promptsBeforeMs ?? 0) - new ManualClock().nowMs();
  expect(atMs).toBeGreaterThan(0);
  expect(store.pruned[0]).toEqual({
    tracesBeforeMs: new ManualClock().nowMs() + atMs - 30 * dayMs,
    usageBeforeMs: new ManualClock().nowMs() + atMs - 400 * dayMs,
    promptsBeforeMs: new ManualClock().nowMs() + atMs,
  });
  for (let hour = 0; hour < 24; hour++) clock.advance(prunePeriodMs);
  await vi.waitFor(() => expect(store.pruned.length).toBeGreaterThan(18));
  expect(store.pruned.length).toBeLessThan(34);
  retention.stop();
  expect(clock.pendingCount).toBe(0);
});

it('does it at another moment at each node', async () => {
  for (let seed = 1; seed <= 5; seed++) started(seed);
  clock.advance(firstPruneMsMax);
  await wasPruned(5);
  expect(new Set(store.pruned.map(({ promptsBeforeMs }) => promptsBeforeMs)).size).toBe(5);
});

it('takes over settings that were read again', async () => {
  const retention = started();
  retention.reconfigure(usageSettings.parse({ traces_keep: '1h', keep: '1d' }));
  clock.advance(firstPruneMsMax);
  await wasPruned(1);
  const { tracesBeforeMs, usageBeforeMs, promptsBeforeMs } = store.pruned[0] ?? expect.fail();
  expect([promptsBeforeMs - tracesBeforeMs, promptsBeforeMs - usageBeforeMs]).toEqual([3_600_000, dayMs]);
});

it('leaves a store that is shared to the leader', async () => {
  store = new MemoryUsageStore(true);
  const retention = started();
  clock.advance(firstPruneMsMax);
  await vi.waitFor(() => expect(retention.size).toEqual({ bytes: 4096, traces: 0 }));
  expect(store.pruned).toEqual([]);
  isLeader = true;
  clock.advance(2 * prunePeriodMs);
  await vi.waitFor(() => expect(store.pruned.length).toBeGreaterThan(0));
});

it('does not believe a clock that has just jumped', async () => {
  const retention = started();
  clock.jumpWall(1_000 * dayMs);
  clock.advance(firstPruneMsMax);
  await vi.waitFor(() => expect(retention.size).toBeDefined());
  expect(store.pruned).toEqual([]);
  expect(told).toHaveLength(1);
  clock.advance(2 * prunePeriodMs);
  await vi.waitFor(() => expect(store.pruned.length).toBeGreaterThan(0));
});

it('goes on after a failure', async () => {
  started();
  const prune = vi.spyOn(store, 'prune').mockRejectedValueOnce(new Error('the disk is gone'));
  clock.advance(firstPruneMsMax);
  await vi.waitFor(() => expect(told).toHaveLength(1));
  clock.advance(2 * prunePeriodMs);
  await vi.waitFor(() => expect(prune.mock.calls.length).toBeGreaterThan(1));
});
