import { describe, expect, it } from 'vitest';
import type { PlantedBug } from './bugs/planted-bug.ts';
import { plantedBugs } from './bugs/planted-bugs.ts';
import { simulate } from './simulate.ts';

/** Every change of the product turns seeds into other worlds: a bug whose own seeds miss it is looked for in more. */
const furtherSeeds = 300;

/** The first finding of the right kind: in the bug's seeds, which found it when it was planted, then in those after. */
function firstFinding(bug: PlantedBug): string | undefined {
  const [from, to] = bug.seeds;
  for (let seed = from; seed <= to + furtherSeeds; seed++) {
    const { violation } = simulate({ seed, nodes: 5, virtualMs: 60_000, bug });
    if (violation !== undefined && bug.finds.includes(violation.invariant)) return violation.invariant;
  }
  return undefined;
}

describe('a bug that was planted is found', () => {
  it.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s', { timeout: 300_000 }, (_name, bug) => {
    expect(bug.finds).toContain(firstFinding(bug));
  });

  it('and there are a dozen of them at least, each with a name of its own', () => {
    expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length);
    expect(plantedBugs.length).toBeGreaterThanOrEqual(12);
  });
});
