import type { BenchRoom } from '../bench-room.ts';
import type { WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import { aiproxyMesh, aiproxyMesh3 } from '../targets/aiproxy-mesh.ts';
import { aiproxy, aiproxyTwin } from '../targets/aiproxy.ts';
import type { Work } from './contract.ts';
import { extraOfCore, measureRates, medianFigure } from './rate.ts';
import { withStarted } from './with-started.ts';

/** The mesh may cost a node this share of its requests. */
const costMax = 0.05;

/**
 * The same load on a node without the mesh, on another such, on one with it, and on one of a mesh of three; all are fresh
 * processes. The difference looked for is smaller than that of one second to the next on a shared machine.
 */
export const mesh: Work = {
  name: 'mesh',
  summary: 'what the mesh costs one node in requests/s: off, on and alone, on with two peers',
  run: (room) => withStarted(room, [aiproxy, ...besides.filter((one) => room.isAsked(one))], run),
};

const besides = [aiproxyTwin, aiproxyMesh, aiproxyMesh3];

function run(room: BenchRoom, started: readonly RunningTarget[]): Promise<WorkResult> {
  return measureRates(room, {
    name: 'mesh',
    title: 'One node, mesh off and on',
    unit: 'requests/s',
    isSliced: true,
    turns: () => started.map((running) => ({ running, exchange: 'openai' })),
    goals: [aiproxyMesh, aiproxyMesh3].map(({ name }) => ({
      of: name,
      timesAtLeast: 1 - costMax,
      against: aiproxy.name,
      isCostASecond: true,
    })),
    more: { 'of a core': (own, _, off) => extraOfCore(own, off, medianFigure) },
  });
}
