/** Arguments of tool calls travel as JSON text in the middle form; formats that want an object get it from here. */
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';

/**
 * The object that this text says. Integers beyond 2^53 keep their digits when the result is serialised again. Empty
 * text is `{}`; text that ends too early (a cut stream that a client recorded) has its strings and brackets closed;
 * what is no object even then stands under the key `value`, so that it is never lost and never of the wrong kind.
 */
export function argumentsObject(json: string): JsonObject {
  const text = json.trim();
  if (text === '') return {};
  const value = parseKeepingDigits(text) ?? parseKeepingDigits(closed(text)) ?? text;
  return isJsonObject(value) ? value : { value };
}

/** JSON.rawJSON is in every Node that runs this (22 on), not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => Json };
type Reviver = (this: unknown, key: string, value: Json, context: { source?: string }) => Json;

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
    ? rawJSON(context.source!)
    : value;

export function parseKeepingDigits(text: string): Json | undefined {
  try {
    // The reviver costs; numbers that need it have at least 16 digits.
    return JSON.parse(
      text,
      /\d{16}/.test(text) ? (keepDigits as (key: string, value: Json) => Json) : undefined,
    ) as Json;
  } catch {
    // The caller has a next way for text that is not JSON.
    return undefined;
  }
}

/** The text with whatever string, object or array is still open closed again. */
function closed(text: string): string {
  const closers: string[] = [];
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') closers.push('}');
    else if (character === '[') closers.push(']');
    else if (character === '}' || character === ']') closers.pop();
  }
  const body = inString ? `${text.replace(/\\$/, '')}"` : text.replace(/[,\s]+$/, '');
  const value = /:\s*$/.test(body) ? `${body}null` : body;
  return value + closers.toReversed().join('');
}
