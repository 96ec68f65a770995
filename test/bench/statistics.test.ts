import { expect, test } from 'vitest';
import { percentileOf, ratios, spreadOf } from '../../bench/statistics.ts';

test('the median of an odd and an even number of values, and their range', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
  expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
});

test('ratios are taken round by round and leave out what has no counterpart', () => {
  expect(ratios([2, 3, 4], [1, 0])).toEqual([2]);
});

test('a percentile is one of the values, and nothing of none', () => {
  const values = [5, 1, 4, 2, 3];
  expect([1, 50, 80, 81, 100].map((percent) => percentileOf(values, percent))).toEqual([1, 3, 4, 5, 5]);
  expect(percentileOf([], 50)).toBeNaN();
});
