import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

/** As many as take about forty seconds of one core; `npm run simulate` runs more. */
const sizes = [
  { nodes: 5, seeds: 100 },
  { nodes: 3, seeds: 40 },
  { nodes: 4, seeds: 10 },
  { nodes: 7, seeds: 15 },
  { nodes: 9, seeds: 8 },
];

const minutesMs = 60_000;

describe('a mesh through whatever may happen', () => {
  it.each(sizes)(
    'keeps what must hold, with $nodes nodes and $seeds seeds',
    { timeout: 5 * minutesMs },
    ({ nodes, seeds }) => {
      const found: string[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const { violation } = simulate({ seed, nodes, virtualMs: minutesMs });
        if (violation !== undefined)
          found.push(`--seed ${seed} --nodes ${nodes}: ${violation.invariant}: ${violation.message}`);
      }
      expect(found).toEqual([]);
    },
  );

  it('goes through all of it: kills, pauses, cuts, elections, refreshes and clears', { timeout: minutesMs }, () => {
    const results = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => simulate({ seed, nodes: 5, virtualMs: minutesMs }));
    for (const count of ['kills', 'pauses', 'cuts', 'leaderships', 'redemptions', 'clears', 'deaths'] as const) {
      expect(
        results.reduce((sum, { counts }) => sum + counts[count], 0),
        count,
      ).toBeGreaterThan(0);
    }
  });
});

describe('a seed', () => {
  it.each([3, 11, 24, 42])('gives the same world again: %i', (seed) => {
    const [one, other] = [1, 2].map(() => simulate({ seed, nodes: 5, virtualMs: 30_000 }));
    expect(other).toEqual(one);
  });

  it('gives the same world whether it is traced or not', () => {
    const lines: string[] = [];
    const traced = simulate({
      seed: 3,
      nodes: 5,
      virtualMs: 30_000,
      trace: (line) => lines.push(line),
      isTraceFine: true,
    });
    expect(simulate({ seed: 3, nodes: 5, virtualMs: 30_000 })).toEqual(traced);
    expect(lines.length).toBeGreaterThan(100);
  });

  it('gives another world than the next', () => {
    const hashes = [1, 2, 3, 4, 5].map((seed) => simulate({ seed, nodes: 3, virtualMs: 10_000 }).hash);
    expect(new Set(hashes).size).toBe(5);
  });
});
