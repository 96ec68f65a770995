import { describe, expect, it } from 'vitest';
import { throughChaos } from './chaos.ts';
import type { NodeOptions } from './simulated-mesh.ts';

const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
/** A few seeds with every run; SEEDS and FIRST in the environment ask for others. */
const seeds = Number(process.env['SEEDS'] ?? 40);
const first = Number(process.env['FIRST'] ?? 0);

const meshes: Record<string, { ids: readonly string[]; optionsOf: (id: string) => NodeOptions }> = {
  'three static voters and two followers': {
    ids: five,
    optionsOf: () => ({ voters: ['n1', 'n2', 'n3'] }),
  },
  'founders that name each other': { ids: five.slice(0, 3), optionsOf: () => ({ founding: five.slice(0, 3) }) },
  'five founders': { ids: five, optionsOf: () => ({ founding: five }) },
  'one founder and those who join it': {
    ids: five,
    optionsOf: (id) => ({ founding: id === 'n1' ? ['n1'] : ['n1', id] }),
  },
};

describe.each(Object.entries(meshes))('%s', (_name, { ids, optionsOf }) => {
  it('have at most one lease at any instant, terms that only rise, and a leader in the end', () => {
    const failed: string[] = [];
    for (let seed = first; seed < first + seeds; seed++) {
      const mesh = throughChaos({ seed, ids, optionsOf });
      try {
        mesh.runUntil(() => mesh.leaders().length === 1, 30_000);
        mesh.run(10_000);
        const configs = new Set(mesh.up().map(({ election }) => JSON.stringify(election.config)));
        if (configs.size !== 1) mesh.violations.push(`configs differ: ${[...configs].join(' ')}`);
        const leaders = new Set(mesh.up().map(({ election }) => election.leader));
        if (leaders.size !== 1) mesh.violations.push('they do not agree on the leader');
      } catch (error) {
        mesh.violations.push(String(error));
      }
      if (mesh.violations.length > 0) failed.push(`seed ${seed}: ${mesh.violations.slice(0, 3).join('\n')}`);
    }
    expect(failed).toEqual([]);
  }, 600_000);
});
