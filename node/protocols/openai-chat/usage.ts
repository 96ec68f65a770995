import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Usage } from '../../conversation/contract.ts';
import { tokenCount } from '../../conversation/token-count.ts';

/**
 * Reads a `usage` object. `prompt_tokens` includes cached tokens and `completion_tokens` includes reasoning, as in the
 * middle form. DeepSeek names its cache count `prompt_cache_hit_tokens`; embeddings have `prompt_tokens` alone.
 * Undefined when there is no count in it.
 */
export function decodeUsage(usage: Json | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const prompt = isJsonObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const completion = isJsonObject(usage['completion_tokens_details']) ? usage['completion_tokens_details'] : {};
  const read: Usage = {};
  set(read, 'inputTotal', usage['prompt_tokens']);
  set(read, 'cacheRead', prompt['cached_tokens'] ?? usage['prompt_cache_hit_tokens']);
  set(read, 'cacheWrite', prompt['cache_write_tokens']);
  set(read, 'outputTotal', usage['completion_tokens']);
  set(read, 'reasoning', completion['reasoning_tokens']);
  return Object.keys(read).length === 0 ? undefined : read;
}

type Count = 'inputTotal' | 'cacheRead' | 'cacheWrite' | 'outputTotal' | 'reasoning';

function set(into: Usage, count: Count, value: Json | undefined): void {
  const tokens = tokenCount(value);
  if (tokens !== undefined) into[count] = tokens;
}

/**
 * Writes a `usage` object. The three totals are mandatory in this format, so an unknown input is the caller's estimate
 * and an unknown output is 0; details are written only where they are known.
 */
export function encodeUsage(usage: Usage, estimatedInputTokens: number | undefined): JsonObject {
  const prompt = usage.inputTotal ?? estimatedInputTokens ?? 0;
  const completion = usage.outputTotal ?? 0;
  const encoded: JsonObject = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
  const promptDetails: JsonObject = {};
  if (usage.cacheRead !== undefined) promptDetails['cached_tokens'] = usage.cacheRead;
  if (usage.cacheWrite !== undefined) promptDetails['cache_write_tokens'] = usage.cacheWrite;
  if (Object.keys(promptDetails).length > 0) encoded['prompt_tokens_details'] = promptDetails;
  if (usage.reasoning !== undefined) encoded['completion_tokens_details'] = { reasoning_tokens: usage.reasoning };
  return encoded;
}

/** Whether an upstream gave any count. */
export function hasCounts(usage: Usage): boolean {
  return usage.inputTotal !== undefined || usage.outputTotal !== undefined;
}
