import { describe, expect, it } from 'vitest';
import { clusterCalls } from '../../../../node/assembly/mesh/cluster-calls.ts';
import type { ClusterView } from '../../../../node/assembly/mesh/cluster-view.ts';
import type { MeshMembership } from '../../../../node/assembly/mesh/mesh-membership.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { loneMesh } from './lone-mesh.ts';

/** The calls of a node whose mesh has taken the votes of `removed`. */
function calls(live: readonly string[]) {
  const mesh = loneMesh(new ManualClock());
  const removed: string[] = [];
  const leadership = Object.assign(Object.create(mesh.leadership) as typeof mesh.leadership, {
    removeVoter: (node: string, _isForced: boolean, done: (refusal?: string) => void) => {
      removed.push(node);
      done();
    },
  });
  const members = Object.assign(Object.create(mesh.members) as typeof mesh.members, {
    isLive: (node: string) => live.includes(node),
  });
  const parts = { self: mesh.self, card: () => mesh.card(), members, leadership };
  return { removed, ...clusterCalls(parts, {} as ClusterView, {} as MeshMembership) };
}

describe('taking the vote of a member', () => {
  it('is refused while the member lives, since it would have none until its next start', async () => {
    const { removeVoter, removed } = calls(['lone', 'node2']);
    expect(await removeVoter('node2', false)).toMatch(/^it is alive;.*POST \/cluster\/leave/);
    expect(await removeVoter('lone', false)).toMatch(/^it is alive;/);
    expect(removed).toEqual([]);
  });

  it('is done when it is gone, or when somebody insists', async () => {
    const { removeVoter, removed } = calls(['lone', 'node2']);
    expect(await removeVoter('node3', false)).toBeUndefined();
    expect(await removeVoter('node2', true)).toBeUndefined();
    expect(removed).toEqual(['node3', 'node2']);
  });
});
