import type { MemberFacts, MemberState } from './contract.ts';

/** What an order of claims looks at. */
export interface Claimed {
  readonly facts: Pick<MemberFacts, 'incarnation' | 'peer' | 'startedAtMs'>;
  readonly state: MemberState;
}

/** Within one incarnation a later word is a worse one; `left` is the last, since the member said so itself. */
const rank: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * Which of two claims about one name holds: positive for the first, negative for the second, 0 when they say the same.
 * A total order, so that members who hear the same claims in any order, any number of times, end with the same one.
 */
export function compareClaims(one: Claimed, other: Claimed): number {
  return (
    one.facts.incarnation - other.facts.incarnation ||
    compareHolders(one.facts, other.facts) ||
    rank[one.state] - rank[other.state]
  );
}

/**
 * Whom of two nodes a name belongs to: positive for the first. The one that started earlier, since it was there when the
 * other came; the smaller peer id decides a tie. 0 for one and the same.
 */
export function compareHolders(
  one: Pick<MemberFacts, 'peer' | 'startedAtMs'>,
  other: Pick<MemberFacts, 'peer' | 'startedAtMs'>,
): number {
  if (one.peer === other.peer) return 0;
  return other.startedAtMs - one.startedAtMs || (one.peer < other.peer ? 1 : -1);
}
