import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';

/** How deep nested schemas are filled; deeper ones get null. */
const depthMax = 6;

/** A small value that satisfies the schema well enough for a client's validator: the same one every time. */
export function schemaExample(schema: JsonObject, name = 'value', depth = 0): Json {
  if (depth > depthMax) return null;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum[0] !== undefined) return schema.enum[0];
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches) && isJsonObject(branches[0])) return schemaExample(branches[0], name, depth + 1);
  return exampleOfType(typeOf(schema), schema, name, depth);
}

function typeOf(schema: JsonObject): Json | undefined {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  // Gemini writes its types in capitals.
  if (typeof type === 'string') return type.toLowerCase();
  return isJsonObject(schema.properties) ? 'object' : type;
}

function exampleOfType(type: Json | undefined, schema: JsonObject, name: string, depth: number): Json {
  switch (type) {
    case 'object':
      return exampleObject(schema, depth);
    case 'array':
      return isJsonObject(schema.items) ? [schemaExample(schema.items, name, depth + 1)] : [];
    case 'integer':
    case 'number':
      return exampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return `example ${name}`;
  }
}

function exampleObject(schema: JsonObject, depth: number): JsonObject {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : Object.keys(properties);
  const example: JsonObject = {};
  for (const key of required) {
    if (typeof key !== 'string') continue;
    const property = properties[key];
    example[key] = schemaExample(isJsonObject(property) ? property : {}, key, depth + 1);
  }
  return example;
}

/** 7, or the nearest bound. */
function exampleNumber({ minimum, maximum }: JsonObject): number {
  const low = typeof minimum === 'number' ? Math.ceil(minimum) : 7;
  const high = typeof maximum === 'number' ? Math.floor(maximum) : 7;
  return Math.min(Math.max(7, low), Math.max(high, low));
}
