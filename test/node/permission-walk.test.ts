import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../kit/clock.ts';
import { nodeKey, runNode, type TestNode } from '../running-node.ts';
import { walkPermissions } from '../suites/permission-walk.ts';

let node: TestNode | undefined;
afterEach(() => node?.stop());

it('a whole node opens every route to those with its permission and to nobody else', async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  node = await runNode({ accounts: [] }, { clock });
  const { problems, calls, routes } = await walkPermissions({
    url: node.url,
    adminKey: nodeKey,
    passAnHour: () => void (aheadMs += 3_600_001),
    hasDataPlane: true,
  });
  expect(problems).toEqual([]);
  expect(routes).toBeGreaterThan(70);
  expect(calls).toBeGreaterThan(2_000);
});
