import { crc32 } from 'node:zlib';

/** Bytes around headers and payload: two lengths and two checksums. */
const overheadBytes = 16;
/** Header values are strings here; the format has nine other types. */
const stringType = 7;

/** One message of `application/vnd.amazon.eventstream`. */
export function writeFrame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => writeHeader(name, value)));
  const body = Buffer.from(payload);
  const frame = Buffer.alloc(overheadBytes + head.length + body.length);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  head.copy(frame, 12);
  body.copy(frame, 12 + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
  return frame;
}

function writeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, Buffer.of(stringType), length, valueBytes]);
}
