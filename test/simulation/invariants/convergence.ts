import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/** What keeps the cluster from being one; undefined when it is. */
export function describeDifferences(world: World): string | undefined {
  const processes = world.running().filter(({ host }) => !host.isGone);
  const first = processes[0];
  if (first === undefined) return 'nobody runs';
  const ids = processes.map(({ nodeId }) => nodeId).toSorted();
  for (const process of processes) {
    const difference = differenceOf(process, first, ids);
    if (difference !== undefined) return `${process.nodeId}: ${difference}`;
  }
  if (!hasMajority(processes)) return undefined;
  const following = processes.map((process) => followingOf(process, first)).find((each) => each !== undefined);
  if (following !== undefined) return following;
  const leaders = processes.filter(({ parts }) => parts.election.isSelf && parts.election.leaseLeftMs() > 0);
  return leaders.length === 1 ? undefined : `${leaders.length} leaders`;
}

function differenceOf({ nodeId, parts }: SimProcess, first: SimProcess, ids: readonly string[]): string | undefined {
  const alive = parts.membership.live.filter(({ state }) => state === 'alive').map((each) => each.nodeId);
  if (alive.join() !== ids.join()) return `has ${alive.join()} alive, not ${ids.join()}`;
  const unreachable = ids.filter((id) => id !== nodeId && !parts.post.isReachable(id));
  if (unreachable.length > 0) return `does not reach ${unreachable.join()}`;
  if (parts.records.digest() !== first.parts.records.digest()) return `has other records than ${first.nodeId}`;
  if (parts.gossip.digest() !== first.parts.gossip.digest()) {
    return `has another state than ${first.nodeId}: ${parts.gossip.digest()} and ${first.parts.gossip.digest()}`;
  }
  if (!parts.records.isCurrent()) return 'does not think its records current';
  return undefined;
}

function followingOf({ nodeId, parts }: SimProcess, first: SimProcess): string | undefined {
  const { leader, term, config } = parts.election;
  if (leader === undefined)
    return `${nodeId}: knows no leader in term ${term} (voters ${config?.voters.join() ?? 'unknown'})`;
  const other = first.parts.election.leader;
  return leader === other ? undefined : `${nodeId}: follows ${leader}, ${first.nodeId} follows ${other ?? 'nobody'}`;
}

/** Whether the voters of the newest configuration that are still there are most of them. */
function hasMajority(processes: readonly SimProcess[]): boolean {
  const configs = processes.flatMap(({ parts }) => parts.election.config ?? []);
  const newest = configs.toSorted((left, right) => right.term - left.term || right.version - left.version)[0];
  if (newest === undefined) return true;
  const present = newest.voters.filter((voter) => processes.some(({ nodeId }) => nodeId === voter));
  return 2 * present.length > newest.voters.length;
}
