import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import type { Usage } from '../../conversation/contract.ts';
import { openTextTokenEstimate } from '../../conversation/estimate-text-tokens.ts';
import { tokenCount } from '../../conversation/token-count.ts';
import type { ReadingContext } from './contract.ts';

/**
 * What one answer has cost, from the best that its stream gives: `metadataEvent.tokenUsage`; else the share of the
 * context window that is in use, prompt and answer together; else estimates. Credits of `meteringEvent` are no tokens.
 */
export class UsageReader {
  readonly #reading: ReadingContext;
  readonly #output = openTextTokenEstimate();
  #counted: Usage | undefined;
  /** 0 to 100. */
  #windowPercentage: number | undefined;

  constructor(reading: ReadingContext) {
    this.#reading = reading;
  }

  /** The context window is full. */
  get isWindowFull(): boolean {
    return this.#windowPercentage !== undefined && this.#windowPercentage >= 100;
  }

  /** For the beginning of the answer, when nothing but the request is known. */
  get early(): Usage {
    return { inputTotal: this.#reading.estimatedInputTokens, estimated: true };
  }

  /** Text, thinking or tool input that the model wrote. */
  wrote(text: string): void {
    this.#output.push(text);
  }

  /** `metadataEvent` or `contextUsageEvent`. */
  take(event: JsonObject): void {
    const tokens = event['tokenUsage'];
    this.#windowPercentage = percentageOf(event) ?? this.#windowPercentage;
    if (!isJsonObject(tokens)) return;
    this.#windowPercentage = percentageOf(tokens) ?? this.#windowPercentage;
    this.#counted = countedUsage(tokens) ?? this.#counted;
  }

  /** `estimated` is set either way: the early estimate must not stick to exact counts. */
  total(): Usage {
    if (this.#counted !== undefined) return { ...this.#counted, estimated: false };
    const outputTotal = this.#output.tokens;
    return { inputTotal: this.#inputBeside(outputTotal), outputTotal, estimated: true };
  }

  /** A share too coarse to leave anything for the prompt says nothing about it. */
  #inputBeside(outputTotal: number): number {
    const total = Math.round(((this.#windowPercentage ?? 0) / 100) * this.#reading.contextTokens);
    return total > outputTotal ? total - outputTotal : this.#reading.estimatedInputTokens;
  }
}

/** The cache counts are beside `uncachedInputTokens`. Undefined when either side is missing. */
function countedUsage(tokens: JsonObject): Usage | undefined {
  const output = tokenCount(tokens['outputTokens']);
  const uncached = tokenCount(tokens['uncachedInputTokens']);
  if (output === undefined || uncached === undefined) return undefined;
  const cacheRead = tokenCount(tokens['cacheReadInputTokens']);
  const cacheWrite = tokenCount(tokens['cacheWriteInputTokens']);
  const usage: Usage = { inputTotal: uncached + (cacheRead ?? 0) + (cacheWrite ?? 0), outputTotal: output };
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite;
  return usage;
}

function percentageOf({ contextUsagePercentage: share }: JsonObject): number | undefined {
  return typeof share === 'number' && share >= 0 ? Math.min(100, share) : undefined;
}
