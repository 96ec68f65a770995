import type { JsonObject } from '../../../kit/json.ts';
import type { Effort, Thinking } from '../../conversation/contract.ts';
import { optionalBoolean, optionalNumber, optionalObject, optionalOneOf, optionalString } from '../fields.ts';
import { efforts } from './schema.ts';

/**
 * How much the model shall think. OpenAI: `reasoning_effort`; OpenRouter: `reasoning {effort, max_tokens, enabled}`;
 * DeepSeek and GLM: `thinking {type, budget_tokens}`; Qwen: `enable_thinking`, `thinking_budget`. The first that is
 * there counts. Undefined when none is.
 */
export function decodeThinking(body: JsonObject): Thinking | undefined {
  const effort = optionalOneOf(idleAsAbsent(body), 'reasoning_effort', '', efforts);
  if (effort !== undefined) return ofEffort(effort);
  return decodeReasoningObject(body) ?? decodeThinkingObject(body) ?? decodeSwitch(body);
}

/** Cherry Studio's "[undefined]" again. */
function idleAsAbsent(body: JsonObject): JsonObject {
  return body['reasoning_effort'] === '[undefined]' ? {} : body;
}

function ofEffort(effort: Effort): Thinking {
  return { mode: effort === 'none' ? 'off' : 'on', effort };
}

function ofBudget(budgetTokens: number | undefined): Thinking {
  return budgetTokens === undefined ? { mode: 'on' } : { mode: 'on', budgetTokens };
}

function decodeReasoningObject(body: JsonObject): Thinking | undefined {
  const reasoning = optionalObject(body, 'reasoning', '');
  if (reasoning === undefined) return undefined;
  const effort = optionalOneOf(reasoning, 'effort', 'reasoning', efforts);
  if (effort !== undefined) return ofEffort(effort);
  if (optionalBoolean(reasoning, 'enabled', 'reasoning') === false) return { mode: 'off' };
  return ofBudget(optionalNumber(reasoning, 'max_tokens', 'reasoning', { min: 1, integer: true }));
}

function decodeThinkingObject(body: JsonObject): Thinking | undefined {
  const thinking = optionalObject(body, 'thinking', '');
  if (thinking === undefined) return undefined;
  const type = optionalString(thinking, 'type', 'thinking');
  if (type === 'disabled') return { mode: 'off' };
  if (type === 'adaptive' || type === 'auto') return { mode: 'adaptive' };
  return ofBudget(optionalNumber(thinking, 'budget_tokens', 'thinking', { min: 1, integer: true }));
}

function decodeSwitch(body: JsonObject): Thinking | undefined {
  const isOn = optionalBoolean(body, 'enable_thinking', '');
  if (isOn === undefined) return undefined;
  return isOn ? ofBudget(optionalNumber(body, 'thinking_budget', '', { min: 1, integer: true })) : { mode: 'off' };
}
