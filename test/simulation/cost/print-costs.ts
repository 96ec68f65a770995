import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Cost } from './cost-of.ts';

const columns = [
  'nodes',
  'messages/s idle',
  'bytes/s idle',
  'messages/s load',
  'bytes/s load',
  'spread ms',
  'heap KB',
  'took s',
];

/** Prints what meshes of growing size cost each node: `--cost`. */
export function printCosts(sizes: readonly number[]): void {
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

function lineOf({ nodes, idle, load, spreadMs, heapBytesPerNode }: Cost, tookSeconds: number): string {
  const cells = [
    `${nodes}`,
    idle.messages.toFixed(1),
    idle.bytes.toFixed(0),
    load.messages.toFixed(1),
    load.bytes.toFixed(0),
    spreadMs?.toFixed(0) ?? '-',
    (heapBytesPerNode / 1024).toFixed(0),
    tookSeconds.toFixed(0),
  ];
  return cells.map((cell, index) => cell.padStart(columns[index]?.length ?? 0)).join('  ');
}
