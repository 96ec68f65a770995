const key = Buffer.from('"model"');
const quote = 0x22;
const backslash = 0x5c;

/**
 * Whole events with the value of every `"model"` member replaced, whatever the upstream calls its model. Inside JSON
 * strings quotes are escaped, so that the key's bytes cannot be part of an answer's text.
 */
export function renameModel(events: Buffer, encodedName: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let found = events.indexOf(key); found !== -1; found = events.indexOf(key, found + key.length)) {
    const start = valueStart(events, found + key.length);
    if (start === -1) continue;
    pieces.push(events.subarray(from, start), encodedName);
    from = stringEnd(events, start + 1);
  }
  if (pieces.length === 0) return events;
  pieces.push(events.subarray(from));
  return Buffer.concat(pieces);
}

/** Offset of the opening quote after `:`; -1 when what was found is not a key with a string value. */
function valueStart(bytes: Buffer, afterKey: number): number {
  const colon = skipSpace(bytes, afterKey);
  if (bytes[colon] !== 0x3a) return -1;
  const start = skipSpace(bytes, colon + 1);
  return bytes[start] === quote ? start : -1;
}

function skipSpace(bytes: Buffer, start: number): number {
  let position = start;
  while (bytes[position] === 0x20 || bytes[position] === 0x09) position++;
  return position;
}

function stringEnd(bytes: Buffer, start: number): number {
  let position = start;
  while (position < bytes.length && bytes[position] !== quote) position += bytes[position] === backslash ? 2 : 1;
  return Math.min(position + 1, bytes.length);
}
