import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, Effort, Thinking } from '../../conversation/contract.ts';
import { takesReasoningEffort } from './model-family.ts';

/** Largest budget, tokens, that counts as this effort; a choice, in line with what other proxies do. */
const budgets: readonly (readonly [number, Effort])[] = [
  [2048, 'low'],
  [12_288, 'medium'],
  [Infinity, 'high'],
];

/**
 * `reasoning_effort`. An effort that the client named goes to every model; one made of a token budget only to models
 * known to take the field, since others answer 400 to it.
 */
export function encodeReasoningEffort(conversation: Conversation, dropped: Set<string>): JsonObject {
  const { thinking, model } = conversation;
  if (thinking?.effort !== undefined) return { reasoning_effort: thinking.effort };
  if (thinking === undefined || thinking.mode !== 'on') return {};
  if (thinking.budgetTokens !== undefined && takesReasoningEffort(model)) {
    return { reasoning_effort: effortOf(thinking.budgetTokens) };
  }
  dropped.add('thinking');
  return {};
}

export function effortOf(budgetTokens: NonNullable<Thinking['budgetTokens']>): Effort {
  return budgets.find(([budgetMax]) => budgetTokens <= budgetMax)?.[1] ?? 'high';
}
