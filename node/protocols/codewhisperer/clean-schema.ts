import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { InliningAllowance } from '../tool-schema/inlining-allowance.ts';
import { SchemaReferences } from '../tool-schema/schema-references.ts';
import { plainRoot } from './schema-root.ts';

/** Definitions that may be written out in one schema; past it a reference says nothing. */
const inlinedMax = 2_000;

/** Deeper than schemas of tools are; what is below is not described any more. */
const depthMax = 64;

/** Keywords that are about the document, or that the service or its neighbours refused; definitions are written out. */
const leftOut: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$ref',
  '$defs',
  '__proto__',
  'definitions',
  'additionalProperties',
  'strict',
]);

/** Keywords whose value is a schema, a list of schemas, or an object of schemas by name. */
const holdsSchema: ReadonlySet<string> = new Set(['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames']);
const holdsSchemaList: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']);
const holdsSchemasByName: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/**
 * A tool's schema as the service takes it: an object at the root, references written out, nothing null, no empty
 * `required`, no `additionalProperties`. Values of `enum`, `const`, `default` and names of properties stay as they are.
 * `allowance`: one for all tools of a request.
 */
export function cleanSchema(schema: JsonObject, allowance = new InliningAllowance()): JsonObject {
  const references = new SchemaReferences(schema, allowance, inlinedMax);
  const cleaned = plainRoot(clean(schema, { references, open: [], depth: 0 }));
  const properties = isJsonObject(cleaned['properties']) ? cleaned['properties'] : {};
  const required = requiredOf(cleaned['required'], properties);
  const { required: _required, ...rest } = cleaned;
  return { ...rest, type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

interface Place {
  readonly references: SchemaReferences;
  /** References that are being written out here. */
  readonly open: readonly string[];
  readonly depth: number;
}

function clean(schema: JsonObject, place: Place): JsonObject {
  if (place.depth > depthMax) return {};
  const reference = schema['$ref'];
  const target = typeof reference === 'string' ? place.references.target(reference, place.open) : undefined;
  if (target !== undefined) {
    // Words beside a reference outweigh those of what it names.
    const { $ref: _reference, ...beside } = schema;
    const open = [...place.open, String(reference)];
    return clean({ ...target, ...beside }, { ...place, open, depth: place.depth + 1 });
  }
  const cleaned: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (leftOut.has(key) || value === undefined || value === null) continue;
    if (key === 'required') {
      const required = requiredOf(value, undefined);
      if (required.length > 0) cleaned[key] = required;
    } else cleaned[key] = cleanValue(key, value, { ...place, depth: place.depth + 1 });
  }
  return cleaned;
}

function cleanValue(key: string, value: Json, place: Place): Json {
  if (isJsonObject(value)) {
    if (holdsSchema.has(key)) return clean(value, place);
    if (holdsSchemasByName.has(key)) return cleanByName(value, place);
  }
  if (Array.isArray(value) && holdsSchemaList.has(key)) {
    return value.map((item) => (isJsonObject(item) ? clean(item, place) : item));
  }
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/** `true` allows anything, as an empty schema does; what is no schema at all is taken for that. */
function cleanByName(schemas: JsonObject, place: Place): JsonObject {
  const named = Object.entries(schemas).filter(([name]) => name !== '');
  return Object.fromEntries(
    named.map(([name, schema]) => [name.toWellFormed(), isJsonObject(schema) ? clean(schema, place) : {}]),
  );
}

/** Names once each, and those only that are there. */
function requiredOf(value: Json | undefined, properties: JsonObject | undefined): string[] {
  if (!Array.isArray(value)) return [];
  const names = value.filter((name): name is string => typeof name === 'string' && name !== '');
  return [...new Set(names)].filter((name) => properties === undefined || Object.hasOwn(properties, name));
}
