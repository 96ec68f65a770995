import { expect, test } from 'vitest';
import { inTime } from '../../kit/in-time.ts';
import { ManualClock } from '../manual-clock.ts';

test('what comes in time is handed on and leaves no timer', async () => {
  const clock = new ManualClock();
  const { promise, resolve } = Promise.withResolvers<string>();
  const ended = inTime(promise, 1_000, clock);
  clock.advance(999);
  resolve('there');
  expect([await ended, clock.pendingCount]).toEqual(['there', 0]);
});

test('a failure in time is handed on and leaves no timer', async () => {
  const clock = new ManualClock();
  await expect(inTime(Promise.reject(new Error('broken')), 1_000, clock)).rejects.toThrow('broken');
  expect(clock.pendingCount).toBe(0);
});

test('what takes longer is undefined, and its later failure is left unheard', async () => {
  const clock = new ManualClock();
  const { promise, reject } = Promise.withResolvers<string>();
  const ended = inTime(promise, 1_000, clock);
  clock.advance(1_000);
  expect([await ended, clock.pendingCount]).toEqual([undefined, 0]);
  // A rejection that nobody handles would fail the run.
  reject(new Error('too late'));
  await new Promise((done) => setImmediate(done));
});
