import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { InliningAllowance } from '../tool-schema/inlining-allowance.ts';

/** Definitions that may be written out in one schema; past it a reference says nothing. Real schemas have a few dozen. */
const inlinedMax = 2_000;

/** Writes out the references of one schema (`#/$defs/…`, `#/definitions/…`, `#/properties/…`). */
export class SchemaReferences {
  readonly #root: JsonObject;
  readonly #allowance: InliningAllowance;
  #left = inlinedMax;

  constructor(root: JsonObject, allowance: InliningAllowance) {
    this.#root = root;
    this.#allowance = allowance;
  }

  /**
   * What a reference means, with the words that stand beside it laid over; undefined where it leads nowhere, out of
   * the schema, or back to one of `open`, the references that are being written out.
   */
  resolve(schema: JsonObject, open: readonly string[]): JsonObject | undefined {
    const pointer = schema['$ref'];
    if (typeof pointer !== 'string' || open.includes(pointer) || this.#left <= 0) return undefined;
    const found = this.#at(pointer);
    if (!isJsonObject(found) || !this.#allowance.take(found)) return undefined;
    this.#left--;
    const { $ref: _reference, ...beside } = schema;
    return { ...found, ...beside };
  }

  #at(pointer: string): Json | undefined {
    if (pointer === '#') return this.#root;
    if (!pointer.startsWith('#/')) return undefined;
    let value: Json | undefined = this.#root;
    for (const step of pointer.slice(2).split('/')) {
      if (!isJsonObject(value) && !Array.isArray(value)) return undefined;
      const key = unescaped(step);
      value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
    }
    return value;
  }
}

function unescaped(step: string): string {
  return decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A percent sign that escapes nothing is part of the name.
    return step;
  }
}
