import { costOf, type Cost } from './cost-of.ts';

/** Prints what meshes of growing size cost: `--cost`. */
export function printCosts(sizes: readonly number[]): void {
  console.log('nodes  load   messages/s/node  bytes/s/node  spread ms  heap KB/node');
  for (const nodes of sizes) {
    for (const load of ['idle', 'load'] as const) console.log(lineOf(costOf(nodes, load)));
  }
}

function lineOf({ nodes, load, framesPerNodeSecond, bytesPerNodeSecond, spreadMs, heapBytesPerNode }: Cost): string {
  const cells = [
    framesPerNodeSecond.toFixed(1),
    Math.round(bytesPerNodeSecond),
    spreadMs?.toFixed(0) ?? '-',
    Math.round(heapBytesPerNode / 1024),
  ];
  const [messages, bytes, spread, heap] = cells.map(String);
  return `${String(nodes).padStart(5)}  ${load}   ${messages?.padStart(15)}  ${bytes?.padStart(12)}  ${spread?.padStart(9)}  ${heap?.padStart(12)}`;
}
