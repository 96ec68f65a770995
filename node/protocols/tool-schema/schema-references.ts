import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import type { InliningAllowance } from './inlining-allowance.ts';
import { pointedAt } from './json-pointer.ts';

/** Finds what the references of one schema name, to be written out in their place. */
export class SchemaReferences {
  readonly #root: JsonObject;
  readonly #allowance: InliningAllowance;
  #left: number;

  /** `inlinedMax`: schemas that references may bring in; real schemas have a few dozen, a bomb has millions. */
  constructor(root: JsonObject, allowance: InliningAllowance, inlinedMax: number) {
    this.#root = root;
    this.#allowance = allowance;
    this.#left = inlinedMax;
  }

  /**
   * The schema that a reference names, `open` being the references that are being written out here; undefined when it
   * leads nowhere, out of the schema or back to one of those, or is one too many.
   */
  target(reference: string, open: readonly string[]): JsonObject | undefined {
    if (this.#left <= 0 || open.includes(reference)) return undefined;
    const found = pointedAt(this.#root, reference);
    if (!isJsonObject(found) || !this.#allowance.take(found)) return undefined;
    this.#left--;
    return found;
  }
}
