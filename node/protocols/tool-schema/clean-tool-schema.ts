import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { InliningAllowance } from './inlining-allowance.ts';
import { flattenBranches, mergeAll } from './schema-branches.ts';
import { SchemaReferences } from './schema-references.ts';

/** Keywords that the backends refuse or do not read. Names of properties are never compared with these. */
const removed: ReadonlySet<string> = new Set([
  '$ref',
  '$defs',
  'definitions',
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$dynamicRef',
  '$dynamicAnchor',
  'title',
  'examples',
  'nullable',
  'additionalProperties',
  'unevaluatedProperties',
  'patternProperties',
  'propertyNames',
  'dependentSchemas',
  'dependentRequired',
  'if',
  'then',
  'else',
  'not',
  'contains',
  'prefixItems',
  'allOf',
  'anyOf',
  'oneOf',
]);

/** What Gemini takes as `format`. */
const geminiFormats: ReadonlySet<string> = new Set(['enum', 'date-time', 'int32', 'int64', 'float', 'double']);

/** Keywords of Gemini's Schema (https://ai.google.dev/api/caching#Schema); any other is refused with the whole request. */
const geminiKeywords: ReadonlySet<string> = new Set([
  'type', 'format', 'description', 'enum', 'items', 'minItems', 'maxItems', 'properties', 'required', 'minProperties',
  'maxProperties', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'propertyOrdering',
]); // prettier-ignore

export interface SchemaTraits {
  /** Gemini: no exclusive bounds, enumerations of strings, few formats. */
  readonly isGemini: boolean;
  /** One for all tools of a request; absent: the schema is alone. */
  readonly allowance?: InliningAllowance;
}

/**
 * A tool's parameters as strict backends (Gemini, OCI's) take them: references in place, one type each, no alternatives, items for
 * every array, nothing required that is not there. What is lost stands in a description. The input is left as it is.
 */
export function cleanToolSchema(schema: JsonObject, traits: SchemaTraits): JsonObject {
  const cleaner = new SchemaCleaner(schema, traits);
  // What only texts, numbers or lists have would contradict the object that the root has to be.
  const { enum: _enum, items: _items, format: _format, pattern: _pattern, ...cleaned } = cleaner.clean(schema);
  return { ...cleaned, type: 'object', properties: isJsonObject(cleaned['properties']) ? cleaned['properties'] : {} };
}

/** Schemas inside the one of a tool: many times what any tool has, and still cheap. */
const schemasMax = 2000;

/** Of them, those that references bring in. What is left out becomes an object of any kind. */
const inlinedMax = 500;

class SchemaCleaner {
  readonly #references: SchemaReferences;
  readonly #traits: SchemaTraits;
  /** Those that are being cleaned: one that comes again inside of itself is recursive. */
  readonly #open = new Set<JsonObject>();
  #count = 0;

  constructor(root: JsonObject, traits: SchemaTraits) {
    this.#references = new SchemaReferences(root, traits.allowance ?? new InliningAllowance(), inlinedMax);
    this.#traits = traits;
  }

  clean(schema: JsonObject): JsonObject {
    if (this.#open.has(schema) || ++this.#count > schemasMax) return { type: 'object' };
    this.#open.add(schema);
    const cleaned = this.#cleanFlat(this.#flat(schema, []));
    this.#open.delete(schema);
    return cleaned;
  }

  #cleanFlat(flat: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const [keyword, value] of Object.entries(flat)) {
      if (value === undefined || removed.has(keyword) || (keyword === 'default' && value === null)) continue;
      result[keyword] = value;
    }
    this.#type(result, flat);
    this.#properties(result);
    this.#items(result, flat);
    if (this.#traits.isGemini) forGemini(result);
    return result;
  }

  /** Without references and alternatives at its own level. `path`: references on the way here. */
  #flat(schema: JsonObject, path: readonly string[]): JsonObject {
    const { whole, path: within } = this.#resolved(schema, path);
    return flattenBranches(this.#withoutAllOf(whole, within), (branch) => this.#flat(branch, within));
  }

