import type { BenchRoom } from '../bench-room.ts';
import { newHistogram } from '../load/tally.ts';
import { residentMegabytesOf } from '../process-facts.ts';
import type { Figure, WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';
import { aiproxyNginx3, aiproxyNginx3Mesh } from '../targets/aiproxy-nginx-3.ts';
import type { Work } from './contract.ts';
import { extraOfCore, figure, measureRates } from './rate.ts';
import { withStarted } from './with-started.ts';

const both = [aiproxyNginx3, aiproxyNginx3Mesh];
/** The mesh may cost each of the three this share of a core; they share one. */
const costMax = 0.05;

/** Three nodes behind nginx on one core, without and with the mesh. Failed requests are the row's trouble. */
export const nginx3: Work = {
  name: 'nginx-3',
  summary: 'three nodes behind nginx on one core, mesh off and on',
  run(room) {
    const missing = both[0]?.missing();
    if (missing !== undefined) return Promise.resolve({ ...empty, notes: [`left out: ${missing}`] });
    return withStarted(room, both, run);
  },
};

const empty: WorkResult = { work: 'nginx-3', title: 'Three nodes behind nginx', columns: [], rows: [], notes: [] };

function run(room: BenchRoom, started: readonly RunningTarget[]): Promise<WorkResult> {
  return measureRates(room, {
    name: empty.work,
    title: empty.title,
    unit: 'requests/s',
    turns: () => started.map((running) => ({ running, exchange: 'openai' })),
    goals: [
      {
        of: aiproxyNginx3Mesh.name,
        timesAtLeast: 1 - 3 * costMax,
        against: aiproxyNginx3.name,
        isCostASecond: true,
      },
    ],
    more: {
      'of a core': (own, _, off) => extraOfCore(own, off),
      p99: (samples) => ({ value: percentileMs(samples, 99), unit: 'ms' }),
      errors,
      'memory a node': memoryOfNodes,
    },
  });
}

function percentileMs(samples: readonly Sample[], percentile: number): number {
  const whole = newHistogram();
  for (const { latency } of samples) whole.add(latency);
  return whole.getValueAtPercentile(percentile) / 1000;
}

function errors(samples: readonly Sample[]): Figure {
  return { value: samples.reduce((sum, sample) => sum + sample.errors, 0), unit: 'count' };
}

/** Right after the load; nginx, the first process, is no node. */
function memoryOfNodes(_: readonly Sample[], { pids }: RunningTarget): Figure {
  return figure(
    'MB',
    pids.slice(1).map((pid) => residentMegabytesOf([pid])),
  );
}
