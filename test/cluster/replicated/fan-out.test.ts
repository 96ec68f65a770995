import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { StateMesh } from '../state-mesh/state-mesh.ts';

const members = 60;

/** A few are many here, and nobody compares by the clock. */
const directMembersMax = 8;
const environment = { timing: { ...timings.loopback, directMembersMax, antiEntropyMs: 3_600_000 } };

function largeMesh(): StateMesh {
  const mesh = new StateMesh();
  for (let index = 1; index <= members; index++) mesh.start(`n${index}`, { environment });
  mesh.joinAll();
  mesh.advance(1000);
  mesh.network.sent.clear();
  return mesh;
}

describe('in a mesh of sixty', () => {
  it('a newcomer and each member compare once, and nobody else does', () => {
    const mesh = largeMesh();
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(1000);
    mesh.network.sent.clear();
    const joiner = mesh.start('joiner', { environment });
    joiner.records.put('accounts', 'b', 2);
    for (let index = 1; index <= members; index++) mesh.join(`n${index}`, 'joiner');
    mesh.advance(1000);
    expect(joiner.records.isCurrent()).toBe(true);
    expect(joiner.records.get('accounts', 'a')?.payload).toBe(1);
    const holders = [...mesh.nodes.values()].filter(({ records }) => records.get('accounts', 'b') !== undefined);
    expect(holders.length).toBe(members + 1);
    // Each asks the other: neither may serve what it cached before it knows what the other cleared.
    expect(mesh.network.sent.get('records/compare')).toBe(2 * members);
  });
});
