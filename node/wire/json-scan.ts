/**
 * Proves that bytes are well-formed JSON and finds members of the root object, without building a value.
 *
 *   {"model":"m","stream":true, …}      keys the scanner was made for: span and kind of their values
 *            └─┘          └──┘          everything else: checked and skipped
 *
 * Accepts exactly what `JSON.parse(bytes.toString())` accepts, but for nesting deeper than `jsonDepthMax`. Bytes above
 * 0x7f inside strings are not checked, so that invalid UTF-8 is left alone. One scan allocates nothing.
 */
import {
  backslash,
  colon,
  comma,
  endOfLiteral,
  endOfNumber,
  endOfString,
  type JsonKind,
  jsonKind,
  kindOf,
  quote,
  setWideReads,
  skipSpace,
} from './json-tokens.ts';

/** Deeper nesting is refused: no real request comes near, and recursive readers further on must not overflow. */
export const jsonDepthMax = 200;

/** Kinds of the containers that are open at the point of the scan; scans run to their end, so one is enough. */
const openContainers = new Uint8Array(jsonDepthMax);
const inObject = 1;
const inArray = 2;

/**
 * A scanner for one set of keys. Make one per kind of body and keep it: results lie in its own arrays, valid until its
 * next `scan`, so read them at once.
 */
