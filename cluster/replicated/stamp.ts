import type { ReplicatedRecord, Stamp } from './contract.ts';

/** Negative: `left` is older. */
export function compareStamps(left: Stamp, right: Stamp): number {
  return left.major - right.major || left.minor - right.minor;
}

/** A record with a hash of all that it says, which decides between two of one stamp and writer. */
export interface HashedRecord {
  readonly record: ReplicatedRecord;
  readonly high: number;
  readonly low: number;
  /** Of its encoding, at most. */
  readonly bytes: number;
}

/** What orders the writes of one record, at every member alike. */
export interface Rank {
  readonly stamp: Stamp;
  readonly writer: string;
  readonly high: number;
  readonly low: number;
}

/**
 * Negative: `left` is older. Stamps decide, then the writer's id. One writer never uses a stamp twice unless it lost its
 * last writes or its disk and its clock went back at once; then the hash decides, so that all members still agree.
 */
export function compareRanks(left: Rank, right: Rank): number {
  const order = compareStamps(left.stamp, right.stamp);
  if (order !== 0) return order;
  if (left.writer !== right.writer) return left.writer < right.writer ? -1 : 1;
  return left.high - right.high || left.low - right.low;
}

export function rankOf({ record, high, low }: HashedRecord): Rank {
  return { stamp: record.stamp, writer: record.writer, high, low };
}
