import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { restDefaults } from '../../../node/accounts/options.ts';
import { Rest } from '../../../node/accounts/rest.ts';

const startMs = 1_700_000_000_000;
const hourMs = 3_600_000;

test('rests for what the upstream asked, and returns', () => {
  const rest = new Rest(restDefaults);
  rest.start(startMs, 20_000, startMs, false);
  expect(rest.endsAtMs(startMs)).toBe(startMs + 20_000);
  expect(rest.allows(startMs + 19_999)).toBe(false);
  expect(rest.allows(startMs + 20_000)).toBe(true);
});

test('a rest of 156 hours is cut to an hour', () => {
  const rest = new Rest(restDefaults);
  rest.start(startMs, 156 * hourMs, startMs, false);
  expect(rest.endsAtMs(startMs)).toBe(startMs + hourMs);
});

test.each([undefined, Number.NaN, -5, 0])(
  '%s is no time: half a minute, doubling each time in a row',
  (retryAfterMs) => {
    const rest = new Rest(restDefaults);
    let nowMs = startMs;
    const lengths = [30_000, 60_000, 120_000].map(() => {
      rest.start(nowMs, retryAfterMs, nowMs, false);
      const endsAtMs = rest.endsAtMs(nowMs) ?? 0;
      const length = endsAtMs - nowMs;
      nowMs = endsAtMs + 1;
      return length;
    });
    expect(lengths).toEqual([30_000, 60_000, 120_000]);
    rest.succeed(nowMs, false);
    rest.start(nowMs, retryAfterMs, nowMs, false);
    expect(rest.endsAtMs(nowMs)).toBe(nowMs + 30_000);
  },
);

test('the 429s of requests that were under way together count as one', () => {
  const rest = new Rest(restDefaults);
  for (let each = 0; each < 10; each++) rest.start(startMs, undefined, startMs - 100, false);
  expect(rest.endsAtMs(startMs)).toBe(startMs + 30_000);
});

test('one trial every five minutes; its success ends the rest', () => {
  const rest = new Rest(restDefaults);
  rest.start(startMs, hourMs, startMs, false);
  expect(rest.allows(startMs + 299_999)).toBe(false);
  const firstMs = startMs + 300_000;
  expect(rest.takeTrial(firstMs)).toBe(true);
  expect(rest.allows(firstMs)).toBe(false);
  rest.releaseTrial();
  expect(rest.allows(firstMs + 1)).toBe(false);
  const secondMs = firstMs + 300_000;
  expect(rest.takeTrial(secondMs)).toBe(true);
  expect(rest.succeed(secondMs + 500, true)).toBe(true);
  expect(rest.endsAtMs(secondMs + 500)).toBeUndefined();
});

test("a trial's 429 is newer knowledge and replaces the end", () => {
  const rest = new Rest(restDefaults);
  rest.start(startMs, hourMs, startMs, false);
  const trialMs = startMs + 300_000;
  expect(rest.takeTrial(trialMs)).toBe(true);
  rest.start(trialMs, 10_000, trialMs, true);
  expect(rest.endsAtMs(trialMs)).toBe(trialMs + 10_000);
});

test('a success of a request from before the rest does not end it', () => {
  const rest = new Rest(restDefaults);
  rest.start(startMs, 60_000, startMs, false);
  expect(rest.succeed(startMs + 1_000, false)).toBe(false);
  expect(rest.allows(startMs + 1_000)).toBe(false);
});

test('any sequence: never past the cap, at most one trial out, and it always ends', () => {
  const step = fc.record({
    kind: fc.constantFrom('start', 'take', 'succeed', 'trial-succeeds', 'trial-429', 'release', 'remote'),
    passedMs: fc.constantFrom(0, 1, 30_000, 300_000, hourMs),
    askedMs: fc.constantFrom(undefined, 0, 1_000, hourMs, 1e12, Number.NaN),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const rest = new Rest(restDefaults);
      let nowMs = startMs;
      let isOut = false;
      for (const { kind, passedMs, askedMs } of steps) {
        nowMs += passedMs;
        if (kind === 'start') rest.start(nowMs, askedMs, nowMs, false);
        if (kind === 'remote') rest.restUntil(nowMs, nowMs + (askedMs ?? 0));
        if (kind === 'succeed') rest.succeed(nowMs, false);
        if (kind === 'take' && rest.takeTrial(nowMs)) {
          expect(isOut).toBe(false);
          isOut = true;
        }
        if (isOut && kind === 'trial-succeeds') {
          rest.succeed(nowMs, true);
          expect(rest.endsAtMs(nowMs)).toBeUndefined();
        }
        if (isOut && kind === 'trial-429') rest.start(nowMs, askedMs, nowMs, true);
        if (isOut && kind === 'release') rest.releaseTrial();
        if (['trial-succeeds', 'trial-429', 'release'].includes(kind)) isOut = false;
        // A success once the rest is over forgets it, trial and all.
        if (kind === 'succeed' && rest.isPristine) isOut = false;
        expect((rest.endsAtMs(nowMs) ?? nowMs) - nowMs).toBeLessThanOrEqual(hourMs);
        expect(rest.allows(nowMs + hourMs)).toBe(true);
      }
    }),
  );
});
