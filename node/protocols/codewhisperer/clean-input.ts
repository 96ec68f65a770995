import type { Json, JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../faults.ts';

/** Deeper than any tool's arguments, and far from what the stack bears. */
const depthMax = 200;

/** In every Node that runs this (22 on), not yet in TypeScript's library. */
const { isRawJSON } = JSON as unknown as { isRawJSON: (value: unknown) => boolean };

/** A call's input without what the service refuses: empty keys, and halves of characters. Throws `invalid_request`. */
export function cleanInput(input: JsonObject): JsonObject {
  return cleanObject(input, 0);
}

function clean(value: Json, depth: number): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return value;
  if (depth > depthMax) {
    throw protocolFaults.invalid_request('messages: the input of a tool call is nested too deeply', {
      field: 'messages',
    });
  }
  return Array.isArray(value) ? value.map((item) => clean(item, depth + 1)) : cleanObject(value, depth + 1);
}

function cleanObject(object: JsonObject, depth: number): JsonObject {
  const entries = Object.entries(object).filter(([key, value]) => key !== '' && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key.toWellFormed(), clean(value!, depth)]));
}
