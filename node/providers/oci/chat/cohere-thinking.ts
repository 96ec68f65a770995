import type { Effort, Thinking } from '../../../conversation/contract.ts';
import type { JsonObject } from './contract.ts';

/** Whether a model of the second format thinks; one that is named by an OCID may. */
export function takesCohereThinking(model: string): boolean {
  return !/^cohere\./i.test(model) || /reasoning/i.test(model);
}

/** Share of the output bound that each effort may use; a choice, since the format knows tokens only. */
const shares: Partial<Record<Effort, number>> = { minimal: 0.125, low: 0.25, medium: 0.5 };

/** The most that thinking may use of the output bound, so that some of it is left for the answer. */
const shareMax = 0.75;

/** `thinking`; undefined where the client leaves it to the model. `maxTokens`: the bound on output, thoughts included. */
export function cohereThinking(thinking: Thinking | undefined, maxTokens: number): JsonObject | undefined {
  if (thinking === undefined) return undefined;
  const { mode, effort, budgetTokens } = thinking;
  if (mode === 'off' || effort === 'none') return { type: 'DISABLED' };
  const share = effort === undefined ? undefined : shares[effort];
  const asked = budgetTokens ?? (share === undefined ? undefined : maxTokens * share);
  if (asked === undefined) return { type: 'ENABLED' };
  return { type: 'ENABLED', tokenBudget: Math.max(1, Math.floor(Math.min(asked, maxTokens * shareMax))) };
}
