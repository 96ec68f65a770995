import type { Mesh } from '../../../cluster/contract.ts';
import type { ClusterDependencies } from '../../http/dependencies.ts';
import type { ClusterView } from './cluster-view.ts';
import type { MeshMembership } from './mesh-membership.ts';

/** Its vote would be gone until its next start, and the mesh could bear the loss of fewer nodes than people believe. */
const stillAlive = 'it is alive; POST /cluster/leave at that node takes it out in order';

type CalledMesh = Pick<Mesh, 'self' | 'card' | 'members' | 'leadership'>;

/** The mesh as the routes see it. */
export function clusterCalls(mesh: CalledMesh, view: ClusterView, membership: MeshMembership): ClusterDependencies {
  return {
    self: mesh.self,
    status: () => view.status(),
    card: () => mesh.card(),
    leave: () => membership.leaveForGood(),
    removeVoter: async (nodeId, isForced) => {
      if (!isForced && mesh.members.isLive(nodeId)) return stillAlive;
      return new Promise((resolve) => mesh.leadership.removeVoter(nodeId, isForced, (refusal) => resolve(refusal)));
    },
  };
}
