/** Readers of single values inside bytes that a `JsonScanner` has proven to be JSON. */
import { comma, endOfString, quote, skipSpace } from './json-tokens.ts';

/** The string whose JSON form, quotes included, lies at this span of proven JSON. */
export function stringAt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Offset just after the value that begins at `start`; the bytes must be proven JSON. */
export function endOfValue(bytes: Buffer, start: number): number {
  const end = bytes.length;
  let pos = start;
  let depth = 0;
  do {
    const byte = bytes[pos]!;
    if (byte === quote) pos = endOfString(bytes, pos + 1, end);
    else {
      if (byte === 0x7b || byte === 0x5b) depth++;
      else if (byte === 0x7d || byte === 0x5d) depth--;
      pos++;
    }
  } while (depth > 0 && pos < end);
  return isScalarStart(bytes[start]!) ? endOfScalar(bytes, pos, end) : pos;
}

/**
 * Calls `visit` with the span of each element of the array that begins at `start` in proven JSON, until it answers
 * false.
 */
export function eachElement(bytes: Buffer, start: number, visit: (start: number, end: number) => boolean): void {
  let pos = skipSpace(bytes, start + 1, bytes.length);
  while (bytes[pos] !== 0x5d) {
    const end = endOfValue(bytes, pos);
    if (!visit(pos, end)) return;
    pos = skipSpace(bytes, end, bytes.length);
    if (bytes[pos] === comma) pos = skipSpace(bytes, pos + 1, bytes.length);
  }
}

function isScalarStart(byte: number): boolean {
  return byte !== quote && byte !== 0x7b && byte !== 0x5b;
}

function endOfScalar(bytes: Buffer, start: number, end: number): number {
  let pos = start;
  while (pos < end) {
    const byte = bytes[pos]!;
    if (byte <= 0x20 || byte === comma || byte === 0x5d || byte === 0x7d) return pos;
    pos++;
  }
  return pos;
}
