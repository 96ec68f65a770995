/**
 * Measures what a leader's death costs in the middle of a refresh: `node test/processes/mesh/kill-leaders.ts --runs 200`.
 * The exit code is 1 when a refresh token was sent twice although its login lives on.
 */
import { parseArgs } from 'node:util';
import { killLeaders, type LeaderKill, type LeaderKillResult } from './leader-kills.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed))
  throw new Error('--runs and --seed are whole numbers');

let count = 0;
const beganMs = performance.now();
const result = await killLeaders({
  runs,
  seed,
  onRun: ({ servedMs, ledMs, refreshedMs }) => {
    count++;
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    const times = `served ${servedMs} ms, led ${ledMs} ms, refreshed ${refreshedMs} ms`;
    console.log(`${count} of ${runs} (${seconds} s): ${times}`);
  },
});
print(result);

function print({ runs: kills, lost, reasons, sentAgain, rescued, failedRequests }: LeaderKillResult): void {
  const isLost = (run: LeaderKill) => lost.includes(run.account);
  const beside = sentAgain.length - lost.filter((account) => sentAgain.includes(account)).length;
  const answered = kills.filter(({ wasAnswered }) => wasAnswered);
  const unanswered = kills.filter(({ wasAnswered }) => !wasAnswered);
  console.log(`
runs                                                 ${kills.length}
killed before the service had answered               ${unanswered.length}, of which lost ${unanswered.filter(isLost).length}
killed after it had answered                         ${answered.length}, of which lost ${answered.filter(isLost).length}
tokens lost (accounts that need a login)             ${lost.length}
  which say that the answer was lost                 ${reasons.filter((reason) => reason.includes('lost')).length}
spent tokens sent again                              ${sentAgain.length}
  beside the one that finds a loss                   ${beside}
tokens taken up from an interrupted write            ${rescued}
client requests that failed                          ${failedRequests}
both survivors served a client after (ms)            ${spread(kills.map(({ servedMs }) => servedMs))}
another led after (ms)                               ${spread(kills.map(({ ledMs }) => ledMs))}
tokens were refreshed again after (ms)               ${spread(kills.map(({ refreshedMs }) => refreshedMs))}
seconds in all                                       ${Math.round((performance.now() - beganMs) / 1_000)}`);
  if (beside > 0) process.exitCode = 1;
}

function spread(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${sorted.at(-1)}`;
}
