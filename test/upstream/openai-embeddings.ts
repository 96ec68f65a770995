import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { countTokens } from './prompt.ts';
import { refuse } from './openai-refuse.ts';

const members = new Set(['input', 'model', 'dimensions', 'encoding_format', 'user']);
/** Vectors are short by default: their meaning is nil, only their identity counts. */
const dimensionsDefault = 16;

/** Answer of `/v1/embeddings`: the same text always has the same vector. `base64` is little-endian float32. */
export function embeddings(body: unknown): JsonObject {
  if (!isJsonObject(body)) return refuse('We could not parse the JSON body of your request.');
  for (const member of Object.keys(body))
    if (!members.has(member)) refuse(`Unrecognized request argument supplied: ${member}`);
  if (typeof body.model !== 'string') refuse('you must provide a model parameter');
  const inputs = inputsOf(body.input);
  const dimensions = typeof body.dimensions === 'number' ? body.dimensions : dimensionsDefault;
  const isBase64 = body.encoding_format === 'base64';
  const data = inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: vector(input, dimensions, isBase64),
  }));
  const tokens = inputs.reduce((sum, input) => sum + countTokens(input), 0);
  return { object: 'list', data, model: body.model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

function inputsOf(input: Json | undefined): string[] {
  if (typeof input === 'string' && input !== '') return [input];
  if (!Array.isArray(input) || input.length === 0)
    return refuse(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  // Tokens: one list of numbers, or a list of such lists.
  if (input.every((item) => typeof item === 'number')) return [input.join(' ')];
  return input.map((item) => (Array.isArray(item) ? item.join(' ') : String(item)));
}

function vector(text: string, dimensions: number, isBase64: boolean): Json {
  const numbers = Float32Array.from({ length: dimensions }, (_, index) => {
    const hash = createHash('sha256').update(`${index}:${text}`).digest();
    return hash.readInt32LE() / 0x8000_0000;
  });
  return isBase64 ? Buffer.from(numbers.buffer).toString('base64') : Array.from(numbers);
}
