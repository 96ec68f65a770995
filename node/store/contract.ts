/** Where traces and usage are kept: SQLite in the data folder, or a PostgreSQL that several nodes share. */

/** One request, as it is told. Times are wall ms, durations ms; undefined where it is not known or does not apply. */
export interface Trace {
  readonly requestId: string;
  /** `x-request-id` of the client, as it came. */
  readonly clientRequestId: string | undefined;
  /** Ids; undefined for the node's own key and for keys of nobody. */
  readonly user: string | undefined;
  readonly key: string;
  readonly node: string;
  /** The last that was asked. */
  readonly account: string | undefined;
  readonly provider: string | undefined;
  readonly modelRequested: string;
  readonly modelServed: string | undefined;
  readonly protocolIn: string;
  readonly protocolOut: string | undefined;
  /** What the client was answered; 499 when it left. */
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly attempts: number;
  readonly cache: 'hit' | 'miss' | 'peer' | 'redis' | 'bypass';
  readonly queueWaitMs: number;
  readonly ttftMs: number | undefined;
  readonly durationMs: number;
  /** Prompt tokens that came from no cache and went into none; the four kinds never overlap. */
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  readonly cacheCreationTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly usageEstimated: boolean;
  /** Nano-units of the currency; undefined where no price is known. */
  readonly costNano: number | undefined;
  readonly currency: string | undefined;
  readonly startedAtMs: number;
}

/** What is added up: one hour of one key, user, account, model and currency at one node. */
export interface UsageCell {
  /** Wall ms of the beginning of the hour, UTC. */
  readonly hourMs: number;
  readonly key: string;
  /** '' for none, as for the others. */
  readonly user: string;
  readonly account: string;
  /** As it was served, or asked for where the cache answered; '' for most failures with a name that was never served. */
  readonly model: string;
  readonly currency: string;
}

export interface UsageCounts {
  requests: number;
  /** Among them those that were answered with a status of 400 or above, and those that broke. */
  errors: number;
  promptTokens: number;
  completionTokens: number;
  cacheCreationTokens: number;
  cacheReadTokens: number;
  costNano: number;
  /** Requests with tokens that were estimated. */
  estimated: number;
}

/** The traces of one key among those written together: a row of the store, so that a thousand cost as much as one. */
export interface TraceGroup {
  readonly key: string;
  /** Earliest and latest start among them. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** JSON: a list of lists, each a trace without key and node in the order of `traceColumns` (`trace-row.ts`). */
  readonly rows: string;
}

/** A prompt and its answer, kept because the key asks for it. Sealed by who writes it. */
export interface KeptPrompt {
  readonly requestId: string;
  readonly key: string;
  readonly expiresAtMs: number;
  readonly content: Uint8Array;
}

/** What is written together: all of it or nothing, and only once however often it is tried. */
export interface StoreBatch {
  /** Unique over all nodes and starts; a batch that was written before is passed over. */
  readonly id: string;
  readonly node: string;
  readonly groups: readonly TraceGroup[];
  readonly usage: readonly (UsageCell & UsageCounts)[];
  readonly prompts: readonly KeptPrompt[];
}

export type UsageGrouping = 'hour' | 'day' | 'key' | 'user' | 'account' | 'model';

export interface UsageQuery {
  readonly groupBy: UsageGrouping;
  /** Whole hours, `fromMs` included and `toMs` not. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly account?: string | undefined;
  readonly model?: string | undefined;
}

export interface UsageRow extends UsageCounts {
  /** The key's, user's or account's id, the model's name, or the hour or day: `2026-01-31T09:00:00Z`, `2026-01-31`. */
  readonly group: string;
  readonly currency: string;
}

export interface TraceQuery {
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly account?: string | undefined;
  /** As it was asked for or as it was served. */
  readonly model?: string | undefined;
  /** A status, or a class of them: 4 stands for 400 to 499. */
  readonly status?: number | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** Only what comes after this one in the order: started later first, and of equal ones the greater request id. */
  readonly after?: { readonly startedAtMs: number; readonly requestId: string } | undefined;
}

export interface PruneLimits {
  readonly tracesBeforeMs: number;
  readonly usageBeforeMs: number;
  readonly promptsBeforeMs: number;
}

/** Sums of one key at one node, for budgets: what it used since the beginning of the day and of the month. */
export interface KeySum {
  readonly key: string;
  readonly tokens: number;
  readonly costNano: number;
}

/**
 * All methods reject with what the database says, `store_unavailable` where it cannot be reached; `write` may be tried
 * again then. Nothing of it runs on the thread that serves requests.
 */
export interface UsageStore {
  /** Several nodes write into it: what it answers is the whole cluster's. */
  readonly isShared: boolean;
  write(batch: StoreBatch): Promise<void>;
  /** Sorted by group. */
  usage(query: UsageQuery): Promise<UsageRow[]>;
  /** Started latest first. */
  traces(query: TraceQuery): Promise<Trace[]>;
  /** By an id that `RequestIds` made: it says where to look. */
  trace(requestId: string): Promise<Trace | undefined>;
  prompt(requestId: string): Promise<KeptPrompt | undefined>;
  /** What `node` wrote since then, by key. */
  sums(node: string, fromMs: number): Promise<KeySum[]>;
  /** Deletes what is older; in small steps, so that writes go on. */
  prune(limits: PruneLimits): Promise<{ traces: number; usage: number; prompts: number }>;
  /** Bytes on disk, rows. */
  size(): Promise<{ bytes: number; traces: number }>;
  /**
   * Copies everything as it is at one moment into a new file, while writing goes on; absent where a database server has
   * it. Rejects with a Fault: `backup_exists`, `store_unavailable`.
   */
  backupTo?(path: string): Promise<void>;
  close(): Promise<void>;
}
