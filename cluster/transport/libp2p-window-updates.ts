import type { MessageStream } from '@libp2p/interface';
import { LruMap } from '../../kit/lru-map.ts';

const headerBytes = 12;
const windowUpdateType = 1;

/** Streams whose bytes are counted at a time: twice what a connection may hold. What falls out is acknowledged. */
const countedMax = 64;

/**
 * Keeps back yamux's window updates until half of a stream's window is used up. Yamux acknowledges every message at once,
 * and each acknowledgement is a frame of its own, encrypted, written and read: as many again as the messages of the mesh,
 * which are small. The other side always has at least half of its window left, so nothing ever waits for what is kept.
 */
export function sparseWindowUpdates(connection: MessageStream, windowBytes: number): void {
  const send = connection.send.bind(connection);
  const used = new LruMap<number, number>(countedMax, (stream, bytes) => void send(windowUpdate(stream, bytes)));
  connection.send = (data) => {
    const update = data instanceof Uint8Array ? readUpdate(data) : undefined;
    if (update === undefined) return send(data);
    const bytes = (used.peek(update.stream) ?? 0) + update.bytes;
    if (2 * bytes < windowBytes) {
      used.set(update.stream, bytes);
      return !connection.writableNeedsDrain;
    }
    used.delete(update.stream);
    return send(windowUpdate(update.stream, bytes));
  };
}

/** Undefined for every other frame, and for an update that opens, accepts or ends its stream. */
function readUpdate(frame: Uint8Array): { stream: number; bytes: number } | undefined {
  if (frame.length !== headerBytes || frame[1] !== windowUpdateType || frame[2] !== 0 || frame[3] !== 0)
    return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, headerBytes);
  return { stream: view.getUint32(4), bytes: view.getUint32(8) };
}

/** Version u8, type u8, flags u16, stream u32, bytes u32. */
function windowUpdate(stream: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(headerBytes);
  const view = new DataView(frame.buffer);
  view.setUint8(1, windowUpdateType);
  view.setUint32(4, stream);
  view.setUint32(8, bytes);
  return frame;
}
