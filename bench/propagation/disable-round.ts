import type { NodeClient } from '../mesh/node-client.ts';
import { rolesOf, type Scene } from './scene.ts';

export interface DisableRound {
  /** From sending the call to the first refused request at the slower of the others. */
  readonly fromCallMs: number;
  /** The same from the call's answer; below zero where it had effect before. */
  readonly fromAnswerMs: number;
  readonly callMs: number;
  /** Requests sent after the answer that the account served all the same. */
  readonly served: number;
}

/** By real requests to the other nodes: what counts is that none is served. */
export async function disableRound(scene: Scene, round: number): Promise<DisableRound> {
  const { poll } = scene;
  const { origin, others, all } = rolesOf(scene, round);
  let answeredMs = Infinity;
  let served = 0;
  const isRefused = async (client: NodeClient) => {
    const isAfter = performance.now() > answeredMs;
    const { status } = await client.ask('switched', `disable ${round} ${performance.now()}`);
    if (isAfter && status === 200) served++;
    return status !== 200;
  };
  const isServed = async (client: NodeClient) => (await client.ask('switched', `enable ${round}`)).status === 200;
  const seen = poll.seen(others, isRefused, 'the disabled account is refused');
  const sentMs = performance.now();
  await origin.must('POST', '/accounts/switched/disable');
  answeredMs = performance.now();
  const effectMs = Math.max(...(await seen));
  await origin.must('POST', '/accounts/switched/enable');
  await poll.seen(all, isServed, 'the enabled account serves');
  return { fromCallMs: effectMs - sentMs, fromAnswerMs: effectMs - answeredMs, callMs: answeredMs - sentMs, served };
}
