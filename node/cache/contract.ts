/** What other rooms know of the cache of answers. */
import type { Mesh } from '../../cluster/contract.ts';
import type { NodeId } from '../../cluster/membership/contract.ts';
import type { CacheReading } from '../metrics/contract.ts';

/** What the cache uses of the mesh. */
export type CacheMesh = Pick<Mesh, 'self' | 'members' | 'post' | 'records' | 'ring'>;

/** A request as the cache looks at it. The caller has seen to it that it is not streamed. */
export interface CacheQuestion {
  readonly protocol: 'anthropic' | 'openai-chat' | 'openai-responses' | 'gemini';
  readonly operation: 'generate' | 'embeddings';
  /** Whose answers these are; those of two tenants never mix. */
  readonly tenant: string;
  /** As the client wrote it, and what it stands for now: an alias that is turned elsewhere finds no old answers. */
  readonly modelAsked: string;
  readonly modelServed: string;
  /** Headers that change the answer: name, value, name, value … */
  readonly headers: readonly string[];
  /** Well-formed JSON with an object at its root. */
  readonly body: Buffer;
}

/** What an entry is found and cleared by. */
export interface CacheLabel {
  /** Hash of everything that the answer depends on. */
  readonly key: string;
  /** As the client asked for it. */
  readonly model: string;
  readonly tags: readonly string[];
}

/** A complete 200 answer with a JSON body. */
export interface Answer {
  readonly body: Buffer;
  /** Value of `x-aiproxy-dropped`; '' for none. */
  readonly dropped: string;
}

export interface KeptAnswer extends Answer {
  /** How long ago the upstream gave it, milliseconds. */
  ageMs(): number;
}

/** Where an answer came from: this node (or a call of it that was under way), or another member. */
export type AnswerSource = 'hit' | 'peer';

/** One of possibly several identical requests under way. */
export interface Participant {
  /** It is another member's: its hits and misses are counted there. */
  readonly isRemote?: true;
  /** It takes no older answer, milliseconds; absent: of any age. */
  readonly ageMsMax?: number;
  /** It is its turn to ask the upstream. */
  lead(): void;
  /** Another's answer is there. */
  serve(answer: KeptAnswer, source: AnswerSource): void;
  /** It leads, and nobody waits for its answer any more. */
  deserted(): void;
}

/** A participant's place. After any of the four calls it is given up, and further calls do nothing. */
export interface Participation {
  /** It is to ask the upstream; otherwise it waits for `lead` or `serve`. */
  readonly isLeading: boolean;
  /** Others wait for its answer. */
  readonly hasFollowers: boolean;
  /** The answer is complete: keeps it and serves those who wait. */
  keep(answer: Answer): void;
  /** The answer may not be shared: those who wait ask for themselves. */
  forbid(): void;
  /** No answer came that could be shared: some of those who wait try next, twice as many after each failure. */
  fail(): void;
  /** Its client went away; this says nothing about the upstream. */
  leave(): void;
}

/** What `forward` asks of the cache. All of it is synchronous; nothing of it throws. */
export interface AnswerCache {
  /** False: no request is looked up, none is kept. */
  readonly isEnabled: boolean;
  /** The key of a request, or undefined for one whose answer is not to be kept. */
  keyOf(question: CacheQuestion): string | undefined;
  /** An answer that may be served now and is at most so old. Counted as a hit. */
  find(key: string, ageMsMax: number): KeptAnswer | undefined;
  /** Takes part in asking once for all. Those who wait are made to lead after `waitMsMax` at the latest. */
  join(label: CacheLabel, participant: Participant, waitMsMax: number): Participation;
  /** Leads without waiting for others or being waited for: the client wants a fresh answer, which is kept. */
  refresh(label: CacheLabel, participant: Participant): Participation;
}

/** Which entries are cleared. */
export type ClearScope = { readonly kind: 'all' } | { readonly kind: 'model' | 'tag' | 'key'; readonly value: string };

/** Who has heard of a change. */
export interface Spread {
  readonly acknowledged: readonly NodeId[];
  /** Members that did not answer in time; they catch up before they serve from their caches again. */
  readonly missing: readonly NodeId[];
}

export interface ClearOutcome extends Spread {
  /** Entries dropped at this node. */
  readonly cleared: number;
}

/** What the management calls do with the cache. */
export interface CacheControls {
  reading(): CacheReading;
  /** Drops entries everywhere; resolves once every reachable member has acknowledged it. */
  clear(scope: ClearScope): Promise<ClearOutcome>;
  /** Serves and keeps, or neither, on all members. Entries stay until their time is over. */
  setEnabled(isEnabled: boolean): Promise<Spread>;
}
