import type { BenchRoom } from '../bench-room.ts';
import { MeshOfNodes } from '../mesh/mesh-of-nodes.ts';
import { propagationSettings } from '../propagation/accounts.ts';
import { breakerRound } from '../propagation/breaker-round.ts';
import { clearRound } from '../propagation/clear-round.ts';
import { disableRound } from '../propagation/disable-round.ts';
import { lossRound } from '../propagation/loss-round.ts';
import { NumberedUpstream } from '../propagation/numbered-upstream.ts';
import { Poll } from '../propagation/poll.ts';
import type { Scene } from '../propagation/scene.ts';
import { tokenRound } from '../propagation/token-round.ts';
import type { Figure, ReportRow, Verdict } from '../report/contract.ts';
import { percentileOf } from '../statistics.ts';
import { startIssuer } from '../../test/upstream/oauth-issuer.ts';
import type { Work } from './contract.ts';

const nodes = 3;
/** Rounds of what takes milliseconds, and of what takes seconds; in short rounds. */
const quickRounds = { quick: 15, full: 100 };
const lossRounds = { quick: 1, full: 7 };
const shortRoundSeconds = 1;

/** How long what one node learns takes to hold at the others, from outside, on one clock. */
export const propagation: Work = {
  name: 'propagation',
  summary: 'how soon breakers, switches, clears, tokens and losses hold on all of three nodes',
  async run(room) {
    const pace = room.options.seconds < shortRoundSeconds ? 'quick' : 'full';
    const scene = await setScene(room);
    try {
      const rows = [...(await quickRows(scene, quickRounds[pace])), ...(await lossRows(scene, lossRounds[pace]))];
      return {
        work: 'propagation',
        title: 'Propagation in a mesh of three',
        columns,
        rows,
        notes: [resolutionOf(scene)],
      };
    } finally {
      await clear(scene);
    }
  },
};

const columns = ['p50', 'p99', 'max', 'rounds'];

async function setScene({ parts }: BenchRoom): Promise<Scene> {
  const upstream = new NumberedUpstream();
  await upstream.start();
  const issuer = await startIssuer();
  try {
    const settingsOf = propagationSettings(upstream, issuer);
    const mesh = await MeshOfNodes.start({ parts, count: nodes, isMeshOn: true, settingsOf });
    return { mesh, upstream, issuer, poll: new Poll() };
  } catch (error) {
    upstream.stop();
    await issuer.close();
    throw error;
  }
}

async function clear({ mesh, upstream, issuer }: Scene): Promise<void> {
  for (const node of mesh.nodes) node.signal('SIGCONT');
  await mesh.stop();
  upstream.stop();
  await issuer.close();
}

async function quickRows(scene: Scene, rounds: number): Promise<ReportRow[]> {
  await repeat(warmUpRounds, (round) => disableRound(scene, round));
  const breakers = await repeat(rounds, (round) => breakerRound(scene, round));
  const switches = await repeat(rounds, (round) => disableRound(scene, round));
  const clears = await repeat(rounds, (round) => clearRound(scene, round));
  const tokens = await repeat(rounds, (round) => tokenRound(scene, round));
  const breakerMs = breakers.map(({ ms }) => ms);
  const tokenMs = tokens.map(({ ms }) => ms);
  return [
    rowOf('breaker opened', breakerMs, [
      below(breakerMs, 50, 100),
      below(breakerMs, 100, 500),
      none('let through once open', sum(breakers.map(({ letThrough }) => letThrough))),
    ]),
    rowOf(
      'disabled, from the call',
      switches.map(({ fromCallMs }) => fromCallMs),
    ),
    rowOf(
      'disabled, from its answer',
      switches.map(({ fromAnswerMs }) => Math.max(0, fromAnswerMs)),
      [none('served after the answer', sum(switches.map(({ served }) => served)))],
    ),
    rowOf(
      'disable, the call',
      switches.map(({ callMs }) => callMs),
    ),
    rowOf(
      'cache clear, the call',
      clears.map(({ callMs }) => callMs),
      [none('older entries served after the answer', sum(clears.map(({ older }) => older)))],
    ),
    rowOf('token renewed', tokenMs, [
      below(tokenMs, 100, 500),
      none('refresh tokens spent twice', scene.issuer.reuses.length),
    ]),
  ];
}

/** Code that has not run yet is slow; the first rounds are not counted. */
const warmUpRounds = 5;

async function lossRows(scene: Scene, rounds: number): Promise<ReportRow[]> {
  const killed = await repeat(rounds, () => lossRound(scene, 'SIGKILL'));
  const stopped = await repeat(rounds, () => lossRound(scene, 'SIGSTOP'));
  return [
    lossRow(
      'SIGKILL noticed',
      killed.map(({ noticedMs }) => noticedMs),
      2_000,
    ),
    lossRow(
      'SIGKILL, another leads',
      killed.map(({ leaderMs }) => leaderMs),
      5_000,
    ),
    lossRow(
      'SIGSTOP noticed',
      stopped.map(({ noticedMs }) => noticedMs),
      5_000,
    ),
    lossRow(
      'SIGSTOP, another leads',
      stopped.map(({ leaderMs }) => leaderMs),
      5_000,
    ),
  ];
}

function lossRow(name: string, ms: readonly number[], goalMs: number): ReportRow {
  return rowOf(name, ms, [below(ms, 100, goalMs)]);
}

/** One after the other: rounds at once would wait for each other. */
async function repeat<T>(rounds: number, run: (round: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round < rounds; round++) results.push(await run(round));
  return results;
}

function rowOf(target: string, ms: readonly number[], verdicts: readonly Verdict[] = []): ReportRow {
  const [p50, p99, max] = [50, 99, 100].map((percentile) => msFigure(ms, percentile));
  if (p50 === undefined || p99 === undefined || max === undefined) throw new TypeError('three were asked for');
  const rounds: Figure = { value: ms.length, unit: 'count' };
  return { target, figures: { p50, p99, max, rounds }, verdicts, trouble: undefined };
}

function msFigure(ms: readonly number[], percentile: number): Figure {
  return { value: percentileOf(ms, percentile), unit: 'ms' };
}

function below(ms: readonly number[], percentile: number, goalMs: number): Verdict {
  const reached = msFigure(ms, percentile);
  const which = percentile === 100 ? 'each' : percentile === 50 ? 'median' : `p${percentile}`;
  return { goal: `${which} within ${goalMs} ms`, reached, isMet: reached.value <= goalMs };
}

function none(what: string, count: number): Verdict {
  return { goal: `none ${what}`, reached: { value: count, unit: 'count' }, isMet: count === 0 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function resolutionOf({ poll }: Scene): string {
  const [p50, p99] = [50, 99].map((percentile) => percentileOf(poll.periodsMs, percentile).toFixed(1));
  return (
    `to the slower of the other two nodes, each asked again and again over a kept connection: a question every ${p50} ms ` +
    `(p99 ${p99} ms), which a reading includes; nodes are not held to a core; the node that leads is the one that is lost`
  );
}
