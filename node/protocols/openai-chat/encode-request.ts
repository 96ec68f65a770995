import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, OutputFormat, Tool, ToolChoice } from '../../conversation/contract.ts';
import type { EncodedRequest, UpstreamTraits } from '../contract.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoningEffort } from './encode-thinking.ts';
import { isOpenaiReasoningModel, usesMaxCompletionTokens } from './model-family.ts';

/** Turns the middle form into a Chat Completions request. */
export function encodeRequest(conversation: Conversation, traits: UpstreamTraits): EncodedRequest {
  const dropped = new Set<string>();
  const body: JsonObject = {
    model: conversation.model,
    messages: encodeMessages(conversation, traits, dropped),
    ...encodeTools(conversation),
    ...encodeSampling(conversation, dropped),
    ...encodeReasoningEffort(conversation, dropped),
    ...encodeStream(conversation, traits),
  };
  const { maxTokens, outputFormat, promptCacheKey } = conversation;
  if (maxTokens !== undefined) body[maxTokensField(conversation.model, traits)] = maxTokens;
  if (conversation.stop.length > 0) body['stop'] = conversation.stop;
  if (outputFormat !== undefined) body['response_format'] = encodeOutputFormat(outputFormat);
  if (promptCacheKey !== undefined && traits.promptCacheKey === true) body['prompt_cache_key'] = promptCacheKey;
  else if (promptCacheKey !== undefined) dropped.add('prompt_cache_key');
  if (marksCache(conversation)) dropped.add('cache_control');
  return { body, dropped: [...dropped] };
}

function maxTokensField(model: string, traits: UpstreamTraits): 'max_tokens' | 'max_completion_tokens' {
  const field = traits.maxTokensField ?? 'auto';
  if (field !== 'auto') return field;
  return usesMaxCompletionTokens(model) ? 'max_completion_tokens' : 'max_tokens';
}

/** Usage is always asked for, where the upstream knows how; the client's side leaves it out again. */
function encodeStream(conversation: Conversation, traits: UpstreamTraits): JsonObject {
  if (!conversation.stream) return {};
  return traits.streamOptions === false ? { stream: true } : { stream: true, stream_options: { include_usage: true } };
}

/** A choice without tools is refused by many upstreams. */
function encodeTools(conversation: Conversation): JsonObject {
  if (conversation.tools.length === 0) return {};
  const encoded: JsonObject = { tools: conversation.tools.map(encodeTool) };
  if (conversation.toolChoice !== undefined) encoded['tool_choice'] = encodeToolChoice(conversation.toolChoice);
  if (conversation.parallelToolCalls !== undefined) encoded['parallel_tool_calls'] = conversation.parallelToolCalls;
  return encoded;
}

function encodeTool(tool: Tool): JsonObject {
  const definition: JsonObject = { name: tool.name, parameters: encodeSchema(tool.schema) };
  if (tool.description !== undefined) definition['description'] = tool.description;
  if (tool.strict !== undefined) definition['strict'] = tool.strict;
  return { type: 'function', function: definition };
}

/** OpenAI refuses an object schema without `properties`; anything else is sent as the client wrote it. */
function encodeSchema(schema: JsonObject): JsonObject {
  if (schema['type'] === undefined && Object.keys(schema).length > 0) return schema;
  if (schema['properties'] !== undefined || (schema['type'] ?? 'object') !== 'object') return schema;
  return { ...schema, type: 'object', properties: {} };
}

function encodeToolChoice(choice: ToolChoice): string | JsonObject {
  if (choice.type === 'tool') return { type: 'function', function: { name: choice.name } };
  return choice.type === 'any' ? 'required' : choice.type;
}

function encodeSampling(conversation: Conversation, dropped: Set<string>): JsonObject {
  const sampling: JsonObject = {
    temperature: conversation.temperature,
    top_p: conversation.topP,
    presence_penalty: conversation.presencePenalty,
    frequency_penalty: conversation.frequencyPenalty,
  };
  const isFixed = isOpenaiReasoningModel(conversation.model) && conversation.thinking?.effort !== 'none';
  const encoded: JsonObject = {};
  for (const [field, value] of Object.entries(sampling)) {
    if (value === undefined) continue;
    // Reasoning models answer 400 to any but the default.
    if (isFixed) dropped.add(field);
    else encoded[field] = value;
  }
  if (conversation.seed !== undefined) encoded['seed'] = conversation.seed;
  if (conversation.topK !== undefined) dropped.add('top_k');
  return encoded;
}

function encodeOutputFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const schema: JsonObject = { name: format.name ?? 'answer', schema: format.schema };
  if (format.strict !== undefined) schema['strict'] = format.strict;
  return { type: 'json_schema', json_schema: schema };
}

/** Upstreams of this format cache on their own; Anthropic's marks are unknown to them. */
function marksCache(conversation: Conversation): boolean {
  const parts = [...conversation.system, ...conversation.tools, ...conversation.messages.flatMap(({ parts }) => parts)];
  return parts.some((part) => 'cacheControl' in part && part.cacheControl !== undefined);
}
