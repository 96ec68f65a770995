import { z } from 'zod';
import type { ClusterDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { httpFaults } from '../faults.ts';
import { clusterStatusSchema, peerCardSchema } from './cluster-shapes.ts';

const tag = 'cluster';

/** The mesh as one node sees it, and how to take members out. */
export function clusterRoutes(cluster: ClusterDependencies): Route[] {
  return [status(cluster), leave(cluster), remove(cluster)];
}

/** What another node needs to knock; no secret in it, and the mesh lets nobody in without one. */
export function peerRoute({ card }: Pick<ClusterDependencies, 'card'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/cluster/peer',
    permission: 'none',
    tag,
    summary: 'Where the mesh side of this node is; 404 for a node that runs alone',
    response: peerCardSchema,
    handler() {
      const peer = card();
      if (peer === undefined) {
        throw httpFaults.cluster_off('this node runs alone; start it with --cluster-enabled to be a seed');
      }
      return { ...peer, addresses: [...peer.addresses] };
    },
  });
}

function status(cluster: ClusterDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/cluster/status',
    permission: 'cluster:read',
    tag,
    summary: 'Members, leader, accounts by node, tokens',
    response: clusterStatusSchema,
    handler: () => cluster.status(),
  });
}

function leave(cluster: ClusterDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/cluster/leave',
    permission: 'cluster:write',
    tag,
    summary: 'Takes this node out of the mesh for good: it drains, gives up its vote and stops',
    status: 202,
    response: z.strictObject({ node_id: z.string(), state: z.literal('draining') }),
    handler() {
      cluster.leave();
      return { node_id: cluster.self, state: 'draining' as const };
    },
  });
}

function remove(cluster: ClusterDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/cluster/members/{id}',
    permission: 'cluster:write',
    tag,
    summary:
      'Takes the vote of a member that is gone; `force=true` is a word that it never comes back, where no majority is left',
    params: z.strictObject({ id: z.string().describe("the member's node id") }),
    query: z.strictObject({ force: z.enum(['true', 'false']).optional() }),
    response: z.strictObject({ removed: z.string(), voters: z.array(z.string()) }),
    async handler({ params, query }) {
      if (params.id === cluster.self) {
        throw httpFaults.member_not_removed(
          `${params.id} is the node that was asked: POST /cluster/leave takes it out, or ask another member`,
          { field: 'id' },
        );
      }
      const refusal = await cluster.removeVoter(params.id, query.force === 'true');
      if (refusal !== undefined) throw httpFaults.member_not_removed(`${params.id} stays: ${refusal}`, { field: 'id' });
      return { removed: params.id, voters: cluster.status().voters };
    },
  });
}
