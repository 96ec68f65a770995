import type { NodeClient } from '../mesh/node-client.ts';
import { serialOf } from './numbered-upstream.ts';
import { rolesOf, type Scene } from './scene.ts';

export interface ClearRound {
  /** How long the DELETE took. */
  readonly callMs: number;
  /** Answers from before the clear that a node gave to a request sent after the call's answer. */
  readonly older: number;
}

/** Every node has the entry when the clear is called; all are asked at once when it has answered. */
export async function clearRound(scene: Scene, round: number): Promise<ClearRound> {
  const { upstream } = scene;
  const { origin, all } = rolesOf(scene, round);
  for (const client of all) await untilHit(client, `clear ${round}`);
  const newest = upstream.serial;
  const sentMs = performance.now();
  await origin.must('DELETE', '/cache/clear');
  const callMs = performance.now() - sentMs;
  const answers = await Promise.all(all.map((client) => client.ask('cached', `clear ${round}`)));
  return { callMs, older: answers.filter(({ text }) => serialOf(text) <= newest).length };
}

/** One answer fills the cache; a few more are asked for where a clear of the round before was still being told. */
async function untilHit(client: NodeClient, prompt: string): Promise<void> {
  for (let asked = 0; asked < 20; asked++) {
    const { headers } = await client.ask('cached', prompt);
    if (headers['x-aiproxy-cache'] === 'hit') return;
  }
  throw new Error(`the node at port ${client.port} keeps no answer`);
}
