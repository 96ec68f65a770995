import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/**
 * Starts all hosts as members of a mesh that is already there: each is connected to each and knows all. The way there
 * costs messages in the square of the nodes, which for a thousand takes longer than what is measured.
 */
export function startFormed(world: World): void {
  const processes = world.hosts.map((host) => world.make(host));
  connectAll(processes);
  const claims = processes.flatMap(({ parts }) => (parts.membership.table() as { c: unknown[] }).c);
  for (const process of processes) {
    // While it knows of nobody: nobody else has records that it could lack.
    process.parts.records.isCurrent();
    const other = processes[process.serial === 0 ? 1 : 0]?.nodeId ?? process.nodeId;
    process.turn(() => process.parts.membership.learned(other, { c: claims }));
  }
  for (const process of processes) world.launch(process);
}

function connectAll(processes: readonly SimProcess[]): void {
  for (const [index, left] of processes.entries()) {
    for (const right of processes.slice(index + 1)) left.transport.join(right.transport);
  }
}
