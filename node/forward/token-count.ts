import { estimateTokens } from '../conversation/estimate-tokens.ts';
import type { Call } from './call.ts';
import { type AnswerFrame, sendWhole } from './client-side.ts';
import { decodeBody } from './prepare.ts';

/**
 * Answers a token-counting call that no upstream could: with a count by tokenizer over everything that the prompt
 * holds, marked as an estimate by `x-aiproxy-usage: estimated`.
 */
export async function answerTokenCount(call: Call, frame: AnswerFrame): Promise<void> {
  const conversation = decodeBody(call, call.requestedModel);
  const inputTokens = await estimateTokens(conversation);
  call.isEstimate = true;
  sendWhole(call, frame, JSON.stringify(call.protocol.encodeTokenCount(inputTokens)));
}
