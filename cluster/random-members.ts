import type { Random } from '../kit/random.ts';
import type { NodeId } from './membership/contract.ts';

/** Up to `count` different members, drawn evenly; those in `except` are left out. */
export function randomMembers(
  members: readonly NodeId[],
  count: number,
  random: Random,
  except: readonly (NodeId | undefined)[] = [],
): NodeId[] {
  const left = members.filter((member) => !except.includes(member));
  const drawn: NodeId[] = [];
  while (drawn.length < count && left.length > 0) {
    const index = random.below(left.length);
    const last = left.pop();
    const member = index === left.length ? last : left[index];
    if (last !== undefined && index < left.length) left[index] = last;
    if (member !== undefined) drawn.push(member);
  }
  return drawn;
}
