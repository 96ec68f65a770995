import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failover, historyMax, type LevelHealth } from '../../../node/routing/failover.ts';
import { Groups, priorities, type Priority } from '../../../node/routing/groups.ts';
import { PriorityWatch } from '../../../node/routing/priority-watch.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { at, pool } from '../accounts/pool.ts';

const startMs = 1_700_000_000_000;
const levels = (primary: LevelHealth, secondary: LevelHealth, fallback: LevelHealth) => ({
  primary,
  secondary,
  fallback,
});

test('moves down when all of the active priority are down, and back after the cooldown', () => {
  const failover = new Failover();
  expect(failover.update(startMs, levels('well', 'well', 'well'))).toBeUndefined();
  expect(failover.update(startMs, levels('down', 'well', 'well'))).toMatchObject({
    to: 'secondary',
    cause: 'failover',
  });
  expect(failover.order).toEqual(['secondary', 'fallback', 'primary']);
  expect(failover.update(startMs + 299_999, levels('well', 'well', 'well'))).toBeUndefined();
  expect(failover.update(startMs + 300_000, levels('down', 'well', 'well'))).toBeUndefined();
  expect(failover.update(startMs + 300_001, levels('well', 'well', 'well'))).toMatchObject({
    from: 'secondary',
    to: 'primary',
    cause: 'recovery',
  });
  expect(failover.history.map(({ to }) => to)).toEqual(['primary', 'secondary']);
});

test('goes past empty priorities, and up again when nothing below is well', () => {
  const failover = new Failover();
  expect(failover.update(startMs, levels('down', 'empty', 'well'))?.to).toBe('fallback');
  expect(failover.update(startMs + 1, levels('well', 'empty', 'down'))?.to).toBe('primary');
  expect(failover.update(startMs + 2, levels('down', 'down', 'down'))).toBeUndefined();
  expect(failover.active).toBe('primary');
});

test('without auto_failover only the active priority serves', () => {
  const failover = new Failover({ autoFailover: false });
  expect(failover.update(startMs, levels('down', 'well', 'well'))).toBeUndefined();
  expect(failover.order).toEqual(['primary']);
  failover.switchTo('secondary', startMs);
  expect(failover.order).toEqual(['secondary']);
});

test('without auto_recovery it stays down', () => {
  const failover = new Failover({ autoRecovery: false });
  failover.update(startMs, levels('down', 'well', 'well'));
  expect(failover.update(startMs + 1e9, levels('well', 'well', 'well'))).toBeUndefined();
});

test("a person's choice holds past the cooldown, but not past an outage", () => {
  const failover = new Failover();
  failover.switchTo('fallback', startMs);
  expect(failover.update(startMs + 1e9, levels('well', 'well', 'well'))).toBeUndefined();
  expect(failover.isManual).toBe(true);
  expect(failover.update(startMs + 1e9, levels('well', 'down', 'down'))?.to).toBe('primary');
  failover.switchTo('secondary', startMs + 2e9);
  failover.release();
  expect(failover.update(startMs + 3e9, levels('well', 'well', 'well'))?.to).toBe('primary');
});

test('switches are told, and another node’s is taken as it is', () => {
  const failover = new Failover();
  const told: string[] = [];
  failover.onSwitch(({ to, cause }) => told.push(`${to} ${cause}`));
  failover.applyRemote({ active: 'secondary', isManual: true, switchedAtMs: startMs });
  failover.switchTo('secondary', startMs);
  failover.switchTo('primary', startMs);
  expect(told).toEqual(['secondary remote', 'primary manual']);
});

test('any sequence: a well priority serves whenever there is one, and the history is bounded', () => {
  const health = fc.constantFrom<LevelHealth>('well', 'down', 'empty');
  const step = fc.record({
    health: fc.record({ primary: health, secondary: health, fallback: health }),
    passedMs: fc.constantFrom(0, 1_000, 300_000),
    manual: fc.option(fc.constantFrom<Priority>(...priorities), { freq: 10 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const failover = new Failover();
      let nowMs = startMs;
      for (const { health: found, passedMs, manual } of steps) {
        nowMs += passedMs;
        if (manual !== null) failover.switchTo(manual, nowMs);
        failover.update(nowMs, found);
        const isAnyWell = priorities.some((priority) => found[priority] === 'well');
        if (isAnyWell) expect(found[failover.active]).toBe('well');
        expect(new Set(failover.order)).toEqual(new Set(priorities));
        expect(failover.order[0]).toBe(failover.active);
        expect(failover.history.length).toBeLessThanOrEqual(historyMax);
      }
    }),
    { numRuns: 50 },
  );
});

test('the watch moves traffic when breakers open or checks fail, and back', () => {
  const { accounts, all, clock } = pool([{ group: 'p' }, { group: 'p' }, { group: 's' }]);
  const groups = new Groups();
  groups.set({ name: 'p', priority: 'primary' });
  groups.set({ name: 's', priority: 'secondary' });
  const failover = new Failover();
  const watch = new PriorityWatch(accounts, groups, failover, clock);
  watch.start();
  const failing = at(all, 0);
  for (let each = 0; each < 5; each++) {
    failing.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), protocolFaults.upstream_error('x'));
  }
  for (let each = 0; each < 2; each++) accounts.recordCheck('a1', false);
  clock.advance(1_000);
  expect(failover.active).toBe('primary');
  accounts.recordCheck('a1', false);
  clock.advance(1_000);
  expect(failover.active).toBe('secondary');
  accounts.recordCheck('a1', true);
  clock.advance(299_000);
  expect(failover.active).toBe('secondary');
  clock.advance(1_000);
  expect(failover.active).toBe('primary');
  accounts.disable('a1');
  accounts.disable('a0');
  expect(watch.health(clock.nowMs())).toEqual(levels('empty', 'well', 'empty'));
  watch.stop();
  clock.advance(10_000);
  expect(failover.active).toBe('primary');
});
