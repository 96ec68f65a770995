/** Traces, tokens and cost, as other rooms see them. */
import type { Usage } from '../conversation/contract.ts';
import type { Trace, UsageQuery, UsageRow, TraceQuery } from '../store/contract.ts';

export interface Cost {
  /** Nano-units of the currency: a token of $0.15 a million costs 150. Whole. */
  readonly nano: number;
  readonly currency: string;
}

/** The price table: what people wrote in the configuration, and over it what was changed at run time. */
export interface PriceBook {
  /**
   * Undefined where the table has no price for the model, by either name, and where no count is known. Prices may be
   * written for a provider's model (`provider/model`): they come first where `provider` is told. Synchronous.
   */
  costOf(modelServed: string, modelRequested: string, usage: Usage, provider?: string): Cost | undefined;
}

/** Prompt and answer of one request, for a key that wants them kept. */
export interface PromptRecord {
  readonly requestId: string;
  readonly key: string;
  readonly keepMs: number;
  /** As the client sent it, and as it was answered; cut at a bound. */
  readonly prompt: Uint8Array;
  readonly answer: Uint8Array;
}

/** What `forward` tells of every request of a known caller. Never throws, never waits; bounded. */
export interface UsageRecorder {
  record(trace: Trace): void;
  keepPrompt(record: PromptRecord): void;
}

/** How writing goes, for metrics and `/health`. */
export interface RecorderReading {
  /** `spilling`: what cannot be written waits in files; `losing`: not even that. */
  readonly state: 'well' | 'behind' | 'spilling' | 'losing';
  readonly waiting: number;
  readonly spilledBytes: number;
  readonly writtenTraces: number;
  readonly lostTraces: number;
  readonly failedWrites: number;
}

/** A price as people write it: per `per` tokens, in `currency`. */
export interface Price {
  readonly model: string;
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly currency: string;
  readonly per: number;
  /** Rises with every change; 0 for one of the configuration. */
  readonly version: number;
  readonly origin: 'configuration' | 'changed';
  readonly changedAtMs: number | undefined;
  /** Who changed it, as the caller named himself. */
  readonly changedBy?: string | undefined;
}

export type NewPrice = Omit<Price, 'model' | 'version' | 'origin' | 'changedAtMs' | 'changedBy'>;

/** Throws `price_not_found`, `price_refused`, `prices_full`. `by` is kept with the version. Changes resolve as those of users do. */
export interface PriceDesk {
  list(): readonly Price[];
  /** All versions of one, the newest first. */
  history(model: string): readonly Price[];
  put(model: string, price: NewPrice, by?: string): Promise<Price>;
  /** Back to the configuration's, or to none. */
  remove(model: string, by?: string): Promise<void>;
}

/** Questions to the whole cluster, answered by any node. */
export interface UsageDesk {
  /** `missing`: members that did not answer; what they have is not in it. */
  usage(query: UsageQuery): Promise<{ rows: readonly UsageRow[]; missing: readonly string[] }>;
  traces(query: TraceQuery): Promise<{ traces: readonly Trace[]; missing: readonly string[] }>;
  trace(requestId: string): Promise<Trace | undefined>;
  /** Undefined where none was kept. */
  prompt(requestId: string): Promise<{ prompt: string; answer: string } | undefined>;
  reading(): RecorderReading;
}
