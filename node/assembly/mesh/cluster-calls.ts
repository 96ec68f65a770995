import type { Mesh } from '../../../cluster/contract.ts';
import type { ClusterDependencies } from '../../http/dependencies.ts';
import type { ClusterView } from './cluster-view.ts';
import type { MeshMembership } from './mesh-membership.ts';

/** The mesh as the routes see it. */
export function clusterCalls(mesh: Mesh, view: ClusterView, membership: MeshMembership): ClusterDependencies {
  return {
    self: mesh.self,
    status: () => view.status(),
    card: () => mesh.card(),
    leave: () => membership.leaveForGood(),
    removeVoter: (nodeId, isForced) =>
      new Promise((resolve) => mesh.leadership.removeVoter(nodeId, isForced, (refusal) => resolve(refusal))),
  };
}
