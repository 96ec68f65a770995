import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, Effort, Thinking } from '../../conversation/contract.ts';
import { ownSignature } from '../../conversation/signature.ts';

/** Anthropic's own lower bound of a thinking budget, tokens. */
const budgetTokensMin = 1024;

/** Budgets for efforts where a model knows budgets only; the values that other proxies settled on. */
const budgetByEffort: Record<Effort, number> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};

export interface EncodedThinking {
  maxTokens: number;
  thinking?: JsonObject;
  outputConfig?: JsonObject;
  /** True when the model thinks: then sampling parameters and forced calls are refused. */
  isOn: boolean;
  dropped: string[];
}

/** Whether a model takes `thinking: adaptive` and `output_config.effort` (Claude 4.6 and later). */
export function isAdaptive(model: string): boolean {
  return versionOf(model) >= 4.6;
}

/** Whether a model takes `output_config.format` (Claude 4.5 and later). */
export function hasOutputFormat(model: string): boolean {
  return versionOf(model) >= 4.5;
}

/** `claude-sonnet-4-5-20250929` → 4.5, `claude-3-7-sonnet` → 3.7; 0 for models that are no Claude. */
function versionOf(model: string): number {
  const match = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(model);
  return match === null ? 0 : Number(`${match[1]}.${match[2] ?? 0}`);
}

/** What the request says about thinking, and the output bound that goes with it (it includes thinking). */
export function encodeThinking(conversation: Conversation, defaultMaxTokens: number): EncodedThinking {
  const maxTokens = conversation.maxTokens ?? defaultMaxTokens;
  const off = { maxTokens, isOn: false, dropped: [] };
  const wish = conversation.thinking;
  if (wish === undefined) return off;
  if (wish.mode === 'off' || wish.effort === 'none') return off;
  if (isForced(conversation)) return { ...off, dropped: ['thinking'] };
  if (isAdaptive(conversation.model) && wish.budgetTokens === undefined) return adaptive(wish, maxTokens);
  if (!beginsWithThinking(conversation)) return { ...off, dropped: ['thinking'] };
  return withBudget(wish, conversation.maxTokens, defaultMaxTokens);
}

/** Anthropic refuses forced calls together with thinking. The call is what the client needs; thinking is a help. */
function isForced(conversation: Conversation): boolean {
  const type = conversation.tools.length === 0 ? undefined : conversation.toolChoice?.type;
  return type === 'any' || type === 'tool';
}

function adaptive(wish: Thinking, maxTokens: number): EncodedThinking {
  const encoded: EncodedThinking = { maxTokens, thinking: { type: 'adaptive' }, isOn: true, dropped: [] };
  if (wish.effort !== undefined) encoded.outputConfig = { effort: wish.effort === 'minimal' ? 'low' : wish.effort };
  return encoded;
}

/** The budget must be below the bound: the client's bound holds, a default one grows. */
function withBudget(wish: Thinking, given: number | undefined, defaultMaxTokens: number): EncodedThinking {
  const wanted = Math.max(budgetTokensMin, wish.budgetTokens ?? budgetByEffort[wish.effort ?? 'medium']);
  const budget = given === undefined ? wanted : Math.min(wanted, given - 1);
  if (budget < budgetTokensMin) return { maxTokens: given!, isOn: false, dropped: ['thinking'] };
  const maxTokens = given ?? budget + defaultMaxTokens;
  return { maxTokens, thinking: { type: 'enabled', budget_tokens: budget }, isOn: true, dropped: [] };
}

/**
 * Inside a tool loop the assistant's turn must begin with the thinking that led to the call. Where a client or another
 * provider lost it, thinking has to be off for this request.
 */
function beginsWithThinking(conversation: Conversation): boolean {
  const last = conversation.messages.findLast((message) => message.role === 'assistant');
  if (!last?.parts.some((part) => part.type === 'tool_call')) return true;
  const first = last.parts[0]!;
  if (first.type === 'redacted_thinking') return true;
  return first.type === 'thinking' && ownSignature('anthropic', first.signature) !== undefined;
}
