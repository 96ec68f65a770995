import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/** Integers beyond 2^53 would change in a parsed number; this finds the texts in which one may be. */
const longDigits = /\d{16}/;

/** In the language since ES2025 (https://tc39.es/proposal-json-parse-with-source), not in the type library yet. */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: Json, context: { source?: string }) => Json): Json;
  rawJSON(text: string): Json;
}

const withSource = JSON as unknown as JsonWithSource;

/**
 * Arguments of a call as the object that Gemini's `args` must be. Big integers stay as they were written when the
 * object is written again. What a model wrote that is no object is handed on under one name, so that the tool can say
 * what is wrong with it.
 */
export function argumentsObject(argumentsJson: string): JsonObject {
  if (argumentsJson.trim() === '') return {};
  const value = parse(argumentsJson);
  return isJsonObject(value) ? value : { malformed_arguments: argumentsJson.toWellFormed() };
}

function parse(text: string): Json | undefined {
  try {
    return longDigits.test(text) ? withSource.parse(text, keepBigIntegers) : (JSON.parse(text) as Json);
  } catch {
    // Malformed: the caller hands on the text.
    return undefined;
  }
}

function keepBigIntegers(_key: string, value: Json, context: { source?: string }): Json {
  const { source } = context;
  const isChanged =
    typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value);
  return isChanged ? withSource.rawJSON(source) : value;
}
