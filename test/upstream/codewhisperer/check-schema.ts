import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Checks } from './fields.ts';

/** Words that hold one schema, a list of them, or named ones. */
const one = ['items', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'];
const several = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const named = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

/**
 * The input schema of a tool: an object, nothing null, no empty `required`, no `additionalProperties`, no `$schema`
 * (where projects disagree about what is refused, the strictest of them is believed).
 */
export function checkSchema(schema: Json | undefined, path: string, checks: Checks): void {
  if (!isJsonObject(schema)) return checks.improper(`${path}: is no object`);
  if (schema['type'] !== 'object') checks.improper(`${path}.type: is not "object"`);
  checkNode(schema, path, checks);
}

function checkNode(schema: JsonObject, path: string, checks: Checks): void {
  for (const word of ['$schema', 'additionalProperties'])
    if (word in schema) checks.improper(`${path}.${word}: is not taken`);
  const empty = Object.keys(schema).find((word) => schema[word] === null && word !== 'default' && word !== 'const');
  if (empty !== undefined) checks.improper(`${path}.${empty}: is null`);
  checkRequired(schema['required'], path, checks);
  for (const { at, node } of nodesOf(schema)) {
    if (isJsonObject(node)) checkNode(node, `${path}.${at}`, checks);
    else if (typeof node !== 'boolean') checks.improper(`${path}.${at}: is no schema`);
  }
}

function checkRequired(required: Json | undefined, path: string, checks: Checks): void {
  if (required === undefined) return;
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string'))
    checks.improper(`${path}.required: is no list of names`);
  else if (required.length === 0) checks.improper(`${path}.required: is empty`);
}

function nodesOf(schema: JsonObject): { at: string; node: Json | undefined }[] {
  const single = one.filter((word) => word in schema).map((word) => ({ at: word, node: schema[word] }));
  const lists = several.flatMap((word) => {
    const list = schema[word];
    return Array.isArray(list) ? list.map((node, index) => ({ at: `${word}[${index}]`, node })) : [];
  });
  const maps = named.flatMap((word) => {
    const map = schema[word];
    return isJsonObject(map) ? Object.entries(map).map(([name, node]) => ({ at: `${word}.${name}`, node })) : [];
  });
  return [...single.filter(({ node }) => !Array.isArray(node)), ...lists, ...maps];
}
