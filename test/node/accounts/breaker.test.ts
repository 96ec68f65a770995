import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from '../../../node/accounts/breaker.ts';
import { breakerDefaults } from '../../../node/accounts/options.ts';

const startMs = 1_700_000_000_000;

function opened(): Breaker {
  const breaker = new Breaker(breakerDefaults);
  for (let failure = 0; failure < 5; failure++) breaker.fail(startMs, false);
  return breaker;
}

test('opens at the fifth failure and not before', () => {
  const breaker = new Breaker(breakerDefaults);
  const openings = [1, 2, 3, 4, 5].map(() => breaker.fail(startMs, false));
  expect(openings).toEqual([false, false, false, false, true]);
  expect(breaker.state(startMs)).toBe('open');
  expect(breaker.allows(startMs)).toBe(false);
});

test('a success takes one failure back', () => {
  const breaker = new Breaker({ ...breakerDefaults, minRequests: 1_000 });
  for (let round = 0; round < 50; round++) {
    breaker.fail(startMs, false);
    breaker.succeed(startMs, false);
  }
  expect(breaker.errorCount).toBe(0);
  expect(breaker.state(startMs)).toBe('closed');
});

test('opens at a failure rate of 0.6 over ten requests, although the count stays low', () => {
  const breaker = new Breaker({ ...breakerDefaults, errorThreshold: 100 });
  for (let good = 0; good < 4; good++) breaker.succeed(startMs, false);
  const openings = [1, 2, 3, 4, 5, 6].map(() => breaker.fail(startMs, false));
  expect(openings).toEqual([false, false, false, false, false, true]);
});

test('failures older than the window say nothing about the rate', () => {
  const breaker = new Breaker({ ...breakerDefaults, errorThreshold: 100 });
  for (let failure = 0; failure < 9; failure++) breaker.fail(startMs, false);
  expect(breaker.fail(startMs + 120_000, false)).toBe(false);
});

test('half-open lets one trial through at a time; its success closes, its failure opens again', () => {
  const breaker = opened();
  const recoveredMs = startMs + breakerDefaults.recoveryMs;
  expect(breaker.state(recoveredMs - 1)).toBe('open');
  expect(breaker.state(recoveredMs)).toBe('half-open');
  expect(breaker.takeTrial(recoveredMs)).toBe(true);
  expect(breaker.allows(recoveredMs)).toBe(false);
  expect(breaker.takeTrial(recoveredMs)).toBe(false);
  expect(breaker.fail(recoveredMs, true)).toBe(true);
  expect(breaker.state(recoveredMs + 1)).toBe('open');
  const againMs = recoveredMs + breakerDefaults.recoveryMs;
  expect(breaker.takeTrial(againMs)).toBe(true);
  breaker.releaseTrial();
  expect(breaker.allows(againMs)).toBe(true);
  expect(breaker.takeTrial(againMs)).toBe(true);
  expect(breaker.succeed(againMs, true)).toBe(true);
  expect(breaker.state(againMs)).toBe('closed');
  expect(breaker.isPristine).toBe(true);
});

test('a late success of a request from before the opening does not close', () => {
  const breaker = opened();
  expect(breaker.succeed(startMs + 1, false)).toBe(false);
  expect(breaker.state(startMs + 1)).toBe('open');
});

test('a wall clock that goes back does not keep it open for as long', () => {
  expect(opened().state(startMs - 3_600_000)).toBe('half-open');
});

test('switched off it never opens', () => {
  const breaker = new Breaker({ ...breakerDefaults, enabled: false });
  for (let failure = 0; failure < 100; failure++) expect(breaker.fail(startMs, false)).toBe(false);
  expect(breaker.allows(startMs)).toBe(true);
});

test('any sequence: open refuses, half-open has at most one trial out, the count never falls below zero', () => {
  const step = fc.record({
    kind: fc.constantFrom('fail', 'succeed', 'take', 'trial-succeeds', 'trial-fails', 'release', 'reset'),
    passedMs: fc.constantFrom(0, 1, 10_000, 299_999, 300_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const breaker = new Breaker(breakerDefaults);
      let nowMs = startMs;
      let isOut = false;
      for (const { kind, passedMs } of steps) {
        nowMs += passedMs;
        if (kind === 'fail') breaker.fail(nowMs, false);
        if (kind === 'succeed') breaker.succeed(nowMs, false);
        if (kind === 'take' && breaker.takeTrial(nowMs)) {
          expect(isOut).toBe(false);
          isOut = true;
        }
        if (isOut && kind === 'trial-succeeds') {
          breaker.succeed(nowMs, true);
          expect(breaker.state(nowMs)).toBe('closed');
        }
        if (isOut && kind === 'trial-fails') {
          breaker.fail(nowMs, true);
          expect(breaker.state(nowMs)).toBe('open');
        }
        if (isOut && kind === 'release') breaker.releaseTrial();
        if (kind === 'reset') breaker.reset();
        if (['trial-succeeds', 'trial-fails', 'release', 'reset'].includes(kind)) isOut = false;
        const state = breaker.state(nowMs);
        expect(breaker.allows(nowMs)).toBe(state === 'closed' || (state === 'half-open' && !isOut));
        expect(breaker.errorCount).toBeGreaterThanOrEqual(0);
        expect(breaker.untilMs === undefined).toBe(state === 'closed');
      }
    }),
  );
});
