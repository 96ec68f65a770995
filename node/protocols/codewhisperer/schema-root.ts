import { isJsonObject, type JsonObject } from '../../../kit/json.ts';

/** Combinations that the model behind the service refuses at the root of a schema. */
const combinations = ['allOf', 'anyOf', 'oneOf'] as const;

/**
 * A schema without combinations at its root: their properties become its own, so that a call can still name them all;
 * what every branch demands stays demanded.
 */
export function plainRoot(schema: JsonObject): JsonObject {
  if (!combinations.some((key) => key in schema)) return schema;
  const { allOf, anyOf, oneOf, ...root } = schema;
  const all = branchesOf(allOf).map(plainRoot);
  const choices = [branchesOf(anyOf), branchesOf(oneOf)].map((branches) => branches.map(plainRoot));
  const branches = [...all, ...choices.flat()];
  const properties: JsonObject = {};
  for (const branch of [...branches, root]) Object.assign(properties, propertiesOf(branch));
  const required = [root, ...all].flatMap(requiredOf).concat(...choices.map(requiredByEach));
  return { ...root, properties, required: [...new Set(required)] };
}

function branchesOf(value: JsonObject[string]): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['properties']) ? schema['properties'] : {};
}

function requiredOf(schema: JsonObject): string[] {
  const required = schema['required'];
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

function requiredByEach(branches: readonly JsonObject[]): string[] {
  const [first, ...others] = branches.map(requiredOf);
  return (first ?? []).filter((name) => others.every((required) => required.includes(name)));
}
