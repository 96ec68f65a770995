import type { Conversation, OutputFormat } from '../../../conversation/contract.ts';
import type { JsonObject, OciChatTarget } from './contract.ts';
import { cohereOutputBound } from './output-bound.ts';

/** Largest `topK` of Cohere's models. */
const topKMax = 500;

/** Fields that both of Cohere's formats have. */
export function cohereSettings(conversation: Conversation, target: OciChatTarget, dropped: Set<string>): JsonObject {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty, stop, outputFormat, stream } = conversation;
  const settings: JsonObject = { isStream: stream, maxTokens: cohereOutputBound(conversation, target, dropped) };
  if (stream) settings['streamOptions'] = { isIncludeUsage: true };
  if (temperature !== undefined) settings['temperature'] = temperature;
  if (topP !== undefined) settings['topP'] = topP;
  if (topK !== undefined) settings['topK'] = Math.min(topK, topKMax);
  if (seed !== undefined) settings['seed'] = seed;
  if (frequencyPenalty !== undefined) settings['frequencyPenalty'] = frequencyPenalty;
  if (presencePenalty !== undefined) settings['presencePenalty'] = presencePenalty;
  if (stop.length > 0) settings['stopSequences'] = stop;
  if (outputFormat !== undefined) settings['responseFormat'] = responseFormat(outputFormat);
  if (conversation.tools.length > 0 && conversation.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  return settings;
}

function responseFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return { type: 'TEXT' };
  return format.type === 'json' ? { type: 'JSON_OBJECT' } : { type: 'JSON_OBJECT', schema: format.schema };
}
