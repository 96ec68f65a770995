import { expect, test } from 'vitest';
import { backoffMs } from '../../kit/backoff.ts';
import { Ewma } from '../../kit/ewma.ts';
import { LruMap } from '../../kit/lru-map.ts';
import { seededRandom } from '../../kit/random.ts';
import { SingleFlight } from '../../kit/single-flight.ts';
import { SlidingCounts } from '../../kit/sliding-counts.ts';

test('an average takes its first sample whole and moves by its share after', () => {
  const average = new Ewma(0.5);
  expect(average.value).toBe(0);
  average.add(100);
  expect(average.value).toBe(100);
  average.add(0);
  expect(average.value).toBe(50);
});

test('backoff doubles to its cap and is spread over the whole range below', () => {
  const random = seededRandom(1);
  const options = { baseMs: 100, capMs: 1_000 };
  for (const [attempt, ceiling] of [
    [0, 100],
    [1, 200],
    [3, 800],
    [4, 1_000],
    [2_000, 1_000],
  ] as const) {
    const delays = Array.from({ length: 500 }, () => backoffMs(attempt, options, random));
    expect(Math.max(...delays)).toBeLessThan(ceiling);
    expect(Math.max(...delays)).toBeGreaterThan(ceiling * 0.9);
    expect(Math.min(...delays)).toBeLessThan(ceiling * 0.1);
  }
});

test('who asks while a call is under way shares it, and its failure; the next call is a new one', async () => {
  const flights = new SingleFlight<string, number>();
  let calls = 0;
  const call = () => flights.run('key', () => Promise.resolve(++calls));
  expect(await Promise.all([call(), call(), call()])).toEqual([1, 1, 1]);
  expect(flights.size).toBe(0);
  expect(await call()).toBe(2);
  const fail = () => flights.run('key', () => Promise.reject(new Error('refused')));
  const results = await Promise.allSettled([fail(), fail()]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  expect(flights.isFlying('key')).toBe(false);
  const thrown = flights.run('key', () => {
    throw new Error('at once');
  });
  await expect(thrown).rejects.toThrow('at once');
  expect(flights.size).toBe(0);
});

test('the least recently used entry makes room', () => {
  const evicted: string[] = [];
  const map = new LruMap<string, number>(3, (key) => evicted.push(key));
  map.set('a', 1);
  map.set('b', 2);
  map.set('c', 3);
  expect(map.get('a')).toBe(1);
  map.set('d', 4);
  expect(evicted).toEqual(['b']);
  expect(map.peek('a')).toBe(1);
  expect(map.size).toBe(3);
});

test('counts leave with the window, and a clock that jumps back starts anew', () => {
  const counts = new SlidingCounts(1_000, 10);
  counts.addFirst(5_000);
  counts.addSecond(5_500);
  expect([counts.first, counts.second]).toEqual([1, 1]);
  counts.expire(6_050);
  expect([counts.first, counts.second]).toEqual([0, 1]);
  counts.expire(6_600);
  expect(counts.second).toBe(0);
  counts.addFirst(6_600);
  counts.addFirst(1_000);
  expect(counts.first).toBe(1);
  counts.expire(900_000);
  expect(counts.first).toBe(0);
});
