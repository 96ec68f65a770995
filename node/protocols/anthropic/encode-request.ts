import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, OutputFormat, Tool, ToolChoice } from '../../conversation/contract.ts';
import type { EncodedRequest, UpstreamTraits } from '../contract.ts';
import { protocolFaults } from '../faults.ts';
import { encodeMessages, textBlocks } from './encode-messages.ts';
import { type EncodedThinking, encodeThinking, hasOutputFormat } from './encode-thinking.ts';

/** A conversation as a request to an upstream that speaks Anthropic. Throws `unsupported_field`, `invalid_request`. */
export function encodeRequest(conversation: Conversation, traits: UpstreamTraits): EncodedRequest {
  const thinking = encodeThinking(conversation, traits.defaultMaxTokens);
  const dropped = [...thinking.dropped];
  const body: JsonObject = { model: conversation.model, max_tokens: thinking.maxTokens, stream: conversation.stream };
  const instruction = encodeOutput(conversation, thinking, body);
  const system = conversation.system.flatMap(textBlocks);
  if (instruction !== undefined) system.push({ type: 'text', text: instruction });
  if (system.length > 0) body['system'] = system;
  body['messages'] = encodeMessages(conversation.messages);
  encodeTools(conversation, body, dropped);
  if (thinking.thinking !== undefined) body['thinking'] = thinking.thinking;
  encodeSampling(conversation, thinking.isOn, body, dropped);
  encodeStop(conversation, body, dropped);
  noteUnknown(conversation, dropped);
  return { body, dropped };
}

/** Sets `output_config`; where the model knows no output format, answers what to tell it in the system prompt instead. */
function encodeOutput(conversation: Conversation, thinking: EncodedThinking, body: JsonObject): string | undefined {
  const format = conversation.outputFormat;
  const config = { ...thinking.outputConfig };
  const isNative = format?.type === 'json_schema' && format.strict === true && hasOutputFormat(conversation.model);
  if (isNative) config['format'] = { type: 'json_schema', schema: format.schema };
  if (Object.keys(config).length > 0) body['output_config'] = config;
  return isNative || format === undefined ? undefined : instructionFor(format);
}

function instructionFor(format: OutputFormat): string | undefined {
  if (format.type === 'text') return undefined;
  const demand = 'Answer with one JSON value and nothing else: no text around it, no code fence.';
  return format.type === 'json'
    ? demand
    : `${demand} It must match this JSON Schema:\n${JSON.stringify(format.schema)}`;
}

function encodeTools(conversation: Conversation, body: JsonObject, dropped: string[]): void {
  if (conversation.tools.length === 0) return;
  body['tools'] = conversation.tools.map(encodeTool);
  if (conversation.tools.some((tool) => tool.strict === true)) dropped.push('tools.strict');
  const choice = encodeChoice(conversation.toolChoice, conversation.parallelToolCalls);
  if (choice !== undefined) body['tool_choice'] = choice;
}

function encodeTool(tool: Tool, index: number): JsonObject {
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) {
    const field = `tools[${index}].name`;
    throw protocolFaults.unsupported_field(`${field}: this model takes letters, digits, _ and -, at most 128`, {
      field,
    });
  }
  const encoded: JsonObject = { name: tool.name, input_schema: { ...tool.schema, type: 'object' } };
  if (tool.description !== undefined && tool.description !== '') encoded['description'] = tool.description;
  if (tool.cacheControl !== undefined) encoded['cache_control'] = tool.cacheControl;
  return encoded;
}

function encodeChoice(choice: ToolChoice | undefined, isParallel: boolean | undefined): JsonObject | undefined {
  if (choice === undefined && isParallel !== false) return undefined;
  const encoded: JsonObject = { ...(choice ?? { type: 'auto' }) };
  if (isParallel === false && encoded['type'] !== 'none') encoded['disable_parallel_tool_use'] = true;
  return encoded;
}

/**
 * Anthropic's temperature ends at 1; thinking allows no temperature and no top_k; newer models refuse temperature
 * together with top_p.
 */
function encodeSampling(conversation: Conversation, isThinking: boolean, body: JsonObject, dropped: string[]): void {
  const { temperature, topP, topK } = conversation;
  if (isThinking) {
    if (temperature !== undefined && temperature !== 1) dropped.push('temperature');
    if (topP !== undefined) dropped.push('top_p');
    if (topK !== undefined) dropped.push('top_k');
    return;
  }
  if (temperature !== undefined) body['temperature'] = Math.min(1, temperature);
  if (topK !== undefined) body['top_k'] = topK;
  if (topP === undefined) return;
  if (temperature === undefined) body['top_p'] = topP;
  else dropped.push('top_p');
}

/** Anthropic refuses stop sequences of white space alone. */
function encodeStop(conversation: Conversation, body: JsonObject, dropped: string[]): void {
  const kept = conversation.stop.filter((stop) => stop.trim() !== '');
  if (kept.length > 0) body['stop_sequences'] = kept;
  if (kept.length < conversation.stop.length) dropped.push('stop');
}

function noteUnknown(conversation: Conversation, dropped: string[]): void {
  if (conversation.seed !== undefined) dropped.push('seed');
  if (conversation.presencePenalty !== undefined) dropped.push('presence_penalty');
  if (conversation.frequencyPenalty !== undefined) dropped.push('frequency_penalty');
  if (conversation.promptCacheKey !== undefined) dropped.push('prompt_cache_key');
}
