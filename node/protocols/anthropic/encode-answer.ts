import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Part } from '../../conversation/contract.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import { absentSignature, exportSignature } from '../../conversation/signature.ts';
import type { AnswerContext } from '../contract.ts';
import { messageIdOf, stopReasonOf, toolIdOf, wireUsage } from './schema.ts';

/** A complete answer as an Anthropic client reads it. */
export function encodeAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const hasCalls = answer.parts.some((part) => part.type === 'tool_call');
  const usage = { ...answer.usage };
  if (usage.inputTotal === undefined && context.estimatedInputTokens !== undefined) {
    usage.inputTotal = context.estimatedInputTokens;
  }
  return {
    id: messageIdOf(answer.id, context.requestId),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: answer.parts.flatMap((part) => encodePart(part, context)),
    stop_reason: stopReasonOf(answer.finish, hasCalls),
    stop_sequence: answer.stopSequence ?? null,
    usage: wireUsage(usage),
  };
}

function encodePart(part: Part, { toolKinds }: AnswerContext): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'thinking':
      return [thinkingBlock(part.text, part.signature)];
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: part.data }];
    case 'tool_call': {
      const input = argumentsObject(part.argumentsJson);
      const name = toolKinds?.get(part.name) ?? part.name;
      const call: JsonObject = { type: 'tool_use', id: toolIdOf(part.id), name, input };
      return part.signature === undefined ? [call] : [thinkingBlock('', part.signature), call];
    }
    case 'image':
      return [{ type: 'text', text: imageText(part.url ?? dataUrl(part.mediaType ?? 'image/png', part.data ?? '')) }];
    default:
      return [];
  }
}

function thinkingBlock(thinking: string, signature: string | undefined): JsonObject {
  return { type: 'thinking', thinking, signature: exportSignature('anthropic', signature) ?? absentSignature };
}

/** Answers in this format cannot hold images; clients that render Markdown show them all the same. */
export function imageText(url: string): string {
  return `![image](${url})`;
}

export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}
