import type { Json } from '../../../kit/json.ts';

/** Characters that references may bring into all tools of one request: more than any model's window holds. */
const lengthMax = 4 * 1024 * 1024;

/** For the tools of one request. */
export function openInliningAllowance(): InliningAllowance {
  return new InliningAllowance();
}

/**
 * How much may still be put in the place of references. A definition counts each time that it is written out, so that a
 * small request cannot make a huge one. After the first that does not fit nothing does.
 */
export class InliningAllowance {
  #left = lengthMax;

  /** Whether this may be written out once more; takes its length away. */
  take(definition: Json): boolean {
    this.#count(definition);
    return this.#left > 0;
  }

  /** About the length of the JSON text; stops as soon as it is too long. */
  #count(value: Json | undefined): void {
    this.#left -= typeof value === 'string' ? value.length + 2 : 2;
    if (typeof value !== 'object' || value === null) return;
    const isList = Array.isArray(value);
    for (const [key, member] of Object.entries(value) as [string, Json | undefined][]) {
      if (this.#left <= 0) return;
      if (!isList) this.#left -= key.length + 2;
      this.#count(member);
    }
  }
}
