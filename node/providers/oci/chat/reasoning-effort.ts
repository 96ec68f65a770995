import type { Effort, Thinking } from '../../../conversation/contract.ts';
import { effortOf } from '../../../protocols/openai-chat/encode-thinking.ts';
import { takesReasoningEffort } from '../../../protocols/openai-chat/model-family.ts';

const words: Record<Effort, string> = {
  none: 'NONE',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

/**
 * `reasoningEffort`. An effort that the client named goes to every model; one made of a token budget only to models
 * known to take the field, since others answer 400 to it.
 */
export function reasoningEffort(
  thinking: Thinking | undefined,
  model: string,
  dropped: Set<string>,
): string | undefined {
  if (thinking?.effort !== undefined) return words[thinking.effort];
  if (thinking?.mode !== 'on') return undefined;
  if (thinking.budgetTokens !== undefined && takesReasoningEffort(withoutVendor(model))) {
    return words[effortOf(thinking.budgetTokens)];
  }
  dropped.add('thinking');
  return undefined;
}

function withoutVendor(model: string): string {
  return model.slice(model.indexOf('.') + 1);
}
