import { isJsonObject, type Json } from '../../../../kit/json.ts';
import type { Usage } from '../../../conversation/contract.ts';
import { tokenCount } from '../../../conversation/token-count.ts';

/**
 * Reads `usage`: `promptTokens` includes cached tokens and `completionTokens` includes reasoning, as in the middle
 * form. Undefined when there is no count in it.
 */
export function decodeUsage(usage: Json | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const prompt = isJsonObject(usage['promptTokensDetails']) ? usage['promptTokensDetails'] : {};
  const completion = isJsonObject(usage['completionTokensDetails']) ? usage['completionTokensDetails'] : {};
  const read: Usage = {};
  set(read, 'inputTotal', usage['promptTokens']);
  set(read, 'cacheRead', prompt['cachedTokens']);
  set(read, 'outputTotal', usage['completionTokens']);
  set(read, 'reasoning', completion['reasoningTokens']);
  return Object.keys(read).length === 0 ? undefined : read;
}

function set(
  into: Usage,
  count: 'inputTotal' | 'cacheRead' | 'outputTotal' | 'reasoning',
  value: Json | undefined,
): void {
  const tokens = tokenCount(value);
  if (tokens !== undefined) into[count] = tokens;
}