export class JsonScanner {
  readonly #keys: readonly Buffer[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #kinds: Uint8Array;
  /** Kind of the root value. */
  rootKind: JsonKind = jsonKind.absent;
  /** Offset of the root value's first byte. */
  rootStart = 0;
  /** Where a failed scan stopped. */
  errorOffset = -1;
  /** Why a failed scan stopped, for people; '' after success. */
  error = '';

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Buffer.from(key));
    this.#starts = new Int32Array(keys.length);
    this.#ends = new Int32Array(keys.length);
    this.#kinds = new Uint8Array(keys.length);
  }

  /** Kind of the value of the key at this place in the constructor's list; of several equal keys the last one counts. */
  kind(index: number): JsonKind {
    return this.#kinds[index] as JsonKind;
  }

  /** Offset of that value's first byte (a string's quote included); 0 when absent. */
  start(index: number): number {
    return this.#kinds[index] === jsonKind.absent ? 0 : this.#starts[index]!;
  }

  /** Offset just after that value; 0 when absent. */
  end(index: number): number {
    return this.#kinds[index] === jsonKind.absent ? 0 : this.#ends[index]!;
  }

  /** Scans `bytes` from `start` to `end`. True when they are one well-formed JSON value; else see `error`. */
  scan(bytes: Buffer, start = 0, end = bytes.length): boolean {
    for (let index = 0; index < this.#kinds.length; index++) this.#kinds[index] = jsonKind.absent;
    this.rootKind = jsonKind.absent;
    this.errorOffset = -1;
    this.error = '';
    setWideReads(bytes);
    const isWellFormed = this.#walk(bytes, start, end);
    setWideReads(undefined);
    return isWellFormed;
  }

  #walk(bytes: Buffer, start: number, end: number): boolean {
    let pos = skipSpace(bytes, start, end);
    this.rootStart = pos;
    let depth = 0;
    let rootKey = -1;
    let rootValueStart = 0;
    for (;;) {
      // A value begins at `pos`.
      const first = pos < end ? bytes[pos]! : 0;
      const kind = kindOf(first);
      if (depth === 0) this.rootKind = kind;
      if (depth === 1) rootValueStart = pos;
      let closed = true;
      if (kind === jsonKind.string) pos = endOfString(bytes, pos + 1, end);
      else if (kind === jsonKind.number) pos = endOfNumber(bytes, pos, end);
      else if (kind === jsonKind.absent) return this.#fail(bytes, pos, end);
      else if (kind < jsonKind.object) pos = endOfLiteral(bytes, pos, end, kind);
      else {
        if (depth === jsonDepthMax) return this.#failDeep(pos);
        const isObject = kind === jsonKind.object;
        pos = skipSpace(bytes, pos + 1, end);
        if ((pos < end ? bytes[pos]! : 0) === (isObject ? 0x7d : 0x5d)) pos++;
        else {
          openContainers[depth++] = isObject ? inObject : inArray;
          closed = false;
        }
      }
      if (pos < 0) return this.#fail(bytes, ~pos, end);
      // After a value: commas lead to the next one, brackets close containers, each of which is a value again.
      while (closed) {
        if (depth === 1 && rootKey >= 0) this.#note(rootKey, rootValueStart, pos, bytes);
        pos = skipSpace(bytes, pos, end);
        if (depth === 0) return pos === end || this.#fail(bytes, pos, end);
        const next = pos < end ? bytes[pos]! : 0;
        const isObject = openContainers[depth - 1] === inObject;
        if (next === comma) {
          pos = skipSpace(bytes, pos + 1, end);
          closed = false;
        } else if (next === (isObject ? 0x7d : 0x5d)) {
          pos++;
          depth--;
          if (depth === 0) rootKey = -1;
        } else return this.#fail(bytes, pos, end);
      }
      // In an object the key comes before the value.
      if (openContainers[depth - 1] === inObject) {
        if ((pos < end ? bytes[pos]! : 0) !== quote) return this.#fail(bytes, pos, end);
        const keyStart = pos + 1;
        pos = endOfString(bytes, keyStart, end);
        if (pos < 0) return this.#fail(bytes, ~pos, end);
        if (depth === 1) rootKey = this.#keyAt(bytes, keyStart, pos - 1);
        pos = skipSpace(bytes, pos, end);
        if ((pos < end ? bytes[pos]! : 0) !== colon) return this.#fail(bytes, pos, end);
        pos = skipSpace(bytes, pos + 1, end);
      }
    }
  }

  #note(index: number, start: number, end: number, bytes: Buffer): void {
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#kinds[index] = kindOf(bytes[start]!);
  }

  /** Index of the key written at this span, -1 when it is none of ours. */
  #keyAt(bytes: Buffer, start: number, end: number): number {
    const keys = this.#keys;
    const length = end - start;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!;
      if (key.length === length && isAt(bytes, start, key)) return index;
    }
    return this.#escapedKeyAt(bytes, start, end);
  }

  /** `"mo\u0064el"` is the key `model`: an escape makes a key at most six times as long. */
  #escapedKeyAt(bytes: Buffer, start: number, end: number): number {
    if (!holdsByte(bytes, start, end, backslash)) return -1;
    const key = JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
    return this.#keys.findIndex((known) => known.toString() === key);
  }

  #fail(bytes: Buffer, offset: number, end: number): false {
    this.errorOffset = offset;
    this.error = offset >= end ? 'ends too early' : `unexpected ${nameOf(bytes[offset]!)} at offset ${offset}`;
    return false;
  }

  #failDeep(offset: number): false {
    this.errorOffset = offset;
    this.error = `nested deeper than ${jsonDepthMax} levels`;
    return false;
  }
}

const anyJson = new JsonScanner([]);

/** Whether these bytes are exactly one well-formed JSON value. */
export function isWellFormedJson(bytes: Buffer, start = 0, end = bytes.length): boolean {
  return anyJson.scan(bytes, start, end);
}

function isAt(bytes: Buffer, start: number, key: Buffer): boolean {
  for (let index = 0; index < key.length; index++) if (bytes[start + index] !== key[index]) return false;
  return true;
}

function holdsByte(bytes: Buffer, start: number, end: number, byte: number): boolean {
  for (let pos = start; pos < end; pos++) if (bytes[pos] === byte) return true;
  return false;
}

function nameOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? JSON.stringify(String.fromCharCode(byte)) : `byte 0x${byte.toString(16)}`;
}
