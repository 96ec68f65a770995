/** What other rooms record, and what they let this room read at scrape time. Imports nothing of the rooms above. */

/** What a request was: a client protocol, or one of the node's other ways in. Label `protocol`. */
export const trafficKinds = [
  'anthropic',
  'openai-chat',
  'openai-responses',
  'gemini',
  'embeddings',
  'count_tokens',
  'transparent',
  'websocket',
  'models',
  'management',
] as const;

export type TrafficKind = (typeof trafficKinds)[number];

/** Tokens of one answer, as the conversation's `Usage` has them: `inputTotal` includes the cached parts. */
export interface TokenUsage {
  readonly inputTotal?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly outputTotal?: number;
}

/** Recording side of the data plane. Every call is a few plain-number additions, well under 1 µs, and never throws. */
export interface TrafficMeter {
  /** Requests being answered now. Whoever takes a request adds one, and takes it off when the response has closed. */
  active: number;
  /**
   * One client request has been answered (or its client has gone: status 499). `durationMs` from the request's head
   * to the response's end; `ttftMs` to the first byte for the client, -1 when there was none; `overheadMs` the part of
   * the duration that was spent inside the proxy, -1 when it is not known (no upstream was asked).
   */
  request(kind: TrafficKind, status: number, durationMs: number, ttftMs: number, overheadMs: number): void;
  /**
   * One try at one account has ended. `outcome` is `ok`, `abandoned` (the client left) or the Fault's code; `model` the upstream's name of it;
   * `durationMs` from sending to the answer's end.
   */
  attempt(accountId: string, providerId: string, model: string, outcome: string, durationMs: number): void;
  /** Tokens that an answer's usage reported. Absent counts are not zero and are left alone. */
  tokens(providerId: string, model: string, usage: TokenUsage): void;
}

/** What this room reads of an account. `Account` of node/accounts has this shape. */
export interface AccountReading {
  readonly id: string;
  readonly provider: string;
  readonly enabled: boolean;
  readonly inFlight: number;
  readonly requestCount: number;
  readonly successCount: number;
  readonly errorCount: number;
  readonly latencyEwmaMs: number;
  readonly healthScore: number;
  readonly weight: number;
  /** Undefined while the account's provider cannot serve. */
  readonly upstream: unknown;
  readonly standings: { readonly whole: { readonly breaker: { readonly openedTimes: number } } };
  /** Times it was taken out of service by its upstream's word, by fault code. */
  readonly disables: ReadonlyMap<string, number>;
  breakerState(nowMs: number): 'closed' | 'open' | 'half-open';
  restsUntilMs(nowMs: number): number | undefined;
}

/** What this room reads of an account's OAuth token. `TokenReading` of node/tokens has this shape. */
export interface TokenNumbers {
  readonly accountId: string;
  readonly provider: string;
  readonly expiresAtMs: number | undefined;
  readonly needsLogin: unknown;
  readonly renewedCount: number;
  readonly failedCount: number;
  readonly lostCount: number;
}

/** Admission as it stands: what runs, what waits, what was turned away since the start. */
export interface QueueReading {
  readonly inFlight: number;
  /** `global_max_concurrency`. */
  readonly inFlightMax: number;
  readonly waiting: number;
  /** `queue_size`. */
  readonly waitingMax: number;
  /** Turned away because the queue was full. */
  readonly rejectedCount: number;
  /** Gave up waiting at their deadline. */
  readonly expiredCount: number;
  /** Age of the longest-waiting request, ms; 0 when none waits. */
  readonly oldestWaitMs: number;
}

/** The cache of answers as it stands, counts since the start. */
export interface CacheReading {
  readonly isEnabled: boolean;
  readonly entries: number;
  readonly sizeBytes: number;
  readonly sizeBytesMax: number;
  /** Requests answered without an upstream call of their own: from an entry, from an identical one, from a member. */
  readonly hits: number;
  /** Requests that could have been a hit and went to an upstream. */
  readonly misses: number;
  /** hits / (hits + misses), 0 to 1; 0 before the first. */
  readonly hitRate: number;
  /** Entries that made room for others. */
  readonly evictions: number;
  /** Entries that were dropped for their age. */
  readonly expired: number;
  /** Hits that waited for an identical request of the same node. */
  readonly coalesced: number;
  /** Hits that came from another member. */
  readonly peerHits: number;
  readonly ttlMs: number;
  /** Changes with every clear, equal on members that know of the same ones. */
  readonly epoch: string;
}

/** Limits and budgets of keys as they stand at this node. */
export interface LimitsReading {
  /** Requests that were not let in since the start, by reason. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Keys with limits that were used lately. */
  readonly keys: number;
  /** Keys of which the other members have not been told all that they spent here. */
  readonly unwrittenBudgets: number;
}

/** How the store of traces and usage does, counts since the start. */
export interface StoreNumbers {
  readonly state: 'well' | 'behind' | 'spilling' | 'losing';
  /** Traces that wait in memory. */
  readonly waiting: number;
  readonly spilledBytes: number;
  readonly writtenTraces: number;
  readonly lostTraces: number;
  readonly failedWrites: number;
  /** As it was within the last hour; undefined before it was looked at. */
  readonly size: { readonly bytes: number; readonly traces: number } | undefined;
}
