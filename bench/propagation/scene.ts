import type { Issuer } from '../../test/upstream/oauth-issuer.ts';
import type { MeshNode, MeshOfNodes } from '../mesh/mesh-of-nodes.ts';
import type { NodeClient } from '../mesh/node-client.ts';
import type { NumberedUpstream } from './numbered-upstream.ts';
import type { Poll } from './poll.ts';

/** What the rounds of one measurement work with: three nodes, and what they talk to, on one clock. */
export interface Scene {
  readonly mesh: MeshOfNodes;
  readonly upstream: NumberedUpstream;
  readonly issuer: Issuer;
  readonly poll: Poll;
}

/** The node that begins a round, each in turn, and the others. */
export function rolesOf(
  { mesh }: Scene,
  round: number,
): { origin: NodeClient; others: NodeClient[]; all: NodeClient[] } {
  const all = mesh.nodes.map(({ client }) => client);
  const origin = all[round % all.length] as NodeClient;
  return { origin, others: all.filter((client) => client !== origin), all };
}

/** The node that leads now, by what `asked` says. */
export async function leaderOf({ mesh }: Scene): Promise<MeshNode> {
  const { leader } = await (mesh.nodes[0] as MeshNode).client.json<{ leader: string }>('/cluster/status');
  const node = mesh.nodes.find(({ place }) => place.id === leader);
  if (node === undefined) throw new Error(`${leader} leads and is none of ours`);
  return node;
}
