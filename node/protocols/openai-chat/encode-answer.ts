import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, ImagePart, Part, ToolCallPart } from '../../conversation/contract.ts';
import type { AnswerContext } from '../contract.ts';
import { exportCallSignature } from './call-signature.ts';
import { joinDataUrl } from './data-url.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeUsage, hasCounts } from './usage.ts';

/** A complete `chat.completion` object. */
export function encodeAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const message = encodeMessage(answer.parts);
  const encoded: JsonObject = {
    id: answerId(answer.id, context.requestId),
    object: 'chat.completion',
    created: Math.floor(context.nowMs / 1000),
    model: context.model,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: encodeFinishReason(answer.finish, message['tool_calls'] !== undefined),
      },
    ],
  };
  if (hasCounts(answer.usage)) encoded['usage'] = encodeUsage(answer.usage, context.estimatedInputTokens);
  return encoded;
}

/** Upstreams without an id of their own leave ''; one made of the request's id is as stable. */
export function answerId(id: string, requestId: string): string {
  return id === '' ? `chatcmpl-${requestId}` : id;
}

/** `content` is null beside calls alone and '' for an answer of reasoning alone (clients take null for no answer). */
function encodeMessage(parts: readonly Part[]): JsonObject {
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const images = parts.filter((part) => part.type === 'image');
  const message: JsonObject = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...encodeReasoning(parts),
  };
  if (images.length > 0) message['images'] = images.map((image, index) => encodeAnswerImage(image, index));
  if (calls.length > 0) message['tool_calls'] = calls.map(encodeAnswerCall);
  return message;
}

function encodeAnswerCall(call: ToolCallPart): JsonObject {
  return { ...encodeCall(call), ...exportCallSignature(call.signature) };
}

export function encodeCall(call: ToolCallPart): JsonObject {
  const text = call.argumentsJson === '' ? '{}' : call.argumentsJson;
  return { id: call.id, type: 'function', function: { name: call.name, arguments: text } };
}

/** Pictures in answers are no part of the format; OpenRouter's `images` is what clients know. */
export function encodeAnswerImage(image: Pick<ImagePart, 'mediaType' | 'data' | 'url'>, index: number): JsonObject {
  const url = image.url ?? joinDataUrl(image.mediaType ?? 'image/png', image.data ?? '');
  return { type: 'image_url', image_url: { url }, index };
}
