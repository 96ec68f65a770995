import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../kit/clock.ts';
import { silentLog } from '../../kit/log.ts';
import { seededRandom, systemRandom, type Random } from '../../kit/random.ts';
import type { TraceQuery } from '../../node/store/contract.ts';
import { openSqliteUsageStore, type SqliteUsageStore } from '../../node/store/sqlite/usage-store.ts';
import type { Figure, ReportRow } from '../report/contract.ts';
import { percentileOf } from '../statistics.ts';
import { dayMs, days, MonthOfTraces } from '../store/month-of-traces.ts';
import type { Work } from './contract.ts';

/** Short rounds get fewer, as ten million take minutes to write. */
const counts = { quick: 200_000, full: 10_000_000 };
const shortRoundSeconds = 1;

/** The product's promise for 10 million traces. */
const goalMs = 200;
const askedTimes = 60;
/** Batches on their way to the thread that writes: one is made while the other is written. */
const underWayMax = 2;

const columns = ['p50', 'p95', 'max', 'found'];

/** What questions to the store of traces take, in a file of a month. */
export const traces: Work = {
  name: 'traces',
  summary: 'questions to 10 million traces of 30 days on SQLite',
  async run({ options, parts }) {
    const count = options.seconds < shortRoundSeconds ? counts.quick : counts.full;
    const folder = join(parts.runFolder, 'traces');
    const store = openSqliteUsageStore({ clock: systemClock, random: systemRandom, log: silentLog }, { folder });
    try {
      const month = new MonthOfTraces(count, Date.now());
      const seconds = await write(store, month);
      const notes = [await sizeOf(store, seconds)];
      return { work: 'traces', title: 'Questions to traces', columns, rows: await ask(store, month), notes };
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function write(store: SqliteUsageStore, month: MonthOfTraces): Promise<number> {
  const startMs = performance.now();
  const underWay: Promise<void>[] = [];
  for (const batch of month.batches()) {
    underWay.push(store.write(batch));
    if (underWay.length >= underWayMax) await underWay.shift();
  }
  await Promise.all(underWay);
  return (performance.now() - startMs) / 1000;
}

async function sizeOf(store: SqliteUsageStore, seconds: number): Promise<string> {
  const { bytes, traces } = await store.size();
  const rate = Math.round(traces / seconds).toLocaleString('en');
  const perTrace = Math.round(bytes / traces);
  return `${traces.toLocaleString('en')} traces in ${(bytes / 1e9).toFixed(2)} GB (${perTrace} bytes each), written at ${rate}/s`;
}

/** Asks once and says how much came back. */
type Question = (store: SqliteUsageStore, month: MonthOfTraces, random: Random) => Promise<number>;

const questions: Readonly<Record<string, Question>> = {
  'a key, a day': (store, month, random) => page(store, month, random, { key: anyKey(month, random) }),
  'a seldom key, a day': (store, month, random) => page(store, month, random, { key: month.keyOf(month.keyCount - 1) }),
  'failures of a key, a day': (store, month, random) =>
    page(store, month, random, { key: anyKey(month, random), status: 5 }),
  'failures of all, a day': (store, month, random) => page(store, month, random, { status: 5 }),
  'an account, a day': (store, month, random) => page(store, month, random, { account: `account-${random.below(8)}` }),
  'all, a day': (store, month, random) => page(store, month, random, {}),
  'a trace by its id': traceById,
  'usage by day, a month': async (store, { fromMs, toMs }) =>
    (await store.usage({ groupBy: 'day', fromMs, toMs })).length,
  'usage by hour of a key': async (store, month, random) => {
    const { fromMs, toMs } = month;
    return (await store.usage({ groupBy: 'hour', fromMs, toMs, key: anyKey(month, random) })).length;
  },
  'sums of a month, at start': async (store, { fromMs }) => (await store.sums('n1', fromMs)).length,
};

async function ask(store: SqliteUsageStore, month: MonthOfTraces): Promise<ReportRow[]> {
  const rows: ReportRow[] = [];
  for (const [name, question] of Object.entries(questions)) {
    const random = seededRandom(11);
    const times: number[] = [];
    let found = 0;
    for (let time = 0; time < askedTimes; time++) {
      const startMs = performance.now();
      found += await question(store, month, random);
      times.push(performance.now() - startMs);
    }
    rows.push(rowOf(name, times, found / askedTimes));
  }
  return rows;
}

function rowOf(target: string, times: readonly number[], found: number): ReportRow {
  const ms = (value: number): Figure => ({ value, unit: 'ms' });
  const p95 = ms(percentileOf(times, 95));
  const verdict = { goal: `p95 below ${goalMs} ms`, reached: p95, isMet: p95.value < goalMs };
  return {
    target,
    figures: {
      p50: ms(percentileOf(times, 50)),
      p95,
      max: ms(Math.max(...times)),
      found: { value: found, unit: 'count' },
    },
    verdicts: target === 'a key, a day' ? [verdict] : [],
    trouble: undefined,
  };
}

/** A page of a day somewhere in the month: the first, or the one after it. */
async function page(
  store: SqliteUsageStore,
  month: MonthOfTraces,
  random: Random,
  what: Partial<TraceQuery>,
): Promise<number> {
  const fromMs = month.fromMs + random.below(days) * dayMs;
  const after = random.next() < 0.5 ? undefined : { startedAtMs: fromMs + random.below(dayMs), requestId: 'req_' };
  return (await store.traces({ fromMs, toMs: fromMs + dayMs, limit: 100, after, ...what })).length;
}

function anyKey(month: MonthOfTraces, random: Random): string {
  return month.keyOf(random.below(month.keyCount));
}

let ids: string[] = [];

async function traceById(store: SqliteUsageStore, month: MonthOfTraces, random: Random): Promise<number> {
  if (ids.length === 0) {
    for (let day = 0; day < days; day++) {
      const fromMs = month.fromMs + day * dayMs;
      ids.push(...(await store.traces({ fromMs, toMs: fromMs + dayMs, limit: 10 })).map(({ requestId }) => requestId));
    }
  }
  const found = await store.trace(ids[random.below(ids.length)] as string);
  return found === undefined ? 0 : 1;
}
