import type { Json, JsonObject } from '../../../kit/json.ts';
import type { Conversation, OutputFormat, Thinking } from '../../conversation/contract.ts';
import {
  badField,
  join,
  optionalArray,
  optionalNumber,
  optionalObject,
  optionalOneOf,
  optionalString,
} from '../fields.ts';
import { unsupported } from './decode-media.ts';
import { camelOf, keyOf, member } from './names.ts';
import { jsonSchemaOf } from './schema.ts';

const known: ReadonlySet<string> = new Set([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'candidateCount',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  '_responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
]);

/** Reads `generationConfig` into the conversation (https://ai.google.dev/api/generate-content#generationconfig). */
export function readGenerationConfig(body: JsonObject, conversation: Conversation): void {
  const path = keyOf(body, 'generationConfig');
  const config = optionalObject(body, path, '');
  if (config === undefined) return;
  refuseSeveral(config, path);
  refuseOtherMedia(config, path);
  readNumbers(config, path, conversation);
  conversation.stop = stopSequences(config, path);
  const thinking = readThinking(config, path);
  if (thinking !== undefined) conversation.thinking = thinking;
  const format = readFormat(config, path);
  if (format !== undefined) conversation.outputFormat = format;
  for (const key of Object.keys(config)) {
    if (!known.has(key.startsWith('_') ? key : camelOf(key)) && config[key] !== null)
      conversation.dropped.push(join(path, key));
  }
}

function refuseSeveral(config: JsonObject, path: string): void {
  const key = keyOf(config, 'candidateCount');
  const count = optionalNumber(config, key, path, { min: 1, integer: true });
  if (count !== undefined && count > 1) throw unsupported(join(path, key), 'only one candidate can be had');
}

function refuseOtherMedia(config: JsonObject, path: string): void {
  const key = keyOf(config, 'responseModalities');
  const wanted = (optionalArray(config, key, path) ?? []).map((entry) => String(entry).toUpperCase());
  if (wanted.length === 0 || wanted.includes('TEXT')) return;
  throw unsupported(join(path, key), 'answers without text cannot be had');
}

function readNumbers(config: JsonObject, path: string, conversation: Conversation): void {
  const read = (camel: string, bounds: { min?: number; max?: number; integer?: boolean }): number | undefined =>
    optionalNumber(config, keyOf(config, camel), path, bounds);
  const maxTokens = read('maxOutputTokens', { min: 1, integer: true });
  if (maxTokens !== undefined) conversation.maxTokens = maxTokens;
  const temperature = read('temperature', { min: 0, max: 2 });
  if (temperature !== undefined) conversation.temperature = temperature;
  const topP = read('topP', { min: 0, max: 1 });
  if (topP !== undefined) conversation.topP = topP;
  // The SDKs type it as a float ("topK": 40.0 is usual); it counts tokens all the same.
  const topK = read('topK', { min: 0 });
  if (topK !== undefined && topK >= 1) conversation.topK = Math.round(topK);
  const seed = read('seed', { integer: true });
  if (seed !== undefined) conversation.seed = seed;
  const presence = read('presencePenalty', { min: -2, max: 2 });
  if (presence !== undefined) conversation.presencePenalty = presence;
  const frequency = read('frequencyPenalty', { min: -2, max: 2 });
  if (frequency !== undefined) conversation.frequencyPenalty = frequency;
}

function stopSequences(config: JsonObject, path: string): string[] {
  const key = keyOf(config, 'stopSequences');
  return (optionalArray(config, key, path) ?? []).flatMap((stop: Json, index) => {
    if (typeof stop !== 'string') throw badField(join(join(path, key), index), 'must be a string', stop);
    return stop === '' ? [] : [stop];
  });
}

const levels = [
  'MINIMAL',
  'LOW',
  'MEDIUM',
  'HIGH',
  'minimal',
  'low',
  'medium',
  'high',
  'THINKING_LEVEL_UNSPECIFIED',
] as const;

/** Budget -1 leaves the amount to the model, 0 is off. Asking to see thoughts asks for thinking. */
function readThinking(config: JsonObject, path: string): Thinking | undefined {
  const key = keyOf(config, 'thinkingConfig');
  const thinking = optionalObject(config, key, path);
  if (thinking === undefined) return undefined;
  const where = join(path, key);
  const budget = optionalNumber(thinking, keyOf(thinking, 'thinkingBudget'), where, { min: -1, integer: true });
  if (budget === 0) return { mode: 'off' };
  if (budget !== undefined && budget > 0) return { mode: 'on', budgetTokens: budget };
  const level = optionalOneOf(thinking, keyOf(thinking, 'thinkingLevel'), where, levels);
  if (level !== undefined && level !== 'THINKING_LEVEL_UNSPECIFIED') {
    return { mode: 'on', effort: level.toLowerCase() as 'minimal' | 'low' | 'medium' | 'high' };
  }
  return budget === -1 || member(thinking, 'includeThoughts') === true ? { mode: 'adaptive' } : undefined;
}

function readFormat(config: JsonObject, path: string): OutputFormat | undefined {
  const key = keyOf(config, 'responseMimeType');
  const type = optionalString(config, key, path);
  if (type === undefined || type === '') return undefined;
  if (type === 'text/plain') return { type: 'text' };
  if (type !== 'application/json')
    throw unsupported(join(path, key), 'only text/plain and application/json can be had');
  const schema = responseSchema(config, path);
  return schema === undefined ? { type: 'json' } : { type: 'json_schema', schema };
}

function responseSchema(config: JsonObject, path: string): JsonObject | undefined {
  const own = optionalObject(config, keyOf(config, 'responseSchema'), path);
  if (own !== undefined) return jsonSchemaOf(own);
  // The REST name had an underscore in front while it was new.
  return (
    optionalObject(config, keyOf(config, 'responseJsonSchema'), path) ??
    optionalObject(config, '_responseJsonSchema', path)
  );
}
