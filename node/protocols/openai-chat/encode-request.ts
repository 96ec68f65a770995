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
  };
  addTools(body, conversation);
  addSampling(body, conversation, dropped);
  if (conversation.thinking !== undefined) Object.assign(body, encodeReasoningEffort(conversation, dropped));
  addStream(body, conversation, traits);
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
function addStream(body: JsonObject, conversation: Conversation, traits: UpstreamTraits): void {
  if (!conversation.stream) return;
  body['stream'] = true;
  if (traits.streamOptions !== false) body['stream_options'] = { include_usage: true };
}

/** A choice without tools is refused by many upstreams. */
function addTools(body: JsonObject, conversation: Conversation): void {
  if (conversation.tools.length === 0) return;
  body['tools'] = conversation.tools.map(encodeTool);
  if (conversation.toolChoice !== undefined) body['tool_choice'] = encodeToolChoice(conversation.toolChoice);
  if (conversation.parallelToolCalls !== undefined) body['parallel_tool_calls'] = conversation.parallelToolCalls;
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

function addSampling(body: JsonObject, conversation: Conversation, dropped: Set<string>): void {
  // Reasoning models answer 400 to any but the default.
  const isFixed = isOpenaiReasoningModel(conversation.model) && conversation.thinking?.effort !== 'none';
  const add = (field: string, value: number | undefined) => {
    if (value === undefined) return;
    if (isFixed) dropped.add(field);
    else body[field] = value;
  };
  add('temperature', conversation.temperature);
  add('top_p', conversation.topP);
  add('presence_penalty', conversation.presencePenalty);
  add('frequency_penalty', conversation.frequencyPenalty);
  if (conversation.seed !== undefined) body['seed'] = conversation.seed;
  if (conversation.topK !== undefined) dropped.add('top_k');
}

function encodeOutputFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const schema: JsonObject = { name: format.name ?? 'answer', schema: format.schema };
  if (format.strict !== undefined) schema['strict'] = format.strict;
  return { type: 'json_schema', json_schema: schema };
}

/** Upstreams of this format cache on their own; Anthropic's marks are unknown to them. */
export function marksCache({ system, tools, messages }: Conversation): boolean {
  return system.some(isMarked) || tools.some(isMarked) || messages.some((message) => message.parts.some(isMarked));
}

function isMarked(part: object): boolean {
  return 'cacheControl' in part && part.cacheControl !== undefined;
}
