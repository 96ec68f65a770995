import { expect, it, vi } from 'vitest';
import { killLeaders } from './leader-kills.ts';

/** More by hand, with figures: `node test/processes/mesh/kill-leaders.ts --runs 200`. */
const runs = 3;

/** A run takes seconds, and what became of the last one is known after the minute of its doubt. */
vi.setConfig({ testTimeout: 300_000 + runs * 60_000 });

it('a leader that is killed in the middle of a refresh costs at most the login whose answer it had alone', async () => {
  const result = await killLeaders({ runs, seed: Date.now() % 1_000 });
  expect(result.runs).toHaveLength(runs);
  expect(result.failedRequests).toBe(0);
  // Each loss is found by sending the spent token once; no other token is sent twice.
  expect(result.sentAgain.toSorted()).toEqual(result.lost.toSorted());
  for (const reason of result.reasons) expect(reason).toMatch(/lost/);
});
