import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';
import type { Tool } from '../../../conversation/contract.ts';
import { cohereToolName } from './tool-names.ts';
import { cleanToolSchema, type SchemaTraits } from '../../../protocols/tool-schema/clean-tool-schema.ts';

/** Python's names of JSON's types. Lower case: a bare `List` has made the service fail. */
const pythonTypes: ReadonlyMap<Json | undefined, string> = new Map<Json | undefined, string>([
  ['string', 'str'],
  ['integer', 'int'],
  ['number', 'float'],
  ['boolean', 'bool'],
  ['array', 'list'],
  ['object', 'dict'],
]);

/** A tool in Cohere's first format, which knows a flat list of parameters. */
export function cohereTool({ name, description, schema }: Tool, traits: SchemaTraits): JsonObject {
  const { properties, required } = cleanToolSchema(schema, traits);
  const needed = Array.isArray(required) ? required : [];
  const entries = Object.entries(isJsonObject(properties) ? properties : {});
  const definitions = entries.map(([key, value]) => [
    key,
    parameter(isJsonObject(value) ? value : {}, needed.includes(key)),
  ]);
  const tool: JsonObject = { name: cohereToolName(name), description: description ?? name };
  if (definitions.length > 0) tool['parameterDefinitions'] = Object.fromEntries(definitions) as JsonObject;
  return tool;
}

/** What the definition has no field for (items, members, values, bounds) stands in the description as JSON Schema. */
function parameter({ type, description, ...rest }: JsonObject, isRequired: boolean): JsonObject {
  const isPlainList = type === 'array' && JSON.stringify(rest) === '{"items":{"type":"string"}}';
  const schema = Object.keys(rest).length === 0 || isPlainList ? '' : `JSON Schema: ${JSON.stringify(rest)}`;
  const said = typeof description === 'string' ? description : '';
  const definition: JsonObject = { type: pythonTypes.get(type) ?? 'str', isRequired };
  const text = [said, schema].filter((each) => each !== '').join(' ');
  if (text !== '') definition['description'] = text;
  return definition;
}
