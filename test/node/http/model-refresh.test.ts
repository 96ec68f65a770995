import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import type { ModelDirectory } from '../../../node/http/dependencies.ts';
import { FreshModels } from '../../../node/http/model-refresh.ts';
import { ManualClock } from '../../manual-clock.ts';

function directory(refresh: () => Promise<void>) {
  const counter = { refreshes: 0 };
  const models: ModelDirectory = {
    list: () => [
      { id: 'b', ownedBy: 'x' },
      { id: 'a', ownedBy: 'x' },
    ],
    async refresh() {
      counter.refreshes++;
      await refresh();
      return { refreshed: [], failed: [] };
    },
  };
  return { counter, models };
}

const settings = { intervalMs: 1000, waitMs: 50 };

describe('FreshModels', () => {
  it('refreshes when the interval is over, and sorts', async () => {
    const clock = new ManualClock();
    const { counter, models } = directory(async () => {});
    const fresh = new FreshModels(models, clock, silentLog, settings);
    expect((await fresh.list()).map(({ id }) => id)).toEqual(['a', 'b']);
    clock.advance(999);
    await fresh.list();
    expect(counter.refreshes).toBe(1);
    clock.advance(1);
    await fresh.list();
    expect(counter.refreshes).toBe(2);
  });

  it('answers with the list as it is when a refresh takes too long', async () => {
    const clock = new ManualClock();
    const { counter, models } = directory(() => new Promise(() => {}));
    const fresh = new FreshModels(models, clock, silentLog, settings);
    const answer = fresh.list();
    clock.advance(50);
    expect(await answer).toHaveLength(2);
    const second = fresh.list();
    clock.advance(50);
    expect(await second).toHaveLength(2);
    expect(counter.refreshes).toBe(1);
  });

  it('answers, says so, and waits for the interval when a refresh fails', async () => {
    const clock = new ManualClock();
    const { counter, models } = directory(() => Promise.reject(new Error('all upstreams down')));
    const logged: string[] = [];
    const log = { ...silentLog, error: (message: string) => void logged.push(message) };
    const fresh = new FreshModels(models, clock, log, settings);
    expect(await fresh.list()).toHaveLength(2);
    await fresh.list();
    expect(counter.refreshes).toBe(1);
    expect(logged).toHaveLength(1);
  });
});
