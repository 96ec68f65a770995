import type { BenchRoom } from '../bench-room.ts';
import type { Figure, ReportRow, Verdict, WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';
import { medianOf, ratios, spreadOf } from '../statistics.ts';
import { takeTurns, type Pace, type Turn } from './take-turns.ts';

/** "At least so many times what that target does", asked of one target. */
export interface RateGoal {
  readonly of: string;
  readonly timesAtLeast: number;
  readonly against: string;
  /**
   * The difference is a cost a second and not a request: what one takes of a core above the other's CPU a request is
   * judged, in slices always, else where rates are not the targets' own, since few requests would carry all of it.
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
  /** For differences of a few per cent: many short rounds, so that what drifts on the machine falls on all alike. */
  readonly isSliced?: boolean;
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

/** As long as a busy machine takes to change, or shorter; opening the connections is still a small part of it. */
const sliceSeconds = 0.5;
/** Times the seconds of the rounds. */
const slicedShare = 2;

function slicesOf({ rounds, seconds }: Pace): Pace {
  return {
    rounds: Math.max(rounds, Math.round((slicedShare * rounds * seconds) / sliceSeconds)),
    seconds: sliceSeconds,
  };
}

/** Without the slices in which others left one of the targets no time for a single answer; all, where that is all. */
export function withoutStarved(samples: readonly Sample[][]): Sample[][] {
  const isStarved = (round: number) => samples.some((own) => (own[round]?.requests ?? 0) === 0);
  const fed = samples.map((own) => own.filter((_, round) => !isStarved(round)));
  return (fed[0]?.length ?? 0) === 0 ? [...samples] : fed;
}

/** Measures the highest rate of each and compares. */
export async function measureRates(room: BenchRoom, work: RateWork): Promise<WorkResult> {
  const turns = work.turns(room);
  const pace = work.isSliced === true ? slicesOf(room.options) : room.options;
  const taken = await takeTurns(room, turns, pace);
  const samples = work.isSliced === true ? withoutStarved(taken) : taken;
  const measured = new Map(turns.map(({ running }, index) => [running.target.name, samples[index] ?? []]));
  const notes = new Set<string>(work.isSliced === true ? [slicedNote(pace)] : []);
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
  const figureOf = work.isSliced === true ? medianFigure : figure;
  return {
    target,
    figures: {
      rate: figureOf(work.unit, own.map(rate)),
      ratio: figureOf('times', ratios(own.map(rate), yardstick.map(rate))),
      CPU: figureOf('µs', own.map(cpu)),
      'CPU ratio': figureOf('times', ratios(yardstick.map(cpu), own.map(cpu))),
      'target core': figureOf(
        'cores',
        own.map((sample) => sample.targetShare),
      ),
      'load core': figureOf(
        'cores',
        own.map((sample) => sample.loadShare),
      ),
      others: figureOf(
        'cores',
        own.map((sample) => sample.othersShare),
      ),
    },
    verdicts: work.goals.flatMap((goal) =>
      verdictOf(goal, target, measured, { rate, cpu, figureOf, isSliced: work.isSliced === true }, notes),
    ),
    trouble: troubleOf(own) ?? originTrouble(own, work.answersItself === target),
  };
}

interface Readings {
  readonly rate: (sample: Sample) => number;
  readonly cpu: (sample: Sample) => number;
  readonly figureOf: typeof figure;
  readonly isSliced: boolean;
}

function verdictOf(
  goal: RateGoal,
  target: string,
  measured: ReadonlyMap<string, Sample[]>,
  { rate, cpu, figureOf, isSliced }: Readings,
  notes: Set<string>,
): Verdict[] {
  const own = measured.get(target);
  const other = measured.get(goal.against);
  if (goal.of !== target || own === undefined || other === undefined) return [];
  const isByCpu = [...own, ...other].some((sample) => !isTheTargetsOwn(sample));
  if ((isByCpu || isSliced) && goal.isCostASecond) return [costVerdict(goal, extraOfCore(own, other, figureOf))];
  if (isByCpu) notes.add(byCpuNote);
  const values = isByCpu ? ratios(other.map(cpu), own.map(cpu)) : ratios(own.map(rate), other.map(rate));
  const reached = figureOf('times', values);
  const asked = `at least ${goal.timesAtLeast} × ${goal.against}${isByCpu ? ', by CPU' : ''}`;
  return [{ goal: asked, reached, isMet: reached.value >= goal.timesAtLeast }];
}

function costVerdict(goal: RateGoal, reached: Figure): Verdict {
  const most = 100 * (1 - goal.timesAtLeast);
  return { goal: `takes at most ${most.toFixed(0)} % of a core`, reached, isMet: reached.value <= most };
}

/** CPU above what as many requests cost the other target in the same round, per cent of a core. */
export function extraOfCore(
  own: readonly Sample[],
  other: readonly Sample[],
  figureOf: typeof figure = figure,
): Figure {
  const extra = own.flatMap(({ targetCpuSeconds, requests, seconds }, round) => {
    const beside = other[round];
    if (beside === undefined || beside.requests === 0) return [];
    return [(100 * (targetCpuSeconds - (beside.targetCpuSeconds / beside.requests) * requests)) / seconds];
  });
  return figureOf('%', extra);
}

const byCpuNote =
  'In some rounds the load side was full or others used the target’s core, so that the rate was not the target’s own: ' +
  'the goal is judged by CPU time for each request or event instead.';

function slicedNote({ rounds, seconds }: Pace): string {
  return `${rounds} slices of ${seconds} s each in turns; in brackets the 95 % interval of the median, not the range.`;
}

function isTheTargetsOwn(sample: Sample): boolean {
  return sample.loadShare <= loadShareMax && sample.othersShare <= othersShareMax;
}

/** Median, with the range of the rounds. */
export function figure(unit: Figure['unit'], values: readonly number[]): Figure {
  const { median, low, high } = spreadOf(values);
  return { value: median, unit, low, high };
}

/** Median, with how far it can be trusted. */
export function medianFigure(unit: Figure['unit'], values: readonly number[]): Figure {
  const { median, low, high } = medianOf(values);
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
