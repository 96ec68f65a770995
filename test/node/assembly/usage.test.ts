import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { makeUsage, type MadeUsage } from '../../../node/assembly/usage.ts';
import { settingsSchema, type Settings } from '../../../node/config/settings.ts';
import { freshFolder } from '../../cluster/folder.ts';
import { aTrace } from '../usage/a-trace.ts';
import { MemoryUsageStore } from '../usage/memory-usage-store.ts';
import { loneMesh } from './mesh/lone-mesh.ts';

const folder = freshFolder();
const made: MadeUsage[] = [];
let store: MemoryUsageStore;

beforeEach(() => {
  store = new MemoryUsageStore();
});

afterEach(() => Promise.all(made.splice(0).map((usage) => usage.stop())));

function settingsOf(given: object = {}): Settings {
  const settings = settingsSchema.parse({ cluster: { node_id: 'lone' }, ...given });
  return { ...settings, data_dir: folder(), home: folder(), accounts: [] };
}

async function make(): Promise<MadeUsage> {
  const node = { id: 'lone', version: '1', clock: systemClock, random: systemRandom };
  const mesh = loneMesh(systemClock);
  const usage = await makeUsage({ settings: settingsOf(), node, log: silentLog, mesh, store });
  made.push(usage);
  return usage;
}

const allTime = { fromMs: 0, toMs: 2_000_000_000_000 };

it('a request that was recorded is a trace and is in the sums soon after', async () => {
  const usage = await make();
  usage.recorder.record(aTrace({ requestId: 'r1' }));
  await vi.waitFor(async () => expect(await usage.desk.trace('r1')).toBeDefined());
  const { rows } = await usage.desk.usage({ groupBy: 'model', ...allTime });
  expect(rows).toMatchObject([{ group: 'gpt-4o-mini-2024-07-18', requests: 1 }]);
  expect(usage.desk.reading()).toMatchObject({ state: 'well', writtenTraces: 1, lostTraces: 0, waiting: 0 });
});

it('a stop writes what was recorded, and leaves nothing behind', async () => {
  const usage = await make();
  for (let index = 0; index < 2_500; index++) usage.recorder.record(aTrace());
  await usage.stop();
  expect(store.allTraces).toHaveLength(2_500);
  expect(await readdir(join(folder(), 'nodes/lone')).catch(() => [])).toEqual([]);
});

it('what a store does not take waits for it in the folder of the node, over a restart', async () => {
  store.fail();
  const usage = await make();
  for (let index = 0; index < 10; index++) usage.recorder.record(aTrace());
  await usage.stop();
  expect(await readdir(join(folder(), 'nodes/lone/spill'))).toHaveLength(1);
  store.mend();
  const again = await make();
  await vi.waitFor(() => expect(store.allTraces).toHaveLength(10));
  await vi.waitFor(() => expect(again.numbers()).toMatchObject({ state: 'well', spilledBytes: 0 }));
});

it('two starts of a node never call two batches by one name', async () => {
  for (let start = 0; start < 2; start++) {
    const usage = await make();
    usage.recorder.record(aTrace());
    await usage.stop();
  }
  expect(store.batches.size).toBe(2);
});

it('settings that are read again hold from then on', async () => {
  const usage = await make();
  expect(usage.prices.costOf('m', 'm', { outputTotal: 1 })).toBeUndefined();
  usage.reconfigure(settingsOf({ prices: { m: { completion: 1 } } }));
  expect(usage.prices.costOf('m', 'm', { outputTotal: 1 })).toEqual({ nano: 1_000, currency: 'USD' });
});
