import { setTimeout as wait } from 'node:timers/promises';
import type { BenchRoom } from '../bench-room.ts';
import { residentMegabytesOf } from '../process-facts.ts';
import type { ReportRow } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';
import { aiproxyMesh, aiproxyMesh3 } from '../targets/aiproxy-mesh.ts';
import type { Target } from '../targets/contract.ts';
import type { Work } from './contract.ts';
import { troubleOf } from './rate.ts';

/** The product's promise for a node that has nothing to do. */
const restGoalMb = 120;
/** A node that has just started still loads: it is read after so long, a member of a mesh once it does not grow. */
const restAfterMs = 1_000;
/** Growth in a second that is none, and the longest wait for that. */
const settledGrowthMb = 0.5;
const settledWithinMs = 10_000;
const readEveryMs = 100;
const columns = ['at rest', 'under load', 'after load'];

/** Resident memory of a fresh process: before any request, the highest under load, and a second after it. */
export const memory: Work = {
  name: 'memory',
  summary: 'resident memory of a fresh process at rest, under load and after it',
  run: async (room) => {
    const rows: ReportRow[] = [];
    const started = room.named('bare-pipe', 'nginx', 'portkey', 'aiproxy').map(({ target }) => target);
    const members = [aiproxyMesh, aiproxyMesh3].filter((target) => room.isAsked(target));
    for (const target of [...started, ...members]) rows.push(await measure(room, target));
    return { work: 'memory', title: 'Memory (resident)', columns, rows, notes: [] };
  },
};

async function measure(room: BenchRoom, target: Target): Promise<ReportRow> {
  const running = await room.startOne(target);
  const rest = await atRestOf(running);
  const [highest, sample] = await underLoad(room, running);
  await wait(restAfterMs);
  const after = residentMegabytesOf([running.pid]);
  await running.stop();
  const [atRest, loaded, later] = [rest, highest, after].map((value) => ({ value, unit: 'MB' as const }));
  if (atRest === undefined || loaded === undefined || later === undefined) throw new Error('three readings were taken');
  const verdict = { goal: `at most ${restGoalMb} MB at rest`, reached: atRest, isMet: rest <= restGoalMb };
  return {
    target: target.name,
    figures: { 'at rest': atRest, 'under load': loaded, 'after load': later },
    verdicts: target.name.startsWith('aiproxy') ? [verdict] : [],
    trouble: troubleOf([sample]),
  };
}

async function atRestOf({ pid, target }: RunningTarget): Promise<number> {
  let resident = 0;
  for (let waitedMs = 0; waitedMs < settledWithinMs; waitedMs += restAfterMs) {
    await wait(restAfterMs);
    const now = residentMegabytesOf([pid]);
    if (target.startedBy !== 'work' || Math.abs(now - resident) < settledGrowthMb) return now;
    resident = now;
  }
  return resident;
}

async function underLoad(room: BenchRoom, running: RunningTarget): Promise<[number, Sample]> {
  let highest = 0;
  const reading = setInterval(() => {
    highest = Math.max(highest, residentMegabytesOf([running.pid]));
  }, readEveryMs);
  const sample = await room.closed(running, 'openai', Math.max(1.5, room.options.seconds));
  clearInterval(reading);
  return [highest, sample];
}
