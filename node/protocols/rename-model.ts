/** Replaces the model's name inside the events of a same-protocol stream. */

const modelKey = Buffer.from('"model"');
const quote = 0x22;
const backslash = 0x5c;

/**
 * Every `"model": "<from>"` in these bytes with `to` in place of the name; also names that only begin with `from`, as
 * upstreams answer with a dated version of what was asked (`claude-sonnet-4-5` → `claude-sonnet-4-5-20250929`). Inside
 * JSON strings the key's quotes are escaped, so text of the answer is never touched. The same buffer when there is none.
 */
export function renameModel(bytes: Buffer, from: string, to: string): Buffer {
  let found = bytes.indexOf(modelKey);
  if (found === -1) return bytes;
  const old = Buffer.from(JSON.stringify(from).slice(1, -1));
  const shown = Buffer.from(JSON.stringify(to));
  const pieces: Buffer[] = [];
  let copied = 0;
  for (; found !== -1; found = bytes.indexOf(modelKey, found + modelKey.length)) {
    const start = valueStart(bytes, found + modelKey.length);
    if (start === -1 || !bytes.subarray(start + 1, start + 1 + old.length).equals(old)) continue;
    pieces.push(bytes.subarray(copied, start), shown);
    copied = endOfName(bytes, start + 1);
  }
  return copied === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(copied)]);
}

/** Offset of the quote that begins the value after this key; -1 when it is no string or this is no key. */
function valueStart(bytes: Buffer, afterKey: number): number {
  let pos = afterKey;
  while (bytes[pos] === 0x20) pos++;
  if (bytes[pos] !== 0x3a) return -1;
  pos++;
  while (bytes[pos] === 0x20) pos++;
  return bytes[pos] === quote ? pos : -1;
}

function endOfName(bytes: Buffer, start: number): number {
  let pos = start;
  while (pos < bytes.length && bytes[pos] !== quote) pos += bytes[pos] === backslash ? 2 : 1;
  return Math.min(pos + 1, bytes.length);
}
