import type { IncomingMessage } from 'node:http';
import type { PlanUsage } from './plan.ts';
import type { Script } from './script.ts';
import type { StreamTraits, WireAnswer, WireEvent } from './wire-event.ts';

/** One call to one API, read and ready to be answered. */
export interface ApiCall {
  request: IncomingMessage;
  /** Path without query and without the API's prefix. */
  path: string;
  query: URLSearchParams;
  body: Buffer;
  /** Credential without its scheme. */
  key: string | undefined;
  keyVerdict: 'good' | 'bad' | 'missing';
  /** The script for this request to this model; counts as used. */
  scriptFor(model: string): Script;
  /**
   * The script for a call beside the model's answers (usage, profiles): a rule that names this path, or a lasting one
   * that makes the account itself unfit.
   */
  sideScriptFor(path: string): Script;
  listedModels: readonly string[];
}

/** What is to be sent. */
export type Reply =
  | { type: 'answer'; answer: WireAnswer; usage?: PlanUsage; script: Script }
  | {
      type: 'stream';
      headers: Record<string, string>;
      events: Iterable<WireEvent>;
      traits: StreamTraits;
      usage: PlanUsage | undefined;
      script: Script;
    };

/** A vendor's API. `reply` throws a Refusal for what the vendor refuses. */
export interface Api {
  reply(call: ApiCall): Reply;
  notFound(call: ApiCall): WireAnswer;
  /** For a script that cannot be read, and for bugs in this upstream itself. */
  failure(message: string): WireAnswer;
}

export const noUsage: PlanUsage = { uncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
