import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../kit/clock.ts';
import type { ModelDirectory } from '../../../node/http/contract.ts';
import { FreshModels } from '../../../node/http/model-refresh.ts';

/** Time that moves when the test says so; one timer is enough here. */
function handClock() {
  const state = { nowMs: 0, due: undefined as (() => void) | undefined };
  const clock: Clock = {
    nowMs: () => state.nowMs,
    monotonicMs: () => state.nowMs,
    after(_delayMs, action) {
      state.due = action;
      return { cancel: () => (state.due = undefined) };
    },
    every: () => ({ cancel() {} }),
    sleep: () => Promise.resolve(),
  };
  return { state, clock };
}

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

const quiet = { isDebugEnabled: false, debug() {}, error() {} };
const settings = { intervalMs: 1000, waitMs: 50 };

describe('FreshModels', () => {
  it('refreshes when the interval is over, and sorts', async () => {
    const { state, clock } = handClock();
    const { counter, models } = directory(async () => {});
    const fresh = new FreshModels(models, clock, quiet, settings);
    expect((await fresh.list()).map(({ id }) => id)).toEqual(['a', 'b']);
    state.nowMs = 999;
    await fresh.list();
    expect(counter.refreshes).toBe(1);
    state.nowMs = 1000;
    await fresh.list();
    expect(counter.refreshes).toBe(2);
  });

  it('answers with the list as it is when a refresh takes too long', async () => {
    const { state, clock } = handClock();
    const { counter, models } = directory(() => new Promise(() => {}));
    const fresh = new FreshModels(models, clock, quiet, settings);
    const answer = fresh.list();
    state.due?.();
    expect(await answer).toHaveLength(2);
    const second = fresh.list();
    state.due?.();
    expect(await second).toHaveLength(2);
    expect(counter.refreshes).toBe(1);
  });

  it('answers, says so, and waits for the interval when a refresh fails', async () => {
    const { clock } = handClock();
    const { counter, models } = directory(() => Promise.reject(new Error('all upstreams down')));
    const logged: string[] = [];
    const log = { ...quiet, error: (_fields: Record<string, unknown>, message: string) => logged.push(message) };
    const fresh = new FreshModels(models, clock, log, settings);
    expect(await fresh.list()).toHaveLength(2);
    await fresh.list();
    expect(counter.refreshes).toBe(1);
    expect(logged).toHaveLength(1);
  });
});
