import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fault } from '../../../kit/fault.ts';
import { RetryBudget } from '../../../node/routing/retry-budget.ts';
import { WaitQueue } from '../../../node/routing/wait-queue.ts';
import { ManualClock } from '../../manual-clock.ts';

function room(options: { queueSize?: number; timeoutMs?: number } = {}) {
  const clock = new ManualClock();
  const queue = new WaitQueue({ clock, ...options });
  const entered: string[] = [];
  const refused: Fault[] = [];
  /** Places by kind; a waiter enters where one of its kind is free. */
  const places = new Map<string, number>();
  const join = (name: string, kind = 'any') =>
    queue.join({
      tryEnter() {
        const free = places.get(kind) ?? 0;
        if (free === 0) return false;
        places.set(kind, free - 1);
        entered.push(name);
        return true;
      },
      refuse: (fault) => refused.push(fault),
    });
  const free = (kind: string, count = 1) => {
    places.set(kind, (places.get(kind) ?? 0) + count);
    queue.wake();
  };
  return { clock, queue, entered, refused, places, join, free };
}

test('first come, first served, as many as there are places', () => {
  const { queue, entered, join, free } = room();
  for (const name of ['a', 'b', 'c', 'd']) join(name);
  free('any');
  expect(entered).toEqual(['a']);
  free('any', 2);
  expect(entered).toEqual(['a', 'b', 'c']);
  expect(queue.waiting).toBe(1);
});

test('a waiter for a busy account does not keep those behind it waiting', () => {
  const { entered, join, free } = room();
  for (let each = 0; each < 10; each++) join(`busy ${each}`, 'busy');
  join('other', 'other');
  free('other');
  expect(entered).toEqual(['other']);
});

test('also behind hundreds of them, without another wake', () => {
  const { clock, entered, join, free, queue } = room();
  for (let each = 0; each < 1_900; each++) join(`busy ${each}`, 'busy');
  join('other', 'other');
  free('other');
  expect(entered).toEqual([]);
  clock.advance(40);
  expect(entered).toEqual(['other']);
  free('busy');
  expect(entered).toEqual(['other', 'busy 0']);
  expect(queue.waiting).toBe(1_899);
});

test('under a storm of wakes those at the end are still asked', () => {
  const { clock, entered, join, free } = room();
  for (let each = 0; each < 1_000; each++) join(`busy ${each}`, 'busy');
  join('last', 'other');
  for (let each = 0; each < 100; each++) {
    free('other', each === 50 ? 1 : 0);
    clock.advance(1);
  }
  expect(entered).toEqual(['last']);
});

test('a full room refuses at once with 429 and a time to come back', () => {
  const { refused, join, queue } = room({ queueSize: 2 });
  join('a');
  join('b');
  const leave = join('c');
  expect(refused).toMatchObject([{ code: 'queue_full', status: 429 }]);
  expect(refused[0]?.retryAfterMs).toBeGreaterThanOrEqual(1_000);
  leave();
  expect(queue.waiting).toBe(2);
});

test('each waits until its own deadline and no longer, with one timer for all', () => {
  const { clock, refused, join, queue } = room({ timeoutMs: 1_000 });
  join('a');
  clock.advance(400);
  join('b');
  expect(clock.pendingCount).toBe(1);
  clock.advance(599);
  expect(refused).toHaveLength(0);
  clock.advance(1);
  expect(refused).toMatchObject([{ code: 'queue_timeout', status: 429 }]);
  clock.advance(399);
  expect(queue.waiting).toBe(1);
  clock.advance(1);
  expect(queue.waiting).toBe(0);
  expect(clock.pendingCount).toBe(0);
});

test('who left is neither asked nor refused, and leaving twice is harmless', () => {
  const { clock, refused, entered, join, free, queue } = room({ timeoutMs: 1_000 });
  const leave = join('a');
  join('b');
  leave();
  leave();
  expect(queue.waiting).toBe(1);
  free('any');
  expect(entered).toEqual(['b']);
  join('c')();
  expect(clock.pendingCount).toBe(0);
  clock.advance(5_000);
  expect(refused).toEqual([]);
});

test('an entering that frees a place again, or gives back what it took, neither recurses nor loops', () => {
  const { queue, entered } = room();
  for (const name of ['a', 'b', 'c']) {
    queue.join({
      tryEnter() {
        entered.push(name);
        queue.wake();
        return name !== 'b';
      },
      refuse: () => undefined,
    });
  }
  queue.wake();
  expect(entered.slice(0, 3)).toEqual(['a', 'b', 'c']);
  expect(entered.length).toBeLessThan(8);
  expect(queue.waiting).toBe(1);
});

test('stopping refuses everybody', () => {
  const { queue, refused, join, clock } = room();
  join('a');
  join('b');
  queue.stop();
  expect(refused).toHaveLength(2);
  expect([queue.waiting, clock.pendingCount]).toEqual([0, 0]);
});

test('any sequence: everyone ends exactly once, and nobody waits for ever', () => {
  const step = fc.record({
    kind: fc.constantFrom('join', 'join', 'free', 'leave', 'pass'),
    of: fc.constantFrom('x', 'y'),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const { clock, queue, entered, refused, join, free } = room({ queueSize: 30, timeoutMs: 50 });
      const leaves: (() => void)[] = [];
      let joined = 0;
      let left = 0;
      for (const { kind, of, pick } of steps) {
        if (kind === 'join') leaves.push(join(`${joined++}`, of));
        else if (kind === 'free') free(of);
        else if (kind === 'leave') {
          const before = queue.waiting;
          leaves[pick % Math.max(1, leaves.length)]?.();
          left += before - queue.waiting;
        } else clock.advance(pick % 60);
        expect(queue.waiting + entered.length + refused.length + left).toBe(joined);
        expect(new Set(entered).size).toBe(entered.length);
        expect(queue.waiting).toBeLessThanOrEqual(30);
      }
      clock.advance(1_000);
      expect(queue.waiting).toBe(0);
    }),
  );
});

test('retries are a fifth of the traffic of ten seconds, and a few are free', () => {
  const clock = new ManualClock();
  const budget = new RetryBudget(clock);
  const taken = () => Array.from({ length: 1_000 }, () => budget.take()).filter(Boolean).length;
  expect(taken()).toBe(10);
  for (let each = 0; each < 1_000; each++) budget.deposit();
  expect(taken()).toBe(200);
  expect(budget.take()).toBe(false);
  clock.advance(11_000);
  expect(taken()).toBe(10);
});
