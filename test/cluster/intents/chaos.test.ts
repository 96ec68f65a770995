import { describe, expect, it } from 'vitest';
import { throughChaos } from '../leader/chaos.ts';
import type { NodeOptions } from '../leader/simulated-mesh.ts';
import { Refreshing } from './refreshing.ts';

const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
const keys = Array.from({ length: 12 }, (_, index) => `token/q${index}`);
/** A few seeds with every run; SEEDS and FIRST in the environment ask for others. */
const seeds = Number(process.env['SEEDS'] ?? 25);
const first = Number(process.env['FIRST'] ?? 0);

const meshes: Record<string, { ids: readonly string[]; optionsOf: (id: string) => NodeOptions }> = {
  'five static voters': { ids: five, optionsOf: () => ({ voters: five }) },
  'three founders': { ids: five.slice(0, 3), optionsOf: () => ({ founding: five.slice(0, 3) }) },
  'one founder and those who join it': {
    ids: five,
    optionsOf: (id) => ({ founding: id === 'n1' ? ['n1'] : ['n1', id] }),
  },
};

/** With a doubt that never ends nobody may ever try again what may have been done: not one token is spent twice. */
describe.each(Object.entries(meshes))('%s', (_name, { ids, optionsOf }) => {
  it('redeem each token at most once, whoever dies or is cut off in between', () => {
    const failed: string[] = [];
    const sum = { granted: 0, committed: 0, redeemed: 0 };
    const refusals: Record<string, number> = {};
    for (let seed = first; seed < first + seeds; seed++) {
      let refreshing: Refreshing | undefined;
      const mesh = throughChaos({ seed, ids, optionsOf, timing: { doubtMs: 1e9 } }, (mesh, random) => {
        refreshing ??= new Refreshing(mesh, random, keys);
        refreshing.step();
        refreshing.strike();
      });
      for (let round = 0; round < 6; round++) {
        mesh.run(6000);
        refreshing?.step();
      }
      mesh.run(10_000);
      if (refreshing === undefined) throw new Error('No round was run.');
      sum.granted += refreshing.granted;
      sum.committed += refreshing.committed;
      sum.redeemed += refreshing.redeemed.size;
      for (const [refusal, count] of refreshing.refusals) refusals[refusal] = (refusals[refusal] ?? 0) + count;
      if (refreshing.reused.length > 0) failed.push(`seed ${seed}: reused ${refreshing.reused.join(', ')}`);
      if (mesh.violations.length > 0) failed.push(`seed ${seed}: ${mesh.violations.slice(0, 3).join('\n')}`);
    }
    if (process.env['SEEDS'] !== undefined) console.log(sum, refusals);
    expect(failed).toEqual([]);
    expect(sum.committed).toBeGreaterThan(seeds);
    expect(refusals['spent']).toBeGreaterThan(0);
  }, 600_000);
});
