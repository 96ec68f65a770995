import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import type { FinishReason, Part, Usage } from '../../conversation/contract.ts';
import { exportSignature } from '../../conversation/signature.ts';
import { tokenCount } from '../../conversation/token-count.ts';
import { carryRedacted } from '../signature-carrier.ts';

/** A tool call ends with STOP too. */
const finishReasons: Record<FinishReason, string> = {
  stop: 'STOP',
  stop_sequence: 'STOP',
  tool_calls: 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  context_window_exceeded: 'MAX_TOKENS',
  refusal: 'SAFETY',
};

export function finishReasonOf(finish: FinishReason): string {
  return finishReasons[finish];
}

/** `usageMetadata`: the prompt's count includes what was cached, the candidates' count excludes thoughts. */
export function encodeUsage(usage: Usage, estimatedInputTokens: number | undefined): JsonObject | undefined {
  const input = usage.inputTotal ?? (usage.outputTotal === undefined ? undefined : estimatedInputTokens);
  if (input === undefined && usage.outputTotal === undefined) return undefined;
  const metadata: JsonObject = {};
  if (input !== undefined) metadata.promptTokenCount = input;
  if (usage.cacheRead !== undefined) metadata.cachedContentTokenCount = usage.cacheRead;
  if (usage.outputTotal !== undefined) {
    metadata.candidatesTokenCount = Math.max(0, usage.outputTotal - (usage.reasoning ?? 0));
  }
  if (usage.reasoning !== undefined) metadata.thoughtsTokenCount = usage.reasoning;
  metadata.totalTokenCount = (input ?? 0) + (usage.outputTotal ?? 0);
  return metadata;
}

/** Reads `usageMetadata`; counts that are not there stay absent. */
export function decodeUsage(value: Json | undefined): Usage {
  if (!isJsonObject(value)) return {};
  const usage: Usage = {};
  const prompt = tokenCount(value.promptTokenCount);
  const cached = tokenCount(value.cachedContentTokenCount);
  const candidates = tokenCount(value.candidatesTokenCount);
  const thoughts = tokenCount(value.thoughtsTokenCount);
  if (prompt !== undefined) usage.inputTotal = prompt + (tokenCount(value.toolUsePromptTokenCount) ?? 0);
  if (cached !== undefined) usage.cacheRead = cached;
  if (candidates !== undefined || thoughts !== undefined) usage.outputTotal = (candidates ?? 0) + (thoughts ?? 0);
  if (thoughts !== undefined) usage.reasoning = thoughts;
  return usage;
}

/** The client's own names of tools that had to travel under another. */
export type ToolNames = ReadonlyMap<string, string> | undefined;

/** The parts of an answer as Gemini has them; those that an answer never holds are left out. */
export function encodePart(part: Part, names: ToolNames): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text.toWellFormed() }];
    case 'thinking':
      return [thoughtPart(part.text.toWellFormed(), exportSignature('gemini', part.signature))];
    case 'redacted_thinking':
      return [thoughtPart('', carryRedacted(part.data))];
    case 'tool_call':
      return [callPart(part, part.argumentsJson, names)];
    case 'image':
      if (part.data === undefined) return part.url === undefined ? [] : [{ text: `![image](${part.url})` }];
      return [{ inlineData: { mimeType: part.mediaType ?? 'image/png', data: part.data } }];
    default:
      return [];
  }
}

export function thoughtPart(text: string, signature: string | undefined): JsonObject {
  return signature === undefined ? { text, thought: true } : { text, thought: true, thoughtSignature: signature };
}

export interface Call {
  id: string;
  name: string;
  signature?: string;
}

export function callPart(call: Call, argumentsJson: string, names: ToolNames): JsonObject {
  const name = names?.get(call.name) ?? call.name;
  const part: JsonObject = { functionCall: { id: call.id, name, args: argumentsObject(argumentsJson) } };
  const signature = exportSignature('gemini', call.signature);
  if (signature !== undefined) part.thoughtSignature = signature;
  return part;
}
