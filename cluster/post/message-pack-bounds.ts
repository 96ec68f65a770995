import { postFaults } from './faults.ts';

/** What one frame may hold. The transport bounds its length; these bound what the length can be blown up to. */
export const messageBounds = {
  /** The deepest message of the mesh has about ten levels. */
  depthMax: 32,
  stringBytesMax: 1_048_576,
  binaryBytesMax: 8_388_608,
  arrayLengthMax: 262_144,
  mapLengthMax: 65_536,
} as const;

/**
 * Walks over the headers of one MessagePack value without making anything of it. The decoder allocates what a header
 * announces before it sees the content, and has no bound of depth: five bytes that announce 65,536 elements, nested
 * ten thousand times, take gigabytes. Here every announced element must have its byte in the frame.
 *
 * @throws Fault `peer_message_malformed`.
 */
export function checkMessagePack(bytes: Uint8Array, offset: number): void {
  const remaining: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = offset;
  do {
    if (at >= bytes.length) throw malformed('is cut off');
    const header = readHeader(view, at);
    at = header.end;
    if (at + header.children > bytes.length) throw malformed('announces more than it holds');
    enter(remaining, header.children);
  } while (remaining.length > 0);
  if (at !== bytes.length) throw malformed('is longer than its content');
}

/** Takes one element from the innermost collection and opens the one that it is itself. */
function enter(remaining: number[], children: number): void {
  const top = remaining.length - 1;
  if (top >= 0) remaining[top] = (remaining[top] ?? 0) - 1;
  if (children > 0) {
    if (remaining.length >= messageBounds.depthMax) throw malformed('is nested too deeply');
    remaining.push(children);
  }
  while (remaining.at(-1) === 0) remaining.pop();
}

interface Header {
  /** Where the next value begins. */
  end: number;
  /** Values inside this one; two for each entry of a map. */
  children: number;
}

function readHeader(view: DataView, at: number): Header {
  const head = view.getUint8(at);
  if (head <= 0x7f || head >= 0xe0) return leaf(at + 1);
  if (head <= 0x8f) return mapOf(at + 1, head & 0x0f);
  if (head <= 0x9f) return arrayOf(at + 1, head & 0x0f);
  if (head <= 0xbf) return text(at + 1, head & 0x1f);
  return readLongHeader(view, at, head);
}

const fixedSizes: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
};

function readLongHeader(view: DataView, at: number, head: number): Header {
  const fixed = fixedSizes[head];
  if (fixed !== undefined) return leaf(at + 1 + fixed);
  const start = at + 1;
  if (head >= 0xc4 && head <= 0xc6) return sized(view, start, 1 << (head - 0xc4), binary);
  if (head >= 0xd9 && head <= 0xdb) return sized(view, start, 1 << (head - 0xd9), text);
  if (head === 0xdc || head === 0xdd) return sized(view, start, head === 0xdc ? 2 : 4, arrayOf);
  if (head === 0xde || head === 0xdf) return sized(view, start, head === 0xde ? 2 : 4, mapOf);
  throw malformed('holds an extension or an unused code');
}

function sized(view: DataView, at: number, width: number, make: (start: number, length: number) => Header): Header {
  if (at + width > view.byteLength) throw malformed('is cut off');
  const length = width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
  return make(at + width, length);
}

function leaf(end: number): Header {
  return { end, children: 0 };
}

function text(start: number, length: number): Header {
  if (length > messageBounds.stringBytesMax) throw malformed('holds a text that is too long');
  return leaf(start + length);
}

function binary(start: number, length: number): Header {
  if (length > messageBounds.binaryBytesMax) throw malformed('holds too many bytes in one piece');
  return leaf(start + length);
}

function arrayOf(start: number, length: number): Header {
  if (length > messageBounds.arrayLengthMax) throw malformed('holds a list that is too long');
  return { end: start, children: length };
}

function mapOf(start: number, length: number): Header {
  if (length > messageBounds.mapLengthMax) throw malformed('holds a map that is too large');
  return { end: start, children: 2 * length };
}

function malformed(what: string): Error {
  return postFaults.peer_message_malformed(`The message ${what}.`);
}
