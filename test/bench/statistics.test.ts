import { expect, test } from 'vitest';
import { medianOf, percentileOf, ratios, spreadOf } from '../../bench/statistics.ts';

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

test('the interval of a median narrows with the count and holds the median; of a few values it is their range', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  expect(medianOf([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5 });
  // By the binomial distribution the 40th and 61st of 100 values hold the median of all with 96 %.
  expect(medianOf(upTo(15))).toEqual({ median: 8, low: 3, high: 13 });
  expect(medianOf(upTo(100))).toEqual({ median: 50.5, low: 40, high: 61 });
});
