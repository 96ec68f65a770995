import type { Conversation } from '../../../conversation/contract.ts';
import type { OciChatTarget } from './contract.ts';

/** Tokens that Cohere's models give at most on demand, by the field's text in Oracle's SDK. */
const cohereOnDemandMax = 4000;

/** The bound on output tokens, which is always sent: some models stop after about 20 tokens without one. */
export function outputBound({ maxTokens }: Conversation, { defaultMaxTokens }: OciChatTarget): number {
  return maxTokens ?? defaultMaxTokens;
}

/** The same for a Cohere model; what is over its limit on demand is cut off and reported. */
export function cohereOutputBound(conversation: Conversation, target: OciChatTarget, dropped: Set<string>): number {
  const asked = outputBound(conversation, target);
  if (target.servingMode['servingType'] !== 'ON_DEMAND' || asked <= cohereOnDemandMax) return asked;
  if (conversation.maxTokens !== undefined) dropped.add('max_tokens');
  return cohereOnDemandMax;
}
