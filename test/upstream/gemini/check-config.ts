import type { JsonObject } from '../../../kit/json.ts';
import { checkSchema } from './check-schema.ts';
import { refuse } from './errors.ts';
import { checkNumber, listOf, objectOf, textOf } from './shape.ts';

const members = [
  'temperature', 'topP', 'topK', 'candidateCount', 'maxOutputTokens', 'stopSequences', 'seed', 'presencePenalty',
  'frequencyPenalty', 'responseMimeType', 'responseSchema', 'responseJsonSchema', 'thinkingConfig', 'mediaResolution',
  'responseModalities',
]; // prettier-ignore

/** `generationConfig`. */
export function checkConfig({ generationConfig }: JsonObject, model: string): JsonObject {
  if (generationConfig === undefined) return {};
  const config = objectOf(generationConfig, 'generation_config', members);
  checkNumber(config.temperature, 'generation_config.temperature', [0, 2]);
  checkNumber(config.topP, 'generation_config.top_p', [0, 1]);
  checkNumber(config.topK, 'generation_config.top_k', [1, 64], true);
  checkNumber(config.candidateCount, 'generation_config.candidate_count', [1, 1], true);
  checkNumber(config.maxOutputTokens, 'generation_config.max_output_tokens', [1, 65_536], true);
  checkNumber(config.seed, 'generation_config.seed', [-(2 ** 31), 2 ** 31 - 1], true);
  const stops = listOf(config.stopSequences, 'generation_config.stop_sequences');
  if (stops.length > 5) refuse('generation_config.stop_sequences: at most 5 stop sequences.');
  for (const stop of stops) if (textOf(stop, 'stop_sequences') === '') refuse('stop_sequences: must not be empty.');
  checkAnswerFormat(config);
  checkThinking(config, model);
  return config;
}

function checkAnswerFormat(config: JsonObject): void {
  const { responseSchema, responseJsonSchema } = config;
  const schema = responseSchema ?? responseJsonSchema;
  if (schema === undefined) return;
  if (config.responseMimeType !== 'application/json') refuse('response_schema needs the mime type application/json.');
  checkSchema(schema, 'generation_config.response_schema', responseSchema === undefined);
}

/** Budget by model: least, most, and whether none at all is possible. */
function budgetOf(model: string): { min: number; max: number } | undefined {
  if (model.includes('2.5-pro')) return { min: 128, max: 32_768 };
  return model.includes('2.5-flash') ? { min: 0, max: 24_576 } : undefined;
}

function levelsOf(model: string): readonly string[] {
  if (!model.includes('gemini-3')) return [];
  const levels = ['low', 'medium', 'high'];
  return model.includes('flash') ? ['minimal', ...levels] : levels;
}

function checkThinking(config: JsonObject, model: string): void {
  if (config.thinkingConfig === undefined) return;
  const { includeThoughts, thinkingBudget, thinkingLevel } = objectOf(config.thinkingConfig, 'thinking_config', [
    'includeThoughts',
    'thinkingBudget',
    'thinkingLevel',
  ]);
  if (includeThoughts !== undefined && typeof includeThoughts !== 'boolean')
    refuse('Invalid value at include_thoughts.');
  if (thinkingBudget !== undefined && thinkingLevel !== undefined)
    refuse('You can only set only one of thinking budget and thinking level.');
  if (thinkingLevel !== undefined && !levelsOf(model).includes(textOf(thinkingLevel, 'thinking_level').toLowerCase()))
    refuse(`Thinking level ${String(thinkingLevel)} is not supported for this model.`);
  if (thinkingBudget === undefined) return;
  const bounds = budgetOf(model);
  if (bounds === undefined) return refuse('Thinking budget is not supported for this model.');
  const isGood =
    thinkingBudget === -1 ||
    (Number.isInteger(thinkingBudget) && Number(thinkingBudget) >= bounds.min && Number(thinkingBudget) <= bounds.max);
  if (!isGood)
    refuse(
      `The thinking budget ${String(thinkingBudget)} is invalid. Please choose a value between ${bounds.min} and ${bounds.max}.`,
    );
}
