import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/**
 * Starts all hosts as members of a mesh that is already there: each is connected to each and knows all. The way there
 * costs a number of messages in the square of the nodes, which for a thousand takes longer than what is measured.
 */
export function startFormed(world: World): void {
  for (const host of world.hosts) world.start(host);
  const processes = world.running();
  connectAll(processes);
  const claims = processes.flatMap(({ parts }) => (parts.membership.table() as { c: unknown[] }).c);
  for (const process of processes) {
    const other = processes[process.serial === 0 ? 1 : 0]?.nodeId ?? process.nodeId;
    process.turn(() => process.parts.membership.learned(other, { c: claims }));
  }
}

function connectAll(processes: readonly SimProcess[]): void {
  for (const [index, left] of processes.entries()) {
    for (const right of processes.slice(index + 1)) left.transport.join(right.transport);
  }
  for (const process of processes) {
    process.turn(() => {
      for (const { host } of processes) if (host !== process.host) process.parts.post.bind(host.peer, host.nodeId);
    });
  }
}
