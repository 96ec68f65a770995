import type { VoterConfig } from '../leader/contract.ts';
import type { NodeId } from '../membership/contract.ts';

/** Voters that this node counts by. */
export interface Era {
  readonly voters: readonly NodeId[];
  /** Names the newest configuration with these voters. */
  readonly stamp: string;
  /** When this node began to count by it, monotonic. */
  readonly sinceMs: number;
}

/** Voters that went on to others; their portions bind a while longer, since what those took who are gone still counts. */
export interface FormerEra {
  readonly voters: readonly NodeId[];
  /** When the last of them was taken out. */
  readonly sinceMs: number;
}

/** Those who happen to be alive are not agreed by anybody: the same ones are the same configuration. */
export function stampOf({ clusterId, term, version, voters }: VoterConfig): string {
  return clusterId === 'available' ? `available/${voters.join('/')}` : `${clusterId}/${term}/${version}`;
}

export function areSameVoters(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  return one.length === other.length && one.every((voter, index) => voter === other[index]);
}

export function isWithoutSome(voters: readonly NodeId[], of: readonly NodeId[]): boolean {
  return of.some((voter) => !voters.includes(voter));
}
