import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/** The objects of a list; none for what is no list. */
export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
