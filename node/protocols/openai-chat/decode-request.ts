import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Conversation, OutputFormat } from '../../conversation/contract.ts';
import { badField, optionalNumber, optionalObject, optionalString, requiredArray, requiredObject } from '../fields.ts';
import { decodeMessages } from './decode-messages.ts';
import { unsupported } from './decode-parts.ts';
import { decodeThinking } from './decode-thinking.ts';
import { decodeTools } from './decode-tools.ts';
import { carriedFields, idleValues, refusedFields } from './schema.ts';

/** Turns a client's Chat Completions request into the middle form. Throws 400 Faults that name the field. */
export function decodeRequest(body: JsonObject, hints: { model: string; stream: boolean }): Conversation {
  const dropped = new Set<string>();
  sortFields(body, dropped);
  refuseAudioAnswers(body);
  const { system, messages } = decodeMessages(requiredArray(body, 'messages', ''), dropped);
  if (messages.length === 0) throw badField('messages', 'must hold at least one message with content');
  const conversation: Conversation = {
    model: hints.model,
    system,
    messages,
    ...decodeTools(body),
    stop: decodeStop(body['stop']),
    stream: hints.stream,
    dropped: [],
  };
  Object.assign(conversation, decodeSampling(body));
  const cacheKey = optionalString(body, 'prompt_cache_key', '');
  if (cacheKey !== undefined) conversation.promptCacheKey = cacheKey;
  const thinking = decodeThinking(body);
  if (thinking !== undefined) conversation.thinking = thinking;
  const outputFormat = decodeOutputFormat(body);
  if (outputFormat !== undefined) conversation.outputFormat = outputFormat;
  conversation.dropped = [...dropped];
  return conversation;
}

/** Reports what has no place here; refuses what the client would miss in the answer. */
function sortFields(body: JsonObject, dropped: Set<string>): void {
  for (const [field, value] of Object.entries(body)) {
    if (carriedFields.has(field) || asksNothing(field, value)) continue;
    const reason = Object.hasOwn(refusedFields, field) ? refusedFields[field] : undefined;
    if (reason !== undefined) throw unsupported(field, reason);
    dropped.add(field);
  }
}

function asksNothing(field: string, value: Json | undefined): boolean {
  // "[undefined]" is what Cherry Studio sends for numbers left empty (CherryHQ/cherry-studio#10466).
  if (value === undefined || value === null || value === '[undefined]') return true;
  if (isJsonObject(value) && Object.keys(value).length === 0) return field !== 'web_search_options';
  return Object.hasOwn(idleValues, field) && (idleValues[field] ?? []).includes(value);
}

function refuseAudioAnswers(body: JsonObject): void {
  const modalities = body['modalities'];
  if (Array.isArray(modalities) && modalities.includes('audio')) {
    throw unsupported('modalities', 'audio answers cannot be carried to this provider');
  }
}

type Sampling = Pick<
  Conversation,
  'maxTokens' | 'temperature' | 'topP' | 'topK' | 'seed' | 'presencePenalty' | 'frequencyPenalty'
>;

/** Bounds as OpenAI documents them. */
function decodeSampling(body: JsonObject): Sampling {
  const count = { min: 1, integer: true };
  const penalty = { min: -2, max: 2 };
  const sampling: Sampling = {};
  const maxTokens =
    optionalNumber(body, 'max_completion_tokens', '', count) ?? optionalNumber(body, 'max_tokens', '', count);
  const values: [keyof Sampling, number | undefined][] = [
    ['maxTokens', maxTokens],
    ['temperature', optionalNumber(body, 'temperature', '', { min: 0, max: 2 })],
    ['topP', optionalNumber(body, 'top_p', '', { min: 0, max: 1 })],
    ['topK', optionalNumber(body, 'top_k', '', { integer: true })],
    ['seed', optionalNumber(body, 'seed', '', { integer: true })],
    ['presencePenalty', optionalNumber(body, 'presence_penalty', '', penalty)],
    ['frequencyPenalty', optionalNumber(body, 'frequency_penalty', '', penalty)],
  ];
  for (const [name, value] of values) if (value !== undefined) sampling[name] = value;
  // vLLM's way to switch it off; every other format wants a positive number.
  if (sampling.topK !== undefined && sampling.topK < 1) delete sampling.topK;
  return sampling;
}

/** A string, a list or null; empty strings would stop everything and are left out. */
function decodeStop(stop: Json | undefined): string[] {
  if (stop === undefined || stop === null || stop === '[undefined]') return [];
  const list = Array.isArray(stop) ? stop : [stop];
  return list.filter((sequence, index): sequence is string => {
    if (typeof sequence !== 'string') throw badField(`stop[${index}]`, 'must be a string', sequence);
    return sequence !== '';
  });
}

function decodeOutputFormat(body: JsonObject): OutputFormat | undefined {
  const format = optionalObject(body, 'response_format', '');
  if (format === undefined) return undefined;
  const type = optionalString(format, 'type', 'response_format') ?? 'text';
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type === 'json_schema') return decodeJsonSchema(requiredObject(format, 'json_schema', 'response_format'));
  throw unsupported('response_format.type', 'must be text, json_object or json_schema');
}

function decodeJsonSchema(from: JsonObject): OutputFormat {
  const path = 'response_format.json_schema';
  const name = optionalString(from, 'name', path);
  const format: OutputFormat = { type: 'json_schema', schema: optionalObject(from, 'schema', path) ?? {} };
  if (name !== undefined) format.name = name;
  if (typeof from['strict'] === 'boolean') format.strict = from['strict'];
  return format;
}
