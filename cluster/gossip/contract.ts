/** What each node says of itself: a map of its own that only it writes, known to all (Scuttlebutt). */
import type { NodeId } from '../membership/contract.ts';

/** Anything MessagePack carries; small. Values are compared by their encoding where it matters, not by identity. */
export type StateValue = unknown;

export interface StateEntry {
  readonly node: NodeId;
  readonly isSelf: boolean;
  readonly key: string;
  /** Undefined once deleted, or when its owner died or left: its counts go with it. */
  readonly value: StateValue | undefined;
  /** Rises with every change of its owner within one incarnation. */
  readonly version: number;
}

export interface SharedState {
  /** Changes a key of this node. Pushed with the others of the next few milliseconds, or at once when urgent. */
  set(key: string, value: StateValue, isUrgent?: boolean): void;
  delete(key: string, isUrgent?: boolean): void;
  /** The value that a live node (this one too) says; undefined for none. */
  get(node: NodeId, key: string): StateValue | undefined;
  /** Entries of live nodes whose key begins with `prefix`, this node's own included. */
  each(prefix: string, visit: (entry: StateEntry) => void): void;
  /** Called for every change of a key with the prefix, of this node's own too, once for each. */
  watch(prefix: string, listener: (entry: StateEntry) => void): void;
  /** {node: [incarnation, maxVersion]} of live nodes as text; equal at all members when they have converged. */
  digest(): string;
}
