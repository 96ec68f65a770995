/**
 * Acts that must happen at most once in the whole cluster, although whoever is asked to do them does not know our terms:
 * spending a refresh token. A lease alone is not enough, since an act takes longer than the lease and a process can
 * stand still in the middle of it; so a majority of the voters first notes who is about to act on which generation.
 */
import type { NodeId } from '../membership/contract.ts';

/** Orders outcomes: (term of the leader, its count within the term). */
export interface Fence {
  readonly term: number;
  readonly sequence: number;
}

export interface IntentRequest {
  /** What the act is about: `token/q1`. */
  readonly key: string;
  /** What the act would use up, hashed: the refresh token. A voter that knows it to be spent refuses. */
  readonly generation: string;
  /** Time that the act may take from now, milliseconds; until it has passed nobody else gets the key. */
  readonly budgetMs: number;
}

/** `busy` another's intent is fresh; `doubt` another's ended without outcome a short while ago; `spent` the generation is used up. */
export type IntentRefusal = 'not_leader' | 'no_majority' | 'busy' | 'doubt' | 'spent' | 'not_durable';

export interface Grant {
  readonly key: string;
  readonly generation: string;
  readonly fence: Fence;
  /** Whether the act may still be begun now, and end within its budget: asked in the same tick as the act is begun. */
  mayBegin(): boolean;
  /** The generation is used up; `done` once a majority knows, retried for as long as it takes. */
  spent(done?: () => void): void;
  /** The act did not happen, for certain: others may try at once. */
  released(): void;
}

/** An intent whose outcome nobody knows: its holder died or is cut off. */
export interface DoubtfulIntent {
  readonly key: string;
  readonly generation: string;
  readonly holder: NodeId;
  readonly fence: Fence;
}

export interface Intents {
  /** Asks the voters. Only the leader may; `done` is called once. */
  begin(request: IntentRequest, done: (result: Grant | IntentRefusal) => void): void;
  /** The intent without outcome that this voter knows for a key. */
  doubtful(key: string): DoubtfulIntent | undefined;
}

/** A voter's memory of intents; durable before it acknowledges. */
export interface StoredIntent {
  readonly key: string;
  readonly generation: string;
  readonly holder: NodeId;
  readonly fence: Fence;
  readonly state: 'intended' | 'spent' | 'released';
  /** Wall ms at which the voter noted it: after a restart the monotonic clock has begun anew. */
  readonly notedAtMs: number;
  readonly budgetMs: number;
}

/** What was kept is read before the intents are built, and handed to them. */
export interface IntentStore {
  /** Replaces what is kept for the keys of these intents: about a dozen a key at most, the newest spent ones and those without outcome. */
  save(intents: readonly StoredIntent[], done: (error?: unknown) => void): void;
}
