import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { checkChatMessages } from '../openai-check-messages.ts';
import { checkChatTools } from '../openai-check-tools.ts';
import { refuseBare, refuseQwen } from './errors.ts';
import { checkSystemGate } from './check-gate.ts';

/** Members of both doors; what only OpenAI knows (`store`, `service_tier`, `parallel_tool_calls` …) is not among them. */
const members = new Set([
  'model', 'messages', 'stream', 'stream_options', 'max_tokens', 'temperature', 'top_p', 'top_k', 'stop', 'seed', 'n',
  'presence_penalty', 'frequency_penalty', 'response_format', 'tools', 'tool_choice', 'logprobs', 'top_logprobs',
  'enable_thinking', 'thinking_budget', 'preserve_thinking', 'reasoning_effort', 'vl_high_resolution_images',
]); // prettier-ignore
const portalMembers = new Set(['metadata']);
const keyMembers = new Set(['enable_search', 'search_options', 'enable_code_interpreter']);
const roles = new Set(['system', 'user', 'assistant', 'tool']);

/** Names that a login may use; newer ones are refused although they exist. */
const portalModels = new Set(['coder-model', 'qwen3-coder-plus', 'qwen3-coder-flash']);
const outputTokensMax = 65_536;

export type Door = 'portal' | 'key';

/** Checks a chat body as the portal or Model Studio does. */
export function checkQwenBody(body: unknown, door: Door): JsonObject {
  if (!isJsonObject(body)) return refuseBare();
  const more = door === 'portal' ? portalMembers : keyMembers;
  for (const member of Object.keys(body)) if (!members.has(member) && !more.has(member)) refuseBare();
  checkModel(body, door);
  checkNumbers(body);
  checkThinking(body);
  if (body.stream_options !== undefined && body.stream !== true) refuseBare();
  if (door === 'portal') checkSystemGate(body);
  checkTools(body);
  checkMessages(body);
  return body;
}

function checkModel({ model }: JsonObject, door: Door): void {
  if (typeof model !== 'string' || model === '') refuseBare();
  if (door === 'portal' && !portalModels.has(model)) refuseQwen(`model \`${model}\` is not supported.`);
}

function checkNumbers(body: JsonObject): void {
  const ranges = [
    ['max_tokens', 1, outputTokensMax],
    ['temperature', 0, 2],
    ['top_p', 0, 1],
    ['presence_penalty', -2, 2],
  ] as const;
  for (const [member, min, max] of ranges) {
    const value = body[member];
    if (value === undefined) continue;
    if (typeof value !== 'number' || value < min || value > max)
      refuseQwen(`Range of ${member} should be [${min}, ${max}]`);
  }
  if (body.temperature === 2) refuseQwen('Range of temperature should be [0, 2)');
  if (Array.isArray(body.stop) && body.stop.length === 0) refuseBare();
}

/** An amount and an effort exclude each other; Model Studio's interpreter works while it thinks, and streams. */
function checkThinking(body: JsonObject): void {
  if (body.thinking_budget !== undefined && body.reasoning_effort !== undefined) refuseBare();
  if (typeof body.thinking_budget === 'number' && body.thinking_budget < 1) refuseBare();
  if (body.enable_code_interpreter === true && (body.enable_thinking !== true || body.stream !== true)) {
    refuseQwen('enable_code_interpreter needs enable_thinking and stream.');
  }
}

function checkTools(body: JsonObject): void {
  const { tools } = body;
  if (tools === undefined) return checkChatTools(body);
  if (!Array.isArray(tools)) return refuseBare();
  const marked = tools.filter((tool) => isJsonObject(tool) && tool.cache_control !== undefined);
  if (marked.length > 0 && (marked.length > 1 || marked[0] !== tools.at(-1))) refuseBare();
  // Entries of other kinds than functions are in no source.
  if (tools.some((tool) => !isJsonObject(tool) || tool.type !== 'function')) refuseBare();
  checkChatTools({ ...body, tools: tools.map(unmarked) });
}

/** Roles, then everything that OpenAI checks as well; marks of the prompt cache are Qwen's own. */
function checkMessages(body: JsonObject): void {
  const { messages } = body;
  if (!Array.isArray(messages)) return refuseBare();
  for (const message of messages) if (!isJsonObject(message) || !roles.has(String(message.role))) refuseBare();
  const plain = messages.filter(isJsonObject).map(withoutMarks);
  // The name lets `reasoning_content` through, which Qwen takes back.
  checkChatMessages({ ...body, model: 'qwen', messages: plain });
}

function withoutMarks(message: JsonObject): JsonObject {
  const { content } = message;
  return Array.isArray(content) ? { ...message, content: content.map(unmarked) } : message;
}

function unmarked(value: Json): Json {
  if (!isJsonObject(value) || value.cache_control === undefined) return value;
  const { cache_control: mark, ...rest } = value;
  if (!isJsonObject(mark) || mark.type !== 'ephemeral') refuseBare();
  return rest;
}
