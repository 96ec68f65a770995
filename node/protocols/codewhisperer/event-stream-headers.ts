/**
 * Headers of an event stream message: `u8` name length, name, `u8` type, value. Types: 0 true and 1 false (no value), 2
 * byte, 3 i16, 4 i32, 5 i64, 6 bytes and 7 string (`u16` length before them), 8 timestamp (i64), 9 UUID.
 */
const stringType = 7;

/** Bytes of the value by type; undefined where a length stands before it. */
const valueSizesBytes: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];

/** Values of the string headers by name; the others are stepped over. Undefined when they are cut or of no known type. */
export function readStringHeaders(headers: Buffer): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  let at = 0;
  while (at < headers.length) {
    const typeAt = at + 1 + headers[at]!;
    const type = headers[typeAt];
    if (type === undefined || type >= valueSizesBytes.length) return undefined;
    const value = valueSpan(headers, typeAt + 1, valueSizesBytes[type]);
    if (value === undefined) return undefined;
    if (type === stringType) {
      values.set(headers.toString('utf8', at + 1, typeAt), headers.toString('utf8', value.start, value.end));
    }
    at = value.end;
  }
  return values;
}

function valueSpan(
  headers: Buffer,
  at: number,
  fixedSizeBytes: number | undefined,
): { start: number; end: number } | undefined {
  if (fixedSizeBytes === undefined && at + 2 > headers.length) return undefined;
  const start = fixedSizeBytes === undefined ? at + 2 : at;
  const end = start + (fixedSizeBytes ?? headers.readUInt16BE(at));
  return end > headers.length ? undefined : { start, end };
}
