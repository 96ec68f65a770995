import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation } from '../../conversation/contract.ts';

/**
 * Qwen's own fields for reasoning in place of `reasoning_effort`: a budget and an effort exclude each other, and only a
 * request that says something of thinking gets any (Model Studio: "OpenAI compatible – Chat").
 */
export function applyThinking(body: JsonObject, { thinking }: Conversation): void {
  if (thinking === undefined) return;
  delete body['reasoning_effort'];
  body['enable_thinking'] = thinking.mode !== 'off' && thinking.effort !== 'none';
  if (body['enable_thinking'] === false) return;
  if (thinking.budgetTokens !== undefined) body['thinking_budget'] = thinking.budgetTokens;
  else if (thinking.effort !== undefined) body['reasoning_effort'] = effortOf(thinking.effort);
}

function effortOf(effort: NonNullable<NonNullable<Conversation['thinking']>['effort']>): string {
  if (effort === 'minimal') return 'low';
  return effort === 'xhigh' || effort === 'max' ? 'high' : effort;
}
