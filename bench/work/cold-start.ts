import type { BenchRoom } from '../bench-room.ts';
import type { ReportRow } from '../report/contract.ts';
import type { Target } from '../targets/contract.ts';
import type { Work } from './contract.ts';
import { figure } from './rate.ts';

/** The product's promise, from the start of the process to the first 200 on /health/live. */
const goalMs = 1_500;

export const coldStart: Work = {
  name: 'cold-start',
  summary: 'from starting the process to its first 200 on /health/live',
  run: async (room) => {
    const rows: ReportRow[] = [];
    for (const { target } of room.running) if (target.name !== 'aiproxy-cache') rows.push(await measure(room, target));
    return { work: 'cold-start', title: 'Cold start', columns: ['ready'], rows, notes: [] };
  },
};

async function measure(room: BenchRoom, target: Target): Promise<ReportRow> {
  const times: number[] = [];
  for (let run = 0; run < room.options.rounds; run++) {
    const running = await room.startOne(target);
    times.push(running.readyMs);
    await running.stop();
  }
  const ready = figure('ms', times);
  const verdict = { goal: `below ${goalMs} ms`, reached: ready, isMet: ready.value < goalMs };
  const verdicts = target.name === 'aiproxy' ? [verdict] : [];
  return { target: target.name, figures: { ready }, verdicts, trouble: undefined };
}
