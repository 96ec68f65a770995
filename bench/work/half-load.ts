import type { Histogram } from 'hdr-histogram-js';
import type { BenchRoom } from '../bench-room.ts';
import type { ExchangeName } from '../load/exchanges.ts';
import { newHistogram } from '../load/tally.ts';
import type { Figure, ReportRow, Verdict, WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';
import { figure, troubleOf } from './rate.ts';

export interface HalfLoadWork {
  readonly name: string;
  readonly title: string;
  readonly exchange: ExchangeName;
  /** Which times: to the last byte, or to the first event. */
  readonly histogram: (sample: Sample) => Histogram;
  readonly targets: (room: BenchRoom) => RunningTarget[];
  readonly goal: { readonly of: string; readonly percentile: number; readonly addedMsBelow: number };
}

const percentiles = [50, 99, 99.9];
const columns = [
  ...percentiles.map((percentile) => `added p${percentile}`),
  ...percentiles.map((p) => `p${p}`),
  'load',
];

/**
 * Each target at half of its highest rate, and the bare pipe at the same rate in the same round; what is added is the
 * difference. Times count from when a request should have been sent, so that a target that stalls is not spared the
 * requests that could not be sent meanwhile.
 */
export async function measureHalfLoad(room: BenchRoom, work: HalfLoadWork): Promise<WorkResult> {
  const rows: ReportRow[] = [];
  for (const running of work.targets(room)) rows.push(await measureOne(room, work, running));
  return { work: work.name, title: work.title, columns, rows, notes: [] };
}

async function measureOne(room: BenchRoom, work: HalfLoadWork, running: RunningTarget): Promise<ReportRow> {
  const best = await bestCommonRate(room, work.exchange, running);
  const rate = Math.max(1, Math.floor(best / 2));
  const own: Sample[] = [];
  const bare: Sample[] = [];
  for (let round = 0; round < room.options.rounds; round++) {
    const pair = [() => room.open(running, work.exchange, rate).then((sample) => own.push(sample))];
    pair.push(() => room.open(room.yardstick, work.exchange, rate).then((sample) => bare.push(sample)));
    if (round % 2 === 1) pair.reverse();
    for (const measure of pair) await measure();
  }
  return rowOf(work, running.target.name, rate, own, bare);
}

/** A target that is faster than the bare pipe is compared at a rate that the bare pipe can bear too. */
async function bestCommonRate(room: BenchRoom, exchange: ExchangeName, running: RunningTarget): Promise<number> {
  return Math.min(await room.bestRate(running, exchange), await room.bestRate(room.yardstick, exchange));
}

function rowOf(work: HalfLoadWork, target: string, rate: number, own: Sample[], bare: Sample[]): ReportRow {
  const at = (sample: Sample | undefined, percentile: number) =>
    sample === undefined ? NaN : work.histogram(sample).getValueAtPercentile(percentile) / 1000;
  const added = (percentile: number) =>
    figure(
      'ms',
      own.map((sample, round) => at(sample, percentile) - at(bare[round], percentile)),
    );
  const whole = merged(own.map(work.histogram));
  const figures: Record<string, Figure> = { load: { value: rate, unit: 'requests/s' } };
  for (const percentile of percentiles) {
    figures[`added p${percentile}`] = added(percentile);
    figures[`p${percentile}`] = { value: whole.getValueAtPercentile(percentile) / 1000, unit: 'ms' };
  }
  return { target, figures, verdicts: verdictOf(work, target, added), trouble: troubleOf([...own, ...bare]) };
}

function verdictOf({ goal }: HalfLoadWork, target: string, added: (percentile: number) => Figure): Verdict[] {
  if (goal.of !== target) return [];
  const reached = added(goal.percentile);
  const asked = `adds less than ${goal.addedMsBelow} ms at p${goal.percentile}`;
  return [{ goal: asked, reached, isMet: reached.value < goal.addedMsBelow }];
}

function merged(histograms: readonly Histogram[]): Histogram {
  const whole = newHistogram();
  for (const histogram of histograms) whole.add(histogram);
  return whole;
}
