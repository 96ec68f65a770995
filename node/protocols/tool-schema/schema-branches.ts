import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/**
 * A schema whose alternatives (`anyOf`, `oneOf`) are made one: null goes, objects share their properties, enumerations
 * are joined; of anything else the first is taken and the others stand in the description. `resolve` makes a branch
 * ready (its references, its own branches).
 */
export function flattenBranches(schema: JsonObject, resolve: (branch: JsonObject) => JsonObject): JsonObject {
  const { anyOf, oneOf, ...rest } = schema;
  const branches = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list.filter(isJsonObject) : []));
  const real = branches.map(resolve).filter((branch) => branch['type'] !== 'null');
  if (real.length === 0) return rest;
  return mergeAll([alternative(real), rest]);
}

function alternative(branches: readonly JsonObject[]): JsonObject {
  const [first, ...others] = branches;
  if (first === undefined || others.length === 0) return first ?? {};
  if (branches.every(isAboutProperties)) return anyObject(branches);
  const values = branches.map(valuesOf);
  if (values.every((list) => list !== undefined)) return { ...withoutValues(first), enum: unique(values.flat()) };
  return { ...first, description: joined(first['description'], note(others)) };
}

/** Alternatives within alternatives would be quoted within quotes, each level twice as long. */
const noteLengthMax = 4_000;

function note(others: readonly JsonObject[]): string {
  const text = `Alternatives: ${JSON.stringify(others)}`;
  return text.length <= noteLengthMax ? text : `${text.slice(0, noteLengthMax).toWellFormed()} …`;
}

function isAboutProperties(schema: JsonObject): boolean {
  return isJsonObject(schema['properties']) || Array.isArray(schema['required']);
}

/** Only what every alternative requires is required; a property that tells them apart has the values of all. */
function anyObject(branches: readonly JsonObject[]): JsonObject {
  const merged = mergeAll(branches);
  const lists = branches.map((branch) => namesIn(branch['required']));
  const properties: JsonObject = {};
  for (const branch of branches) {
    for (const [name, schema] of Object.entries(isJsonObject(branch['properties']) ? branch['properties'] : {})) {
      const before = Object.hasOwn(properties, name) ? properties[name] : undefined;
      properties[name] = isJsonObject(before) && isJsonObject(schema) ? either(before, schema) : schema;
    }
  }
  return {
    ...merged,
    type: 'object',
    properties,
    required: (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name))),
  };
}

function either(one: JsonObject, other: JsonObject): JsonObject {
  const values = [valuesOf(one), valuesOf(other)];
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (values.every((list) => list !== undefined)) return { ...withoutValues(one), enum: unique(values.flat()) };
  return { anyOf: [one, other] };
}

/** All of these schemas at once; of what cannot be both the later one counts. */
export function mergeAll(schemas: readonly JsonObject[]): JsonObject {
  const merged: JsonObject = {};
  for (const schema of schemas) {
    for (const [keyword, value] of Object.entries(schema)) merged[keyword] = both(keyword, merged[keyword], value);
  }
  return merged;
}

function both(keyword: string, before: Json | undefined, value: Json | undefined): Json | undefined {
  if (before === undefined || value === undefined) return value ?? before;
  if (keyword === 'properties' && isJsonObject(before) && isJsonObject(value)) return { ...before, ...value };
  if (keyword === 'required') return unique([...namesIn(before), ...namesIn(value)]);
  if (keyword === 'description') return joined(value, typeof before === 'string' ? before : '');
  return value;
}

function namesIn(required: Json | undefined): Json[] {
  return Array.isArray(required) ? required : [];
}

function valuesOf(schema: JsonObject): Json[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'];
  const only = schema['const'];
  return only === undefined ? undefined : [only];
}

function withoutValues(schema: JsonObject): JsonObject {
  const rest = { ...schema };
  delete rest['const'];
  delete rest['enum'];
  return rest;
}

function unique(values: readonly Json[]): Json[] {
  return [...new Set(values)];
}

function joined(said: Json | undefined, note: string): string {
  return [typeof said === 'string' ? said : '', note].filter((text) => text !== '').join(' ');
}
