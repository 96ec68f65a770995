import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { InliningAllowance } from './inlining-allowance.ts';

/** Schemas that references may bring in, of one tool: far more than any tool has, far less than a bomb makes. */
const inlinedMax = 500;

/**
 * Puts what `$ref` points at in its place. A reference into itself, to nothing, or one too many becomes an object of
 * any kind, since the definitions do not travel.
 */
export class SchemaReferences {
  readonly #root: JsonObject;
  readonly #allowance: InliningAllowance;
  #inlined = 0;

  constructor(root: JsonObject, allowance: InliningAllowance) {
    this.#root = root;
    this.#allowance = allowance;
  }

  /** The schema that a reference names, `path` being the references that led here; undefined when it cannot be had. */
  target(reference: string, path: readonly string[]): JsonObject | undefined {
    if (path.includes(reference) || ++this.#inlined > inlinedMax) return undefined;
    if (!reference.startsWith('#')) return undefined;
    let place: Json | undefined = this.#root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      const key = unescaped(step);
      if (Array.isArray(place)) place = place[Number(key)];
      else place = isJsonObject(place) && Object.hasOwn(place, key) ? place[key] : undefined;
    }
    return isJsonObject(place) && this.#allowance.take(place) ? place : undefined;
  }
}

/** A step of a JSON pointer inside a URL fragment (RFC 6901). */
function unescaped(step: string): string {
  const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(key);
  } catch {
    // Not percent-encoded: the step is the key.
    return key;
  }
}
