import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, Effort, OutputFormat, Thinking } from '../../conversation/contract.ts';
import { droppedNames } from '../dropped-name.ts';
import { protocolFaults } from '../faults.ts';
import {
  join,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalOneOf,
  optionalString,
  requiredObject,
  requiredString,
} from '../fields.ts';
import { ItemDecoder } from './decode-items.ts';
import { decodeToolChoice } from './decode-tool-choice.ts';
import { ToolList } from './decode-tools.ts';

/** Members that are read, or that change nothing here (`store`: a node keeps no answers). */
const known: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'text',
  'prompt_cache_key',
  'stream',
  'stream_options',
  'store',
  'include',
  'previous_response_id',
  'conversation',
  'background',
  'prompt',
  'truncation',
]);

/** Members that need state or work which only OpenAI's servers keep or do. */
const refused: readonly (readonly [string, string])[] = [
  ['previous_response_id', 'answers are not kept here; send the whole conversation in `input`'],
  ['conversation', 'conversations are not kept here; send the whole conversation in `input`'],
  ['prompt', 'stored prompts are kept at OpenAI only; send the text in `instructions`'],
];

/** A body of `POST /v1/responses` (https://platform.openai.com/docs/api-reference/responses/create). */
export function decodeRequest(body: JsonObject, hints: { model: string; stream: boolean }): Conversation {
  refuseState(body);
  const tools = new ToolList();
  tools.add(body, '');
  const items = new ItemDecoder(tools);
  const instructions = optionalString(body, 'instructions', '');
  if (instructions !== undefined && instructions !== '') items.system.push({ type: 'text', text: instructions });
  items.decode(body.input);
  const conversation: Conversation = {
    model: hints.model === '' ? requiredString(body, 'model', '') : hints.model,
    system: items.system,
    messages: items.messages,
    tools: tools.tools,
    stop: [],
    stream: optionalBoolean(body, 'stream', '') ?? hints.stream,
    dropped: droppedFields(body, tools, items),
  };
  readToolUse(conversation, body, tools);
  readSampling(conversation, body);
  return conversation;
}

function refuseState(body: JsonObject): void {
  for (const [field, reason] of refused) {
    if (body[field] === undefined || body[field] === null) continue;
    throw protocolFaults.unsupported_field(`${field}: ${reason}`, { field });
  }
  if (optionalBoolean(body, 'background', '') === true) {
    throw protocolFaults.unsupported_field('background: answers are not kept here, so they cannot be fetched later', {
      field: 'background',
    });
  }
}

function readToolUse(conversation: Conversation, body: JsonObject, tools: ToolList): void {
  const { choice, allowed } = decodeToolChoice(body, tools);
  if (allowed !== undefined) conversation.tools = tools.tools.filter((tool) => allowed.has(tool.name));
  if (tools.kinds.size > 0) conversation.toolKinds = tools.kinds;
  // A choice without tools is refused by many upstreams and says nothing.
  if (conversation.tools.length === 0) return;
  if (choice !== undefined) conversation.toolChoice = choice;
  const isParallel = optionalBoolean(body, 'parallel_tool_calls', '');
  if (isParallel !== undefined) conversation.parallelToolCalls = isParallel;
}

function readSampling(conversation: Conversation, body: JsonObject): void {
  const maxTokens = optionalNumber(body, 'max_output_tokens', '', { min: 1, integer: true });
  if (maxTokens !== undefined) conversation.maxTokens = maxTokens;
  const temperature = optionalNumber(body, 'temperature', '', { min: 0, max: 2 });
  if (temperature !== undefined) conversation.temperature = temperature;
  const topP = optionalNumber(body, 'top_p', '', { min: 0, max: 1 });
  if (topP !== undefined) conversation.topP = topP;
  const thinking = readThinking(body);
  if (thinking !== undefined) conversation.thinking = thinking;
  const format = readFormat(body);
  if (format !== undefined) conversation.outputFormat = format;
  const key = optionalString(body, 'prompt_cache_key', '');
  if (key !== undefined) conversation.promptCacheKey = key;
}

const efforts: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** Without an effort the model decides, as it does when `reasoning` is absent. */
function readThinking(body: JsonObject): Thinking | undefined {
  const reasoning = optionalObject(body, 'reasoning', '');
  if (reasoning === undefined) return undefined;
  const effort = optionalOneOf(reasoning, 'effort', 'reasoning', efforts);
  if (effort === undefined) return undefined;
  return effort === 'none' ? { mode: 'off' } : { mode: 'on', effort };
}

function readFormat(body: JsonObject): OutputFormat | undefined {
  const text = optionalObject(body, 'text', '');
  const format = text === undefined ? undefined : optionalObject(text, 'format', 'text');
  if (format === undefined) return undefined;
  const path = join('text', 'format');
  const type = optionalOneOf(format, 'type', path, ['text', 'json_object', 'json_schema']) ?? 'text';
  if (type === 'text') return { type: 'text' };
  return type === 'json_object' ? { type: 'json' } : readSchema(format, path);
}

function readSchema(format: JsonObject, path: string): OutputFormat {
  const result: OutputFormat = { type: 'json_schema', schema: requiredObject(format, 'schema', path) };
  const name = optionalString(format, 'name', path);
  if (name !== undefined) result.name = name;
  const isStrict = optionalBoolean(format, 'strict', path);
  if (isStrict !== undefined) result.strict = isStrict;
  return result;
}

/** Every `include` but this one asks for data that only OpenAI's own tools make. */
const reasoningInclude = 'reasoning.encrypted_content';

function droppedFields(body: JsonObject, tools: ToolList, items: ItemDecoder): string[] {
  const dropped = Object.keys(body).filter((key) => !known.has(key) && body[key] !== null);
  if (body.store === true) dropped.push('store');
  if (body.truncation === 'auto') dropped.push('truncation');
  if (optionalArray(body, 'include', '')?.some((entry) => entry !== reasoningInclude)) dropped.push('include');
  const verbosity = optionalObject(body, 'text', '')?.verbosity;
  if (verbosity !== undefined && verbosity !== null) dropped.push('text.verbosity');
  for (const type of tools.hosted) dropped.push(`tools.${type}`);
  for (const type of items.skipped) dropped.push(`input.${type}`);
  return droppedNames(dropped);
}
