import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Cost } from './cost-of.ts';

const columns = [
  'nodes',
  'messages/s idle',
  'bytes/s idle',
  'CPU ms/s idle',
  'messages/s load',
  'bytes/s load',
  'CPU ms/s load',
  'spread ms',
  'heap KB',
  'RSS MB',
  'measured s',
  'took s',
];

const legend = `Each node: what it sends, and its CPU with the simulator's own, in a second of the mesh's time; heap. Idle: nothing changes.
Load: each node changes one value of its own state twice a second; everyone hears of everything, so that the bytes grow
with the members there, and the messages do not. Spread: until the last node heard of one urgent change.
f: begins as a mesh that is there, without the watch over silent connections, which is at most 32 questions and 32
answers of some ten bytes more a second.`;

/** Prints what meshes of growing size cost each node: `--cost`, in about three minutes. */
export function printCosts(sizes: readonly number[]): void {
  console.log(legend);
  console.log(columns.join('  '));
  for (const nodes of sizes) {
    const startedMs = performance.now();
    console.log(lineOf(measured(nodes), (performance.now() - startedMs) / 1000));
  }
}

/** A process for each size, so that none measures what another left; a large young generation, since all else is kept. */
function measured(nodes: number): Cost {
  const flags = ['--expose-gc', '--max-old-space-size=5000', '--max-semi-space-size=64'];
  const program = join(import.meta.dirname, 'cost-worker.ts');
  const { status, stdout } = spawnSync(process.execPath, [...flags, program, `${nodes}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`The measurement of ${nodes} nodes ended with ${status}.`);
  return JSON.parse(stdout) as Cost;
}

function lineOf(cost: Cost, tookSeconds: number): string {
  const { nodes, idle, load, spreadMs, heapBytesPerNode, rssBytes, measuredSeconds, isFormed } = cost;
  const cells = [
    `${nodes}${isFormed ? 'f' : ''}`,
    ...[idle, load].flatMap(({ messages, bytes, cpuMs }) => [messages.toFixed(1), bytes.toFixed(0), cpuMs.toFixed(1)]),
    spreadMs?.toFixed(0) ?? '-',
    (heapBytesPerNode / 1024).toFixed(0),
    (rssBytes / 1_048_576).toFixed(0),
    measuredSeconds.toFixed(0),
    tookSeconds.toFixed(0),
  ];
  return cells.map((cell, index) => cell.padStart(columns[index]?.length ?? 0)).join('  ');
}
