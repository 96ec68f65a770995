/** Where events end inside a stream of server-sent events: after a blank line, that is two line ends in a row. */

const lf = 0x0a;
const cr = 0x0d;
const blankLine = Buffer.from('\n\n');

/** Offset just after the first blank line at or after `start`; -1 when there is none. */
export function firstEventEnd(bytes: Buffer, start: number): number {
  if (bytes.indexOf(cr, start) === -1) {
    const found = bytes.indexOf(blankLine, start);
    return found === -1 ? -1 : found + 2;
  }
  for (let pos = start; pos < bytes.length; pos++) {
    if (bytes[pos] !== lf && bytes[pos] !== cr) continue;
    const second = afterLineEnd(bytes, pos);
    if (second < bytes.length && (bytes[second] === lf || bytes[second] === cr)) return afterLineEnd(bytes, second);
    pos = second - 1;
  }
  return -1;
}

/**
 * Offset just after the last blank line of `bytes`; -1 when there is none. `before` are the last three bytes that came
 * before `bytes` (0 where there were none), so that a blank line is seen across a cut.
 */
export function lastEventEnd(bytes: Buffer, before: number): number {
  const length = bytes.length;
  // Nearly every chunk of a real stream ends on an event's end.
  if (length >= 2 && bytes[length - 1] === lf && bytes[length - 2] === lf) return length;
  if (bytes.indexOf(cr) === -1 && !endsLine(before)) {
    const found = bytes.lastIndexOf(blankLine);
    return found === -1 ? -1 : found + 2;
  }
  for (let pos = length - 1; pos >= 0; pos--) {
    if (isBlankLineEnd(bytes, pos, before)) return pos + 1;
  }
  return -1;
}

/** Whether the line end at `pos` closes an empty line: LF LF, CR CR, LF CR, or a CRLF after any line end. */
function isBlankLineEnd(bytes: Buffer, pos: number, before: number): boolean {
  const last = bytes[pos];
  if (last !== lf && last !== cr) return false;
  const previous = byteAt(bytes, pos - 1, before);
  if (previous === lf) return true;
  if (previous !== cr) return false;
  if (last === cr) return true;
  const third = byteAt(bytes, pos - 2, before);
  return third === lf || third === cr;
}

function byteAt(bytes: Buffer, pos: number, before: number): number {
  return pos >= 0 ? bytes[pos]! : (before >>> (8 * (-pos - 1))) & 0xff;
}

function endsLine(before: number): boolean {
  const last = before & 0xff;
  return last === lf || last === cr;
}

function afterLineEnd(bytes: Buffer, pos: number): number {
  return bytes[pos] === cr && bytes[pos + 1] === lf ? pos + 2 : pos + 1;
}

/** The last three bytes of what came before and these bytes together, packed; see `lastEventEnd`. */
export function lastBytes(bytes: Buffer, before: number): number {
  let packed = before;
  for (let pos = Math.max(0, bytes.length - 3); pos < bytes.length; pos++)
    packed = ((packed << 8) | bytes[pos]!) & 0xffffff;
  return packed;
}
