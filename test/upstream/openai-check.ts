import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { checkChatMessages } from './openai-check-messages.ts';
import { checkChatTools } from './openai-check-tools.ts';
import { kindOf, present } from './openai-kind.ts';
import { refuse } from './openai-refuse.ts';

/** Members of the body (SDK 7.55: ChatCompletionCreateParamsBase). */
const members = new Set([
  'messages', 'model', 'audio', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs',
  'max_completion_tokens', 'max_tokens', 'metadata', 'modalities', 'moderation', 'n', 'parallel_tool_calls',
  'prediction', 'presence_penalty', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention',
  'reasoning_effort', 'response_format', 'safety_identifier', 'seed', 'service_tier', 'stop', 'store', 'stream',
  'stream_options', 'temperature', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'user', 'verbosity',
  'web_search_options',
]); // prettier-ignore

/** Models that refuse `max_tokens` and any temperature but 1. */
export const isReasoningModel = (model: string): boolean => /^(o\d|gpt-5)/.test(model);

export function checkChatBody(body: unknown): JsonObject {
  if (!isJsonObject(body)) return refuse('We could not parse the JSON body of your request.');
  for (const member of Object.keys(body)) {
    if (!members.has(member)) refuse(`Unrecognized request argument supplied: ${member}`);
  }
  if (typeof body.model !== 'string' || body.model === '') refuse('you must provide a model parameter');
  checkBounds(body);
  checkSampling(body, body.model);
  checkStop(body.stop);
  if (present(body.stream_options) && body.stream !== true) {
    refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  checkChatTools(body);
  checkResponseFormat(body.response_format);
  checkChatMessages(body);
  return body;
}

function checkBounds(body: JsonObject): void {
  const model = String(body.model);
  if (present(body.max_tokens) && present(body.max_completion_tokens)) {
    refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
  }
  if (present(body.max_tokens) && isReasoningModel(model)) {
    refuse(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    );
  }
  for (const member of ['max_tokens', 'max_completion_tokens']) {
    const value = body[member];
    if (!present(value)) continue;
    if (typeof value !== 'number' || !Number.isInteger(value))
      refuse(
        `Invalid type for '${member}': expected an integer, but got ${kindOf(value)} instead.`,
        member,
        'invalid_type',
      );
    if (value < 1)
      refuse(
        `Invalid '${member}': integer below minimum value. Expected a value >= 1, but got ${value} instead.`,
        member,
        'integer_below_min_value',
      );
  }
}

function checkSampling(body: JsonObject, model: string): void {
  const ranges = [
    ['temperature', 0, 2],
    ['top_p', 0, 1],
    ['frequency_penalty', -2, 2],
    ['presence_penalty', -2, 2],
  ] as const;
  for (const [member, min, max] of ranges) {
    const value = body[member];
    if (!present(value)) continue;
    if (typeof value !== 'number')
      refuse(
        `Invalid type for '${member}': expected a decimal, but got ${kindOf(value)} instead.`,
        member,
        'invalid_type',
      );
    if (value < min)
      refuse(
        `Invalid '${member}': decimal below minimum value. Expected a value >= ${min}, but got ${value} instead.`,
        member,
        'decimal_below_min_value',
      );
    if (value > max)
      refuse(
        `Invalid '${member}': decimal above maximum value. Expected a value <= ${max}, but got ${value} instead.`,
        member,
        'decimal_above_max_value',
      );
  }
  if (present(body.temperature) && body.temperature !== 1 && isReasoningModel(model)) {
    refuse(
      `Unsupported value: 'temperature' does not support ${String(body.temperature)} with this model. Only the default (1) value is supported.`,
      'temperature',
      'unsupported_value',
    );
  }
}

function checkStop(stop: Json | undefined): void {
  if (!present(stop) || typeof stop === 'string') return;
  if (!Array.isArray(stop))
    refuse(
      `Invalid type for 'stop': expected one of a string or array of strings, but got ${kindOf(stop)} instead.`,
      'stop',
      'invalid_type',
    );
  if (stop.length > 4)
    refuse(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`,
      'stop',
      'array_above_max_length',
    );
  if (stop.length === 0)
    refuse(
      "Invalid 'stop': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'stop',
      'empty_array',
    );
}

function checkResponseFormat(format: Json | undefined): void {
  if (!present(format)) return;
  if (!isJsonObject(format) || !['text', 'json_object', 'json_schema'].includes(String(format.type))) {
    refuse(
      "Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.",
      'response_format.type',
      'invalid_value',
    );
  }
  if (format.type !== 'json_schema') return;
  if (!isJsonObject(format.json_schema))
    refuse(
      "Missing required parameter: 'response_format.json_schema'.",
      'response_format.json_schema',
      'missing_required_parameter',
    );
  if (typeof format.json_schema.name !== 'string')
    refuse(
      "Missing required parameter: 'response_format.json_schema.name'.",
      'response_format.json_schema.name',
      'missing_required_parameter',
    );
  if (!isJsonObject(format.json_schema.schema))
    refuse(
      "Missing required parameter: 'response_format.json_schema.schema'.",
      'response_format.json_schema.schema',
      'missing_required_parameter',
    );
}
