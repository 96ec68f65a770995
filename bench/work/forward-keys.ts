import type { BenchRoom } from '../bench-room.ts';
import type { WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import { aiproxy, aiproxyKey, aiproxyTwin } from '../targets/aiproxy.ts';
import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';
import { withStarted } from './with-started.ts';

/** A user's key with limits and budgets may cost this share of a request. */
const costMax = 0.05;

/**
 * The same load on a node with its one `api_key`, on another such, and on one that is asked with a user's key: what
 * finding the key, its restrictions, limits and budgets cost. Traces and usage are on in all of them.
 */
export const forwardKeys: Work = {
  name: 'forward-keys',
  summary: "what a user's key with all limits and budgets costs a request, against the single api_key",
  run: (room) => withStarted(room, [aiproxy, ...besides.filter((one) => room.isAsked(one))], run),
};

const besides = [aiproxyTwin, aiproxyKey];

function run(room: BenchRoom, started: readonly RunningTarget[]): Promise<WorkResult> {
  return measureRates(room, {
    name: 'forward-keys',
    title: "One node, the single api_key and a user's key with limits",
    unit: 'requests/s',
    isSliced: true,
    turns: () => started.map((running) => ({ running, exchange: 'openai' })),
    goals: [{ of: aiproxyKey.name, timesAtLeast: 1 - costMax, against: aiproxy.name }],
  });
}
