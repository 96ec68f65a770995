import { Hash64 } from './hash64.ts';

export interface PlainValue {
  /** Made of null, booleans, numbers, strings, bytes, arrays and plain objects; shares nothing with what it was made of. */
  readonly value: unknown;
  /** At most so long once encoded. */
  readonly bytes: number;
}

/** Deeper nesting is refused: none of ours needs it, and recursion must end. */
const depthMax = 16;

/**
 * Copies what every member can hold alike: fields that are undefined are left out, lone surrogates replaced, -0 made 0,
 * since their encoding would do so on the way. Undefined for anything that cannot travel (functions, dates, maps, a key
 * `__proto__`, which decoders refuse) or is longer than `bytesMax`. The copy also lets go of the frame it came in.
 */
export function plainCopy(value: unknown, bytesMax: number): PlainValue | undefined {
  const copier = new Copier(bytesMax);
  const copy = copier.copy(value, 0);
  return copier.bytes > bytesMax ? undefined : { value: copy, bytes: copier.bytes };
}

class Copier {
  bytes = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  copy(value: unknown, depth: number): unknown {
    if (value === null || value === undefined) return this.#count(1, null);
    if (typeof value === 'boolean') return this.#count(1, value);
    if (typeof value === 'number') return this.#count(9, value === 0 ? 0 : value);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || depth >= depthMax) return this.#refuse();
    if (value instanceof Uint8Array) return this.#fits(value.length + 5) ? new Uint8Array(value) : undefined;
    if (Array.isArray(value)) return this.#fits(value.length + 5) ? this.#array(value, depth) : undefined;
    return isPlainObject(value) ? this.#object(value, depth) : this.#refuse();
  }

  #array(items: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = [];
    for (const item of items) {
      if (this.#isFull) break;
      copy.push(this.copy(item, depth + 1));
    }
    return copy;
  }

  #object(fields: object, depth: number): object {
    const copy: Record<string, unknown> = {};
    this.bytes += 5;
    for (const [name, field] of Object.entries(fields)) {
      if (this.#isFull) break;
      if (field === undefined) continue;
      if (name === '__proto__') this.#refuse();
      else copy[this.#text(name)] = this.copy(field, depth + 1);
    }
    return copy;
  }

  #text(text: string): string {
    if (!this.#fits(text.length + 5)) return '';
    this.bytes += Buffer.byteLength(text) - text.length;
    return text.isWellFormed() ? text : text.toWellFormed();
  }

  #count<T>(bytes: number, value: T): T {
    this.bytes += bytes;
    return value;
  }

  #fits(bytes: number): boolean {
    this.bytes += bytes;
    return !this.#isFull;
  }

  #refuse(): undefined {
    this.bytes = Number.POSITIVE_INFINITY;
  }

  get #isFull(): boolean {
    return this.bytes > this.#bytesMax;
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether two plain values say the same; the order of fields does not count. */
export function isSamePlain(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (left instanceof Uint8Array || Array.isArray(left)) return isSameList(left, right);
  if (right instanceof Uint8Array || Array.isArray(right)) return false;
  const fields = left as Record<string, unknown>;
  const others = right as Record<string, unknown>;
  const names = Object.keys(fields);
  if (names.length !== Object.keys(others).length) return false;
  return names.every((name) => Object.hasOwn(others, name) && isSamePlain(fields[name], others[name]));
}

function isSameList(left: Uint8Array | readonly unknown[], right: object): boolean {
  if (left instanceof Uint8Array !== right instanceof Uint8Array) return false;
  if (!(right instanceof Uint8Array) && !Array.isArray(right)) return false;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!isSamePlain(left[index], right[index])) return false;
  }
  return true;
}

/** Adds a plain value to a hash; equal values of any member add alike. */
export function hashPlain(hash: Hash64, value: unknown): Hash64 {
  if (value === null || value === undefined) return hash.word(1);
  if (typeof value === 'boolean') return hash.word(value ? 2 : 3);
  if (typeof value === 'number') return hash.word(4).number(value);
  if (typeof value === 'string') return hash.word(5).text(value);
  if (value instanceof Uint8Array) return hash.word(6).bytes(value);
  if (Array.isArray(value)) {
    hash.word(7).word(value.length);
    for (const item of value) hashPlain(hash, item);
    return hash;
  }
  const fields = Object.entries(value as object).toSorted(([left], [right]) => (left < right ? -1 : 1));
  hash.word(8).word(fields.length);
  for (const [name, field] of fields) hashPlain(hash.text(name), field);
  return hash;
}
