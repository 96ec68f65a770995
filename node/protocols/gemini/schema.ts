import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { camelOf } from './names.ts';

/** Bounds that Google's `Schema` writes as strings, since they are int64 (https://ai.google.dev/api/caching#Schema). */
const integerBounds: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);
/** Members that JSON Schema does not have or that are read elsewhere. */
const left: ReadonlySet<string> = new Set(['type', 'nullable', 'propertyOrdering', 'example']);

/**
 * Google's `Schema` (upper-case type names, `nullable`) as JSON Schema. What is JSON Schema already stays as it is.
 * Bodies are nested no deeper than the request scan allows, which bounds the recursion.
 */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const result: JsonObject = {};
  const type = typeOf(schema);
  if (type !== undefined) result.type = type;
  for (const [written, value] of Object.entries(schema)) {
    const key = camelOf(written);
    if (left.has(key) || value === undefined || value === null) continue;
    result[key.startsWith('$') ? written : key] = converted(key, value);
  }
  if (schema.nullable === true && Array.isArray(result.enum)) result.enum = [...result.enum, null];
  return result;
}

function converted(key: string, value: Json): Json {
  if (integerBounds.has(key)) return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (key === 'properties' || key === '$defs' || key === 'definitions')
    return isJsonObject(value) ? eachMember(value) : value;
  if (key === 'anyOf' || key === 'oneOf' || key === 'allOf' || key === 'prefixItems') {
    return Array.isArray(value) ? value.map(schemaIn) : value;
  }
  return key === 'items' || key === 'additionalProperties' ? schemaIn(value) : value;
}

/** Names of properties are the client's own and are never rewritten. */
function eachMember(properties: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) result[name] = schemaIn(value);
  }
  return result;
}

function schemaIn(value: Json): Json {
  return isJsonObject(value) ? jsonSchemaOf(value) : value;
}

function typeOf(schema: JsonObject): Json | undefined {
  const { type, nullable } = schema;
  const names = (Array.isArray(type) ? type : [type]).filter(
    (name): name is string => typeof name === 'string' && name !== 'TYPE_UNSPECIFIED',
  );
  if (names.length === 0) return undefined;
  const lower = names.map((name) => name.toLowerCase());
  if (nullable === true && !lower.includes('null')) lower.push('null');
  return lower.length === 1 ? lower[0] : lower;
}
