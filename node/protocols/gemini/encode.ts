import type { JsonObject } from '../../../kit/json.ts';
import type { Answer } from '../../conversation/contract.ts';
import type { AnswerContext } from '../contract.ts';
import { joinedTexts } from '../joined-texts.ts';
import { encodePart, encodeUsage, finishReasonOf } from './answer-object.ts';

/** A complete answer as `GenerateContentResponse`. */
export function encodeAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const parts = joinedTexts(answer.parts).flatMap((part) => encodePart(part, context.toolKinds));
  const content = { parts: parts.length === 0 ? [{ text: '' }] : parts, role: 'model' };
  const response: JsonObject = {
    candidates: [{ content, finishReason: finishReasonOf(answer.finish), index: 0 }],
  };
  const usage = encodeUsage(answer.usage, context.estimatedInputTokens);
  if (usage !== undefined) response.usageMetadata = usage;
  response.modelVersion = context.model;
  response.responseId = answer.id === '' ? context.requestId : answer.id;
  return response;
}
