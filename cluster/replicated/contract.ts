/** What all must keep: records that every member has, the newer write winning. */
import type { NodeId } from '../membership/contract.ts';

/**
 * Order of the writes of one record. In clocked tables (wall ms, count): a hybrid logical clock. In fenced tables
 * (term, sequence): given by a leader, so that no clock decides. Ties go to the greater writer id.
 */
export interface Stamp {
  readonly major: number;
  readonly minor: number;
}

export interface ReplicatedRecord {
  readonly table: string;
  readonly id: string;
  readonly stamp: Stamp;
  readonly writer: NodeId;
  /** Undefined for a deleted one, which is kept so that an older write does not revive it. */
  readonly payload: unknown;
  readonly isDeleted: boolean;
}

/** Own: written here. Remote: came from a member. Kept: read from disk at the start. */
export type RecordOrigin = 'own' | 'remote' | 'kept';

export interface Confirmation {
  /** Members that have the record (or a newer one), this node included. */
  readonly acknowledged: readonly NodeId[];
  /** Live members that did not answer in time. */
  readonly missing: readonly NodeId[];
  /** Whether this node's own disk has the record: it outlives a crash of the process. */
  readonly isDurable: boolean;
}

export interface Records {
  /** Writes with a fresh clock. Sent to all at once; kept on disk. */
  put(table: string, id: string, payload: unknown): ReplicatedRecord;
  /**
   * Writes with a given stamp, for fenced tables; undefined when a newer one is here already. Insisting, it takes the
   * place of that one (deleted or not) with the stamp that follows: for who can tell by the payload that it has no right
   * to stand there. Undefined then only where no stamp follows.
   */
  putStamped(
    table: string,
    id: string,
    payload: unknown,
    stamp: Stamp,
    isInsisting?: boolean,
  ): ReplicatedRecord | undefined;
  remove(table: string, id: string): ReplicatedRecord;
  /** Undefined for an unknown or deleted one. */
  get(table: string, id: string): ReplicatedRecord | undefined;
  /** Without deleted ones. */
  list(table: string): IterableIterator<ReplicatedRecord>;
  /** Called for every change of the table after it took effect, deletions too; for kept ones during `start`. */
  watch(table: string, listener: (record: ReplicatedRecord, origin: RecordOrigin) => void): void;
  /**
   * Calls `done` once all live members have acknowledged the record and this node's own disk has it, or after
   * `timeoutMs` with what is missing. A member that dies or leaves meanwhile is no longer waited for.
   */
  confirm(record: ReplicatedRecord, timeoutMs: number, done: (outcome: Confirmation) => void): void;
  /**
   * False while this node may lack records that the others have: before it compared with a member after its start,
   * from when a member comes into reach until it compared with that one, and after it stood still. A node with no one to
   * compare with is current.
   */
  isCurrent(): boolean;
  /** Called whenever it becomes current again; at once when it is. */
  whenCurrent(listener: () => void): void;
  /** A hash over all tables; equal at all members when they have converged. */
  digest(): string;
}

/**
 * Where records outlive the process. What was kept is read before the records are built, and handed to them. The calls
 * are ordered; `done` says that the write is durable, or why it is not.
 */
export interface RecordStore {
  save(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void;
  /** Records whose tombstones have expired. */
  forget(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void;
}
