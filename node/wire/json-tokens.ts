/**
 * The tokens of JSON over bytes. Every `endOf…` answers the offset just after its token, or the complement (`~offset`,
 * negative) of the offset where the bytes stop being one.
 */
export const jsonKind = {
  absent: 0,
  string: 1,
  number: 2,
  true: 3,
  false: 4,
  null: 5,
  object: 6,
  array: 7,
} as const;
export type JsonKind = (typeof jsonKind)[keyof typeof jsonKind];

export const quote = 0x22;
export const backslash = 0x5c;
export const comma = 0x2c;
export const colon = 0x3a;

const isHex = new Uint8Array(256);
for (const character of '0123456789abcdefABCDEF') isHex[character.charCodeAt(0)] = 1;

const isEscapable = new Uint8Array(256);
for (const character of '"\\/bfnrt') isEscapable[character.charCodeAt(0)] = 1;

/** From this size on, strings are read eight bytes at a time; below it the view costs more than it saves. */
const wideReadSizeBytesMin = 1024;
let wideView: DataView | undefined;

/** Reads strings of these bytes eight at a time from here on, when that pays; `undefined` ends it. */
export function setWideReads(bytes: Buffer | undefined): void {
  const isWide = bytes !== undefined && bytes.length >= wideReadSizeBytesMin;
  wideView = isWide ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length) : undefined;
}

export function skipSpace(bytes: Buffer, start: number, end: number): number {
  let pos = start;
  while (pos < end) {
    const byte = bytes[pos]!;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return pos;
    pos++;
  }
  return pos;
}

/** Kind of the value that begins with this byte. */
export function kindOf(first: number): JsonKind {
  switch (first) {
    case quote:
      return jsonKind.string;
    case 0x7b:
      return jsonKind.object;
    case 0x5b:
      return jsonKind.array;
    case 0x74:
      return jsonKind.true;
    case 0x66:
      return jsonKind.false;
    case 0x6e:
      return jsonKind.null;
    default:
      return first === 0x2d || (first >= 0x30 && first <= 0x39) ? jsonKind.number : jsonKind.absent;
  }
}

/** Offset after the closing quote; `start` is the offset after the opening one. */
export function endOfString(bytes: Buffer, start: number, end: number): number {
  let pos = wideView === undefined ? start : skipPlainWords(wideView, start, end);
  while (pos < end) {
    const byte = bytes[pos]!;
    // Most bytes are letters beyond the backslash, so they take one comparison.
    if (byte > backslash || (byte !== quote && byte !== backslash && byte >= 0x20)) pos++;
    else if (byte === quote) return pos + 1;
    else {
      pos = endOfEscape(bytes, pos, end);
      if (pos < 0) return pos;
      if (wideView !== undefined) pos = skipPlainWords(wideView, pos, end);
    }
  }
  return ~pos;
}

/** Offset after the escape that begins at `start`, if it begins one: a control character is none. */
function endOfEscape(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== backslash) return ~start;
  const escaped = start + 1 < end ? bytes[start + 1]! : 0;
  if (isEscapable[escaped] === 1) return start + 2;
  return escaped === 0x75 && areHex(bytes, start + 2, end) ? start + 6 : ~Math.min(start + 1, end);
}

/**
 * Skips eight bytes at a time as long as all of them are plain. Subtracting 0x01 (0x20) from every byte at once sets a
 * byte's high bit when it was zero (a control character); XOR makes the byte that is looked for zero. A borrow may
 * stop the loop too early, never too late, and the caller looks at single bytes from there.
 */
function skipPlainWords(view: DataView, start: number, end: number): number {
  let pos = start;
  while (pos + 8 <= end) {
    const low = view.getInt32(pos, true);
    const high = view.getInt32(pos + 4, true);
    if (((special(low) | special(high)) & 0x80808080) !== 0) return pos;
    pos += 8;
  }
  return pos;
}

function special(word: number): number {
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((word - 0x20202020) | quotes | backslashes) & ~word;
}

function areHex(bytes: Buffer, start: number, end: number): boolean {
  if (start + 4 > end) return false;
  for (let pos = start; pos < start + 4; pos++) if (isHex[bytes[pos]!] !== 1) return false;
  return true;
}

function endOfDigits(bytes: Buffer, start: number, end: number): number {
  let pos = start;
  while (pos < end && bytes[pos]! >= 0x30 && bytes[pos]! <= 0x39) pos++;
  return pos === start ? ~pos : pos;
}

export function endOfNumber(bytes: Buffer, start: number, end: number): number {
  let pos = bytes[start] === 0x2d ? start + 1 : start;
  // A leading zero stands alone.
  if (pos < end && bytes[pos] === 0x30) pos++;
  else pos = endOfDigits(bytes, pos, end);
  if (pos >= 0 && pos < end && bytes[pos] === 0x2e) pos = endOfDigits(bytes, pos + 1, end);
  if (pos >= 0 && pos < end && (bytes[pos]! | 0x20) === 0x65) {
    const isSigned = pos + 1 < end && (bytes[pos + 1] === 0x2b || bytes[pos + 1] === 0x2d);
    pos = endOfDigits(bytes, pos + (isSigned ? 2 : 1), end);
  }
  return pos;
}

const literals: readonly (string | undefined)[] = [undefined, undefined, undefined, 'true', 'false', 'null'];

export function endOfLiteral(bytes: Buffer, start: number, end: number, kind: JsonKind): number {
  const literal = literals[kind]!;
  for (let index = 1; index < literal.length; index++) {
    const pos = start + index;
    if (pos >= end || bytes[pos] !== literal.charCodeAt(index)) return ~pos;
  }
  return start + literal.length;
}
