import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Usage } from '../../conversation/contract.ts';
import { tokenCount } from '../../conversation/token-count.ts';

/** `ResponseUsage`; null when nothing at all is known. Input that the upstream did not count is the estimate. */
export function encodeUsage(usage: Usage, estimatedInputTokens: number | undefined): JsonObject | null {
  if (usage.inputTotal === undefined && usage.outputTotal === undefined) return null;
  const input = usage.inputTotal ?? estimatedInputTokens ?? 0;
  const output = usage.outputTotal ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

/** Reads a `ResponseUsage`; counts that are not there stay absent. */
export function decodeUsage(value: Json | undefined): Usage {
  if (!isJsonObject(value)) return {};
  const usage: Usage = {};
  const input = isJsonObject(value.input_tokens_details) ? value.input_tokens_details : {};
  const output = isJsonObject(value.output_tokens_details) ? value.output_tokens_details : {};
  set(usage, 'inputTotal', value.input_tokens);
  set(usage, 'outputTotal', value.output_tokens);
  set(usage, 'cacheRead', input.cached_tokens);
  set(usage, 'cacheWrite', input.cache_write_tokens);
  set(usage, 'reasoning', output.reasoning_tokens);
  return usage;
}

function set(into: Usage, count: Exclude<keyof Usage, 'estimated'>, value: Json | undefined): void {
  const tokens = tokenCount(value);
  if (tokens !== undefined) into[count] = tokens;
}
