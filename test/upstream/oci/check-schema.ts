import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { backendError, invalid } from './errors.ts';
import { Refusal } from '../refusal.ts';

const branches = ['anyOf', 'oneOf', '$ref', '$defs', 'definitions'];
const exclusive = ['exclusiveMinimum', 'exclusiveMaximum'];

/** What the backends refuse in the JSON Schema of a tool. A property may be called anything. */
export function checkSchema(schema: JsonObject, model: string, path: string): void {
  for (const key of branches) if (key in schema) invalid(`${path}: ${key} is not supported`);
  if (Array.isArray(schema['type'])) invalid(`${path}.type: a list of types is not supported`);
  if (schema['type'] === 'array' && !isJsonObject(schema['items'])) invalid(`${path}: an array needs items`);
  if ('default' in schema && schema['default'] === null) invalid(`${path}.default: null`);
  if (model.startsWith('google.')) {
    const key = exclusive.find((each) => each in schema);
    if (key !== undefined) throw new Refusal(backendError(`Unknown name "${key}" at ${path}`, 'INVALID_ARGUMENT'));
  }
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  checkRequired(schema['required'], properties, path);
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) invalid(`${path}.${name}: not a schema`);
    checkSchema(property, model, `${path}.${name}`);
  }
  if (isJsonObject(schema['items'])) checkSchema(schema['items'], model, `${path}[]`);
}

function checkRequired(required: Json | undefined, properties: JsonObject, path: string): void {
  if (!Array.isArray(required)) return;
  const unknown = required.find((name) => typeof name !== 'string' || !Object.hasOwn(properties, name));
  if (unknown !== undefined) invalid(`${path}.required: ${String(unknown)} is no property`);
}
