import type { BenchRoom } from '../bench-room.ts';
import type { Figure, ReportRow, Verdict, WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';
import { ratios, spreadOf } from '../statistics.ts';
import { takeTurns, type Turn } from './take-turns.ts';

/** "At least so many times what that target does", asked of one target. */
export interface RateGoal {
  readonly of: string;
  readonly timesAtLeast: number;
  readonly against: string;
  /**
   * The difference is a cost a second and not a request: where rates are not the targets' own, what one takes of a core
   * above the other's CPU a request is judged, since few requests would carry all of it.
   */
  readonly isCostASecond?: boolean;
}

export interface RateWork {
  readonly name: string;
  readonly title: string;
  readonly unit: 'requests/s' | 'events/s';
  /** Who is asked what; the first is the yardstick. */
  readonly turns: (room: BenchRoom) => Turn[];
  readonly goals: readonly RateGoal[];
  /** The target that must answer by itself; all others must ask the upstream each time. */
  readonly answersItself?: string;
  /** Further columns, read off the samples of one target. */
  readonly more?: Readonly<
    Record<string, (samples: readonly Sample[], running: RunningTarget, yardstick: readonly Sample[]) => Figure>
  >;
}

/** Above these the rate is not the target's own: the load side is full, or others use the target's core. */
const loadShareMax = 0.92;
const othersShareMax = 0.1;

const columns = ['rate', 'ratio', 'CPU', 'CPU ratio', 'target core', 'load core', 'others'];

/** Measures the highest rate of each and compares. */
export async function measureRates(room: BenchRoom, work: RateWork): Promise<WorkResult> {
  const turns = work.turns(room);
  const samples = await takeTurns(room, turns);
  const measured = new Map(turns.map(({ running }, index) => [running.target.name, samples[index] ?? []]));
  const notes = new Set<string>();
  const more = Object.entries(work.more ?? {});
  const rows = turns.map(({ running }) => {
    const row = rowOf(work, running.target.name, measured, notes);
    const own = measured.get(running.target.name) ?? [];
    const further = Object.fromEntries(more.map(([column, read]) => [column, read(own, running, samples[0] ?? [])]));
    return Object.assign(row, { figures: Object.assign(further, row.figures) });
  });
  const all = [...columns, ...more.map(([column]) => column)];
  return { work: work.name, title: work.title, columns: all, rows, notes: [...notes] };
}

function rowOf(work: RateWork, target: string, measured: ReadonlyMap<string, Sample[]>, notes: Set<string>): ReportRow {
  const own = measured.get(target) ?? [];
  const yardstick = [...measured.values()][0] ?? [];
  const count = work.unit === 'events/s' ? (sample: Sample) => sample.events : (sample: Sample) => sample.requests;
  const rate = (sample: Sample) => count(sample) / sample.seconds;
  const cpu = (sample: Sample) => (sample.targetCpuSeconds * 1e6) / count(sample);
  return {
    target,
    figures: {
      rate: figure(work.unit, own.map(rate)),
      ratio: figure('times', ratios(own.map(rate), yardstick.map(rate))),
      CPU: figure('µs', own.map(cpu)),
      'CPU ratio': figure('times', ratios(yardstick.map(cpu), own.map(cpu))),
      'target core': figure(
        'cores',
        own.map((sample) => sample.targetShare),
      ),
      'load core': figure(
        'cores',
        own.map((sample) => sample.loadShare),
      ),
      others: figure(
        'cores',
        own.map((sample) => sample.othersShare),
      ),
    },
    verdicts: work.goals.flatMap((goal) => verdictOf(goal, target, measured, { rate, cpu }, notes)),
    trouble: troubleOf(own) ?? originTrouble(own, work.answersItself === target),
  };
}

interface Readings {
  readonly rate: (sample: Sample) => number;
  readonly cpu: (sample: Sample) => number;
}

function verdictOf(
  goal: RateGoal,
  target: string,
  measured: ReadonlyMap<string, Sample[]>,
  { rate, cpu }: Readings,
  notes: Set<string>,
): Verdict[] {
  const own = measured.get(target);
  const other = measured.get(goal.against);
  if (goal.of !== target || own === undefined || other === undefined) return [];
  const isByCpu = [...own, ...other].some((sample) => !isTheTargetsOwn(sample));
  if (isByCpu && goal.isCostASecond) return [costVerdict(goal, own, other)];
  if (isByCpu) notes.add(byCpuNote);
  const values = isByCpu ? ratios(other.map(cpu), own.map(cpu)) : ratios(own.map(rate), other.map(rate));
  const reached = figure('times', values);
  const asked = `at least ${goal.timesAtLeast} × ${goal.against}${isByCpu ? ', by CPU' : ''}`;
  return [{ goal: asked, reached, isMet: reached.value >= goal.timesAtLeast }];
}

function costVerdict(goal: RateGoal, own: readonly Sample[], other: readonly Sample[]): Verdict {
  const most = 100 * (1 - goal.timesAtLeast);
  const reached = extraOfCore(own, other);
  return { goal: `takes at most ${most.toFixed(0)} % of a core`, reached, isMet: reached.value <= most };
}

/** CPU above what as many requests cost the other target in the same round, per cent of a core. */
export function extraOfCore(own: readonly Sample[], other: readonly Sample[]): Figure {
  const extra = own.flatMap(({ targetCpuSeconds, requests, seconds }, round) => {
    const beside = other[round];
    if (beside === undefined || beside.requests === 0) return [];
    return [(100 * (targetCpuSeconds - (beside.targetCpuSeconds / beside.requests) * requests)) / seconds];
  });
  return figure('%', extra);
}

const byCpuNote =
  'In some rounds the load side was full or others used the target’s core, so that the rate was not the target’s own: ' +
  'the goal is judged by CPU time for each request or event instead.';

function isTheTargetsOwn(sample: Sample): boolean {
  return sample.loadShare <= loadShareMax && sample.othersShare <= othersShareMax;
}

export function figure(unit: Figure['unit'], values: readonly number[]): Figure {
  const { median, low, high } = spreadOf(values);
  return { value: median, unit, low, high };
}

/** Not every answer reaches its client before the end of a round, nor is every first question a hit. */
const originTolerance = 0.05;

/** Words for a target that answered by itself where it should have forwarded, or the other way round. */
function originTrouble(samples: readonly Sample[], answersItself: boolean): string | undefined {
  const requests = samples.reduce((sum, sample) => sum + sample.requests, 0);
  const asked = samples.reduce((sum, sample) => sum + sample.upstreamRequests, 0);
  if (answersItself)
    return asked > requests * originTolerance ? 'it asked the upstream; nothing was cached' : undefined;
  return asked < requests * (1 - originTolerance) ? 'it answered without asking the upstream' : undefined;
}

/** Words for what failed, or nothing. */
export function troubleOf(samples: readonly Sample[]): string | undefined {
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
  const first = samples.find((sample) => sample.firstError !== undefined)?.firstError;
  if (errors > 0) return `${errors} failed: ${first}`;
  return samples.some((sample) => sample.requests + sample.events === 0)
    ? 'a round without a single answer or event'
    : undefined;
}
