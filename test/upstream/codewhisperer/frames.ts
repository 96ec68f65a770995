import { crc32 } from 'node:zlib';

/** One message of an answer, as a test looks at it. */
export interface SeenFrame {
  headers: Record<string, string>;
  /** Parsed where there is a payload. */
  payload: unknown;
}

export interface SeenFrames {
  frames: SeenFrame[];
  /** Bytes of a message that did not come whole. */
  rest: number;
}

/** Reads whole messages; throws for one whose checksums are wrong. */
export function readFrames(bytes: Buffer): SeenFrames {
  const frames: SeenFrame[] = [];
  let start = 0;
  while (bytes.length - start >= 16 && bytes.length - start >= bytes.readUInt32BE(start)) {
    const frame = bytes.subarray(start, start + bytes.readUInt32BE(start));
    frames.push(readFrame(frame));
    start += frame.length;
  }
  return { frames, rest: bytes.length - start };
}

function readFrame(frame: Buffer): SeenFrame {
  if (crc32(frame.subarray(0, 8)) !== frame.readUInt32BE(8)) throw new Error('the checksum of the lengths is wrong');
  if (crc32(frame.subarray(0, -4)) !== frame.readUInt32BE(frame.length - 4)) throw new Error('the checksum is wrong');
  const end = 12 + frame.readUInt32BE(4);
  const headers: Record<string, string> = {};
  for (let at = 12; at < end;) {
    const nameEnd = at + 1 + frame.readUInt8(at);
    const valueStart = nameEnd + 3;
    const valueEnd = valueStart + frame.readUInt16BE(nameEnd + 1);
    headers[frame.toString('utf8', at + 1, nameEnd)] = frame.toString('utf8', valueStart, valueEnd);
    at = valueEnd;
  }
  const payload = frame.toString('utf8', end, frame.length - 4);
  return { headers, payload: payload === '' ? undefined : (JSON.parse(payload) as unknown) };
}

/** Names of the events, with `!` before those of exceptions. */
export function typesOf({ frames }: SeenFrames): string[] {
  return frames.map(
    ({ headers }) => headers[':event-type'] ?? `!${headers[':exception-type'] ?? headers[':error-code']}`,
  );
}

/** The pieces of one member of one kind of event, joined. */
export function joinedOf({ frames }: SeenFrames, type: string, member: string): string {
  const members = frames
    .filter(({ headers }) => headers[':event-type'] === type)
    .map(({ payload }) => (payload as Record<string, unknown>)[member]);
  return members.filter((value) => typeof value === 'string').join('');
}
