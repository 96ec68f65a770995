import { costOf, type Cost } from './cost-of.ts';

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
    const cost = costOf(nodes);
    console.log(lineOf(cost, (performance.now() - startedMs) / 1000));
  }
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
