import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { checkFunction } from './openai-check-tools.ts';
import { refuse } from './openai-refuse.ts';

/** Members of the body (SDK 7.55: ResponseCreateParamsBase). */
const members = new Set([
  'access_programs', 'background', 'context_management', 'conversation', 'image', 'include', 'input', 'instructions',
  'max_output_tokens', 'max_tool_calls', 'metadata', 'model', 'moderation', 'parallel_tool_calls',
  'previous_response_id', 'prompt', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'reasoning',
  'safety_identifier', 'service_tier', 'store', 'stream', 'stream_options', 'temperature', 'text', 'tool_choice',
  'tools', 'top_logprobs', 'top_p', 'truncation', 'user',
]); // prettier-ignore

export function checkResponsesBody(body: unknown): JsonObject {
  if (!isJsonObject(body)) return refuse('We could not parse the JSON body of your request.');
  for (const member of Object.keys(body)) {
    if (!members.has(member)) refuse(`Unknown parameter: '${member}'.`, member, 'unknown_parameter');
  }
  if (typeof body.model !== 'string')
    refuse("Missing required parameter: 'model'.", 'model', 'missing_required_parameter');
  const { max_output_tokens: maxTokens, tools } = body;
  if (typeof maxTokens === 'number' && maxTokens < 16) {
    refuse(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${maxTokens} instead.`,
      'max_output_tokens',
      'integer_below_min_value',
    );
  }
  for (const [index, tool] of (Array.isArray(tools) ? tools : []).entries()) {
    // Here a function's name and schema stand in the tool itself.
    if (isJsonObject(tool) && tool.type === 'function')
      checkFunction(tool, `tools[${index}]`, ['type', 'allowed_callers', 'async', 'defer_loading', 'output_schema']);
  }
  checkInput(body.input, body);
  return body;
}

function checkInput(input: Json | undefined, body: JsonObject): void {
  if (typeof input === 'string') return;
  if (input === undefined) {
    if (body.previous_response_id !== undefined || body.prompt !== undefined || body.conversation !== undefined) return;
    refuse("Missing required parameter: 'input'.", 'input', 'missing_required_parameter');
  }
  if (!Array.isArray(input))
    refuse("Invalid type for 'input': expected one of a string or array of input items.", 'input', 'invalid_type');
  const calls = new Set<string>();
  const open = new Set<string>();
  for (const [index, item] of input.entries()) checkItem(item, index, calls, open);
  const [unanswered] = open;
  if (unanswered !== undefined) refuse(`No tool output found for function call ${unanswered}.`, 'input');
}

function checkItem(item: Json, index: number, calls: Set<string>, open: Set<string>): void {
  const path = `input[${index}]`;
  if (!isJsonObject(item)) return refuse(`Invalid type for '${path}': expected an input item.`, path, 'invalid_type');
  if (item.type === 'function_call') {
    if (typeof item.call_id !== 'string')
      return refuse(`Missing required parameter: '${path}.call_id'.`, `${path}.call_id`, 'missing_required_parameter');
    if (typeof item.arguments !== 'string')
      return refuse(
        `Missing required parameter: '${path}.arguments'.`,
        `${path}.arguments`,
        'missing_required_parameter',
      );
    calls.add(item.call_id);
    open.add(item.call_id);
  } else if (item.type === 'function_call_output') {
    const id = String(item.call_id);
    if (!calls.has(id)) refuse(`No tool call found for function call output with call_id ${id}.`, 'input');
    open.delete(id);
  } else if (item.type === undefined || item.type === 'message') {
    checkMessageItem(item, path);
  }
}

function checkMessageItem(item: JsonObject, path: string): void {
  const role = String(item.role);
  if (!['user', 'assistant', 'system', 'developer'].includes(role)) {
    refuse(
      `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      `${path}.role`,
      'invalid_value',
    );
  }
  if (typeof item.content === 'string') return;
  if (!Array.isArray(item.content))
    refuse(`Missing required parameter: '${path}.content'.`, `${path}.content`, 'missing_required_parameter');
  const allowed =
    role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file', 'input_audio'];
  for (const [at, part] of item.content.entries()) {
    const type = isJsonObject(part) ? String(part.type) : '';
    if (!allowed.includes(type)) {
      refuse(
        `Invalid value: '${type}'. Supported values are: ${allowed.map((name) => `'${name}'`).join(', ')}.`,
        `${path}.content[${at}].type`,
        'invalid_value',
      );
    }
  }
}
