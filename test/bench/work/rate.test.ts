import { expect, test } from 'vitest';
import { newHistogram } from '../../../bench/load/tally.ts';
import type { Sample } from '../../../bench/sample.ts';
import { extraOfCore, withoutStarved } from '../../../bench/work/rate.ts';

const sample = (requests: number, targetCpuSeconds: number): Sample => ({
  requestsPerSecond: requests / 2,
  eventsPerSecond: 0,
  requests,
  upstreamRequests: requests,
  events: 0,
  seconds: 2,
  targetCpuSeconds,
  targetShare: targetCpuSeconds / 2,
  loadShare: 0,
  othersShare: 0,
  errors: 0,
  firstError: undefined,
  latency: newHistogram(),
  firstEvent: newHistogram(),
});

test('what a cost a second takes of a core does not depend on how many requests there were', () => {
  const off = [sample(1000, 0.2), sample(5000, 1)];
  const on = [sample(500, 0.1 + 0.06), sample(4000, 0.8 + 0.06)];
  const { value, low, high } = extraOfCore(on, off);
  expect([value, low, high].map((percent) => Number(percent?.toFixed(6)))).toEqual([3, 3, 3]);
});

test('a slice that others left one target no time in counts for none, unless there are no others', () => {
  const [one, two, three, none] = [sample(1000, 0.2), sample(2000, 0.2), sample(3000, 0.2), sample(0, 0)];
  const rounds = [
    [one, none, three],
    [two, two, one],
  ];
  expect(withoutStarved(rounds)).toEqual([
    [one, three],
    [two, one],
  ]);
  expect(withoutStarved([[none], [one]])).toEqual([[none], [one]]);
});
