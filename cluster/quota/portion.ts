import { Hash64 } from '../hash64.ts';
import type { NodeId } from '../membership/contract.ts';

/**
 * What a node has of a limit among these voters: an equal part, and what does not divide goes to those who draw highest
 * for the bucket. The portions of all are the limit. Others than voters have nothing.
 */
export function portionOf(bucket: string, limit: number, voters: readonly NodeId[], node: NodeId): number {
  if (!voters.includes(node)) return 0;
  const equal = Math.floor(limit / voters.length);
  const rest = limit - equal * voters.length;
  if (rest === 0) return equal;
  const own = drawOf(bucket, node);
  let above = 0;
  for (const voter of voters) {
    const draw = drawOf(bucket, voter);
    if (draw > own || (draw === own && voter < node)) above++;
  }
  return above < rest ? equal + 1 : equal;
}

function drawOf(bucket: string, voter: NodeId): number {
  return new Hash64().text(bucket).text(voter).high;
}
