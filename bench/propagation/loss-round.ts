import type { ClusterStatus } from '../../node/http/routes/cluster-shapes.ts';
import type { NodeClient } from '../mesh/node-client.ts';
import { leaderOf, type Scene } from './scene.ts';

export interface LossRound {
  /** From the signal to the slower of the others calling it dead. */
  readonly noticedMs: number;
  /** From the signal to the slower of the others naming another leader. */
  readonly leaderMs: number;
}

/** The leader is lost, so that one round shows both; then it comes back and the mesh is whole again. */
export async function lossRound(scene: Scene, kind: 'SIGKILL' | 'SIGSTOP'): Promise<LossRound> {
  const { mesh, poll } = scene;
  const victim = await leaderOf(scene);
  const { id } = victim.place;
  const others = mesh.nodes.filter((node) => node !== victim).map(({ client }) => client);
  const status = (client: NodeClient) => client.json<ClusterStatus>('/cluster/status');
  const isDead = async (client: NodeClient) =>
    (await status(client)).members.some(({ node_id, state }) => node_id === id && state === 'dead');
  const isLedByAnother = async (client: NodeClient) => {
    const { leader } = await status(client);
    return leader !== null && leader !== id;
  };
  const lostMs = performance.now();
  const gone = kind === 'SIGKILL' ? victim.kill() : Promise.resolve(victim.signal(kind));
  const [noticed, led] = await Promise.all([
    poll.seen(others, isDead, `${id} is dead`),
    poll.seen(others, isLedByAnother, 'another leads'),
    gone,
  ]);
  if (kind === 'SIGKILL') await mesh.restart(victim);
  else {
    victim.signal('SIGCONT');
    await mesh.untilWhole();
  }
  return { noticedMs: Math.max(...noticed) - lostMs, leaderMs: Math.max(...led) - lostMs };
}
