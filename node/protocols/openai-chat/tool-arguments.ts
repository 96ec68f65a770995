import { isJsonObject, type Json, parseJson, parseJsonObject } from '../../../kit/json.ts';

/**
 * Makes the text of an argument object out of what was sent as `arguments`. Empty text is `{}`; an object that was not
 * turned into text, or was turned twice, is mended; text that was cut off is closed. What is beyond repair is handed on
 * under `raw_arguments`, so that the tool's own check tells the model. Valid text stays byte for byte (big integers).
 */
export function normaliseArguments(sent: Json | undefined): string {
  if (isJsonObject(sent)) return JSON.stringify(sent);
  if (typeof sent !== 'string' || sent.trim() === '') return '{}';
  const parsed = parseJson(sent);
  if (isJsonObject(parsed)) return sent;
  if (parsed === null) return '{}';
  if (typeof parsed === 'string' && parseJsonObject(parsed) !== undefined) return parsed;
  const closed = parsed === undefined ? sent + closingOf(sent) : undefined;
  if (closed !== undefined && parseJsonObject(closed) !== undefined) return closed;
  return JSON.stringify({ raw_arguments: sent });
}

/** What closes the open strings, lists and objects of cut JSON text; '' when it is complete. */
export function closingOf(text: string): string {
  const shape = new JsonShape();
  shape.push(text);
  return shape.closing();
}

/** Deeper nesting than any schema has; past it text is not repaired. */
const depthMax = 256;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const closerOf: ReadonlyMap<number, string> = new Map([
  [0x7b, '}'],
  [0x5b, ']'],
]);

/** Quote and closing brackets. */
const enders: ReadonlySet<number> = new Set([quote, 0x5d, 0x7d]);

/** Follows the brackets and strings of JSON text that comes in pieces; never looks back. */
export class JsonShape {
  #open: string[] = [];
  #isInString = false;
  #isEscaped = false;
  #isTooDeep = false;
  /** Last character outside of strings that is not white space; 0 before the first. */
  #last = 0;

  /** The outermost value, an object, list or string, is closed. Bare words have no end that can be seen. */
  get isComplete(): boolean {
    return this.#open.length === 0 && !this.#isInString && enders.has(this.#last);
  }

  /** Takes the next piece; answers how many of its characters belong to the outermost value. */
  push(text: string): number {
    for (let position = 0; position < text.length; position++) {
      if (this.isComplete) return position;
      const code = text.charCodeAt(position);
      if (this.#isInString) this.#stepInString(code);
      else if (code > 0x20) this.#stepOutside(code);
    }
    return text.length;
  }

  #stepInString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === backslash) this.#isEscaped = true;
    else if (code === quote) this.#isInString = false;
  }

  #stepOutside(code: number): void {
    this.#last = code;
    if (code === quote) {
      this.#isInString = true;
      return;
    }
    const closer = closerOf.get(code);
    if (closer !== undefined) this.#descend(closer);
    else if (code === 0x7d || code === 0x5d) this.#open.pop();
  }

  #descend(closer: string): void {
    if (this.#open.length >= depthMax) this.#isTooDeep = true;
    else this.#open.push(closer);
  }

  /** A member without its value gets null; a comma too many cannot be mended by adding. */
  closing(): string {
    if (this.#isTooDeep) return '';
    const string = this.#isInString ? (this.#isEscaped ? '\\"' : '"') : '';
    const value = this.#last === colon && !this.#isInString ? 'null' : '';
    return string + value + this.#open.toReversed().join('');
  }
}
