import type { JsonObject } from '../../../kit/json.ts';
import type { Effort, Thinking } from '../../conversation/contract.ts';

/** Ranges of `thinkingBudget`, tokens, by model (https://ai.google.dev/gemini-api/docs/thinking). */
const budgetRanges: readonly (readonly [RegExp, { offAt: number; min: number; max: number }])[] = [
  // 2.5 Pro always thinks.
  [/2\.5-pro/, { offAt: 128, min: 128, max: 32_768 }],
  [/2\.5-flash-lite/, { offAt: 0, min: 512, max: 24_576 }],
  [/./, { offAt: 0, min: 1, max: 24_576 }],
];

/** A choice, in line with what other proxies do. */
const budgets: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** Budgets, tokens, up to which a level is meant; a choice as well. */
const lowTokensMax = 2_048;
const mediumTokensMax = 12_288;

/** `thinkingConfig` for this model: a level for Gemini 3 and later, a budget for those before; they exclude each other. */
export function thinkingConfigOf(thinking: Thinking, model: string): JsonObject {
  const isOff = thinking.mode === 'off' || thinking.effort === 'none';
  const amount = takesLevels(model) ? levelOf(thinking, model, isOff) : budgetOf(thinking, model, isOff);
  return isOff ? amount : { includeThoughts: true, ...amount };
}

function takesLevels(model: string): boolean {
  return /gemini-(?:[3-9]|\d\d)/.test(model);
}

/** A thought signature is demanded back by the same family (https://ai.google.dev/gemini-api/docs/thought-signatures). */
export const demandsSignatures = takesLevels;

function levelOf({ budgetTokens, effort }: Thinking, model: string, isOff: boolean): JsonObject {
  const isFlash = model.includes('flash');
  if (isOff) return { thinkingLevel: isFlash ? 'minimal' : 'low' };
  if (effort === 'minimal') return { thinkingLevel: isFlash ? 'minimal' : 'low' };
  if (effort === 'low' || effort === 'medium') return { thinkingLevel: effort };
  if (effort !== undefined) return { thinkingLevel: 'high' };
  if (budgetTokens === undefined) return {};
  if (budgetTokens <= lowTokensMax) return { thinkingLevel: 'low' };
  return { thinkingLevel: budgetTokens <= mediumTokensMax ? 'medium' : 'high' };
}

function budgetOf({ budgetTokens, effort }: Thinking, model: string, isOff: boolean): JsonObject {
  const range = budgetRanges.find(([form]) => form.test(model))![1];
  if (isOff) return { thinkingBudget: range.offAt };
  const wanted = budgetTokens ?? (effort === undefined || effort === 'none' ? undefined : budgets[effort]);
  // -1 leaves the amount to the model.
  return { thinkingBudget: wanted === undefined ? -1 : Math.min(Math.max(wanted, range.min), range.max) };
}
