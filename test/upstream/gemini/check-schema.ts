import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { refuse } from './errors.ts';
import { listOf, objectOf, textOf } from './shape.ts';

/** Keywords of Google's Schema that both forms of a declaration take. */
const keywords = [
  'type', 'format', 'description', 'nullable', 'enum', 'items', 'minItems', 'maxItems', 'properties', 'required',
  'propertyOrdering', 'minProperties', 'maxProperties', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern',
  'anyOf', 'default',
]; // prettier-ignore
/** `parametersJsonSchema` takes more; of that, what clients send without being asked. */
const jsonKeywords = [...keywords, 'additionalProperties'];
const types = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
const formats = new Set(['enum', 'date-time', 'int32', 'int64', 'float', 'double']);

/** A tool's schema or an answer's: everything that Google does not know is refused, wherever it stands. */
export function checkSchema(value: Json | undefined, path: string, isJsonSchema = false): void {
  const schema = objectOf(value, path, isJsonSchema ? jsonKeywords : keywords);
  checkType(schema, path);
  if (schema.format !== undefined && !formats.has(textOf(schema.format, `${path}.format`)))
    refuse(`Invalid value at '${path}.format': only some formats are supported.`);
  for (const one of listOf(schema.enum, `${path}.enum`)) textOf(one, `${path}.enum`);
  checkMembers(schema, path, isJsonSchema);
  if (schema.items !== undefined) checkSchema(schema.items, `${path}.items`, isJsonSchema);
  for (const branch of listOf(schema.anyOf, `${path}.any_of`)) checkSchema(branch, `${path}.any_of`, isJsonSchema);
}

/** The root of a function's parameters. */
export function checkParameters(value: Json | undefined, path: string, isJsonSchema: boolean): void {
  checkSchema(value, path, isJsonSchema);
  const isObject =
    isJsonObject(value) && String(value.type).toLowerCase() === 'object' && isJsonObject(value.properties);
  if (!isObject) refuse(`${path}: schema of the parameters must be of type OBJECT with properties.`);
}

function checkType(schema: JsonObject, path: string): void {
  const type = schema.type === undefined ? undefined : textOf(schema.type, `${path}.type`).toLowerCase();
  if (type === undefined && schema.anyOf === undefined) refuse(`${path}.type: must be specified.`);
  if (type !== undefined && !types.has(type)) refuse(`Invalid value at '${path}.type' (TYPE_ENUM), "${type}"`);
  if (type === 'array' && schema.items === undefined) refuse(`${path}.items: missing field.`);
  if (schema.enum !== undefined && type !== 'string') refuse(`${path}.enum: only allowed for STRING type`);
}

function checkMembers(schema: JsonObject, path: string, isJsonSchema: boolean): void {
  const { properties } = schema;
  if (properties !== undefined && !isJsonObject(properties)) refuse(`Invalid value at '${path}.properties'.`);
  const known = isJsonObject(properties) ? properties : {};
  for (const [name, member] of Object.entries(known)) checkSchema(member, `${path}.properties[${name}]`, isJsonSchema);
  for (const name of listOf(schema.required, `${path}.required`)) {
    if (!Object.hasOwn(known, textOf(name, `${path}.required`)))
      refuse(`${path}.required: property is not defined: ${String(name)}`);
  }
}
