import type { Clock } from '../../kit/clock.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { QuotaRule } from './contract.ts';
import type { Blame } from './past.ts';

/** A bucket as its node sees it. */
export interface Guest {
  readonly name: string;
  /** It has a place in the tick. */
  isActive: boolean;
  /** It is written down that all of the share may be taken. */
  marked(): void;
}

/** What buckets know of the node that they belong to. */
export interface Desk {
  readonly clock: Clock;
  readonly post: Post;
  /** Rises whenever shares may have changed. */
  readonly sharesVersion: number;
  /** From then on shares are nothing unless they are looked at again. */
  readonly sharesEndMs: number;
  /** This node leaves: nothing is taken any more. */
  readonly isCeased: boolean;
  /** The node has begun a moment ago, and its shares may come any moment. */
  readonly isBeginning: boolean;
  /** Nothing has to be written down before it is taken: nobody could. */
  readonly isUnwritable: boolean;
  readonly askTimeoutMs: number;
  /** Those who have shares, this node perhaps among them. */
  readonly voters: readonly NodeId[];
  shareOf(bucket: string, rule: QuotaRule): number;
  /** What earlier processes may have taken of it. */
  blameOf(bucket: string, rule: QuotaRule): Blame;
  /** Until when what an earlier process may have taken counts. */
  blameUntilMs(rule: QuotaRule): number;
  /** Whether a member can be asked for units. */
  canAsk(node: NodeId): boolean;
  /** Something changed that the tick is to look at. */
  touched(bucket: Guest): void;
  /** More than the unwritten part may be taken once that is written down; `bucket.marked` then. */
  mark(bucket: Guest): void;
  nextLoanId(): number;
  /** A place among the questions under way; false when there are too many. */
  beginAsk(): boolean;
  endAsk(): void;
  /** A place among all that wait. */
  beginWait(): boolean;
  endWait(): void;
}