  /** Members beside a reference outweigh those of its target. */
  #resolved(schema: JsonObject, path: readonly string[]): { whole: JsonObject; path: readonly string[] } {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return { whole: schema, path };
    const { $ref: _, ...beside } = schema;
    const target = this.#references.target(reference, path);
    if (target === undefined) return { whole: { type: 'object', ...beside }, path };
    const deeper = [...path, reference];
    const resolved = this.#resolved(target, deeper);
    return { whole: { ...resolved.whole, ...beside }, path: resolved.path };
  }

  #withoutAllOf(schema: JsonObject, path: readonly string[]): JsonObject {
    const all = schema['allOf'];
    if (!Array.isArray(all)) return schema;
    const { allOf: _, ...rest } = schema;
    return mergeAll([...all.filter(isJsonObject).map((each) => this.#flat(each, path)), rest]);
  }

  #type(result: JsonObject, flat: JsonObject): void {
    const { type } = flat;
    const named = (Array.isArray(type) ? type : [type]).filter((each) => typeof each === 'string');
    const real = Array.isArray(type) ? named.filter((each) => each !== 'null') : named;
    const chosen = real[0] ?? inferredType(flat);
    if (chosen === undefined) delete result['type'];
    else result['type'] = chosen;
    if (real.length > 1) describe(result, `Also allowed: ${real.slice(1).join(', ')}.`);
    if ('const' in result) {
      result['enum'] ??= [result['const'] ?? null];
      delete result['const'];
    }
    if (Array.isArray(result['enum'])) result['enum'] = result['enum'].filter((value) => value !== null);
    if (Array.isArray(result['enum']) && result['enum'].length === 0) delete result['enum'];
    if (isJsonObject(flat['additionalProperties'])) {
      describe(result, `Values of any key: ${JSON.stringify(flat['additionalProperties'])}`);
    }
  }

  /** A property that may be null is left out instead, so it is not required. */
  #properties(result: JsonObject): void {
    const from = result['properties'];
    if (!isJsonObject(from)) {
      delete result['required'];
      delete result['properties'];
      return;
    }
    const entries = Object.entries(from).filter(([, value]) => value !== undefined && value !== false);
    const cleaned = entries.map(([name, value]) => [name, this.clean(isJsonObject(value) ? value : {})] as const);
    result['properties'] = Object.fromEntries(cleaned);
    const kept = new Set(entries.filter(([, value]) => !allowsNull(value)).map(([name]) => name));
    const required = Array.isArray(result['required']) ? result['required'] : [];
    result['required'] = required.filter((name) => typeof name === 'string' && kept.has(name));
    if (result['required'].length === 0) delete result['required'];
  }

  #items(result: JsonObject, flat: JsonObject): void {
    if (result['type'] !== 'array') {
      delete result['items'];
      return;
    }
    const { items, prefixItems } = flat;
    const tuple = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : undefined;
    const one = tuple === undefined ? items : { anyOf: tuple };
    const cleaned = this.clean(isJsonObject(one) ? one : {});
    result['items'] = Object.keys(cleaned).length === 0 ? { type: 'string' } : cleaned;
  }
}

function inferredType(schema: JsonObject): string | undefined {
  if (schema['properties'] !== undefined) return 'object';
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  const sample = values.find((value) => value !== null && value !== undefined);
  if (sample === undefined || isJsonObject(sample) || Array.isArray(sample)) return undefined;
  return typeof sample;
}

/** Told by the outermost words alone: a reference to something that may be null is taken as it is. */
function allowsNull(schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  const { type, anyOf, oneOf } = schema;
  if (schema['nullable'] === true || type === 'null' || (Array.isArray(type) && type.includes('null'))) return true;
  return [anyOf, oneOf].some((branches) => Array.isArray(branches) && branches.some((branch) => allowsNull(branch)));
}

function describe(schema: JsonObject, note: string): void {
  const said = schema['description'];
  schema['description'] = typeof said === 'string' && said !== '' ? `${said} ${note}` : note;
}

/** Keywords that a model had better know of, although the backend does not take them. */
const told: ReadonlySet<string> = new Set(['default', 'multipleOf', 'uniqueItems', 'deprecated', 'example']);

function forGemini(schema: JsonObject): void {
  for (const [exclusive, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const bound = schema[exclusive];
    delete schema[exclusive];
    if (typeof bound === 'number') schema[inclusive] ??= bound;
  }
  const { enum: values, format } = schema;
  if (Array.isArray(values)) {
    schema['enum'] = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    schema['type'] = 'string';
  }
  if (typeof format === 'string' && !geminiFormats.has(format)) delete schema['format'];
  // Without a type it would be refused, and no other type takes what any may be.
  schema['type'] ??= 'string';
  for (const keyword of Object.keys(schema)) {
    if (geminiKeywords.has(keyword)) continue;
    if (told.has(keyword)) describe(schema, `${keyword}: ${JSON.stringify(schema[keyword])}.`);
    delete schema[keyword];
  }
}
