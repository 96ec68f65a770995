import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/** Snake forms of the camel names asked for; as many as this folder has literals. */
const snakeNames = new Map<string, string>();

function snakeOf(camel: string): string {
  const known = snakeNames.get(camel);
  if (known !== undefined) return known;
  const snake = camel.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  snakeNames.set(camel, snake);
  return snake;
}

/**
 * The key under which a member stands: Google takes every field in camel and in snake case
 * (https://protobuf.dev/programming-guides/json). The camel form when neither is there.
 */
export function keyOf(from: JsonObject, camel: string): string {
  if (camel in from) return camel;
  const snake = snakeOf(camel);
  return snake in from ? snake : camel;
}

export function member(from: JsonObject, camel: string): Json | undefined {
  return from[keyOf(from, camel)];
}

export function objectMember(from: JsonObject, camel: string): JsonObject | undefined {
  const value = member(from, camel);
  return isJsonObject(value) ? value : undefined;
}

/** `some_name` and `someName` as the camel form. */
export function camelOf(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
