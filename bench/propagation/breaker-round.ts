import type { NodeClient } from '../mesh/node-client.ts';
import { failuresToOpen } from './accounts.ts';
import { rolesOf, type Scene } from './scene.ts';

const isOpen = async (client: NodeClient) =>
  (await client.json<{ circuit_breaker_open: boolean }>('/accounts/failing')).circuit_breaker_open;
const isClosed = async (client: NodeClient) => !(await isOpen(client));

export interface BreakerRound {
  /** From the upstream's answer that opened it at one node to the slower of the others showing it open. */
  readonly ms: number;
  /** Requests of the others that went to the account all the same, once they showed it open. */
  readonly letThrough: number;
}

export async function breakerRound(scene: Scene, round: number): Promise<BreakerRound> {
  const { upstream, poll } = scene;
  const { origin, others, all } = rolesOf(scene, round);
  const seen = poll.seen(others, isOpen, 'the breaker is open');
  for (let failure = 0; failure < failuresToOpen; failure++) await origin.ask('failing', `round ${round}`);
  const openedMs = upstream.failedAtMs;
  const ms = Math.max(...(await seen)) - openedMs;
  const before = upstream.failures;
  for (const other of others) await other.ask('failing', `after ${round}`);
  const letThrough = upstream.failures - before;
  await origin.must('POST', '/accounts/failing/reset');
  await poll.seen(all, isClosed, 'the breaker is closed again');
  return { ms, letThrough };
}
