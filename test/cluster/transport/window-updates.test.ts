import type { MessageStream } from '@libp2p/interface';
import { array, assert, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { sparseWindowUpdates } from '../../../cluster/transport/libp2p-window-updates.ts';

const windowBytes = 1000;

/** What a muxer sends through it, as it goes on. */
function recorded(): { connection: Pick<MessageStream, 'send'>; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  const send = (data: Uint8Array) => {
    sent.push(data);
    return true;
  };
  const connection = { send, writableNeedsDrain: false } as unknown as MessageStream;
  sparseWindowUpdates(connection, windowBytes);
  return { connection, sent };
}

function update(stream: number, bytes: number, flags = 0): Uint8Array {
  const frame = new Uint8Array(12);
  const view = new DataView(frame.buffer);
  view.setUint8(1, 1);
  view.setUint16(2, flags);
  view.setUint32(4, stream);
  view.setUint32(8, bytes);
  return frame;
}

test('small updates go together once half of the window is used, each stream by itself', () => {
  const { connection, sent } = recorded();
  expect(connection.send(update(1, 300))).toBe(true);
  connection.send(update(2, 300));
  expect(sent).toEqual([]);
  connection.send(update(1, 250));
  expect(sent).toEqual([update(1, 550)]);
  connection.send(update(1, 499));
  connection.send(update(2, 200));
  expect(sent).toEqual([update(1, 550), update(2, 500)]);
});

test('a sender never waits: what is kept back of a stream is less than half of its window, and nothing is lost', () => {
  const updates = array(tuple(integer({ min: 1, max: 100 }), integer({ min: 1, max: windowBytes })));
  const total = (frames: readonly Uint8Array[], stream: number) =>
    frames.reduce((sum, frame) => {
      const view = new DataView(frame.buffer);
      return view.getUint32(4) === stream ? sum + view.getUint32(8) : sum;
    }, 0);
  assert(
    property(updates, (made) => {
      const { connection, sent } = recorded();
      const given = made.map(([stream, bytes]) => update(stream, bytes));
      for (const frame of given) connection.send(frame);
      for (const stream of new Set(made.map(([name]) => name))) {
        const kept = total(given, stream) - total(sent, stream);
        expect(kept).toBeGreaterThanOrEqual(0);
        expect(kept).toBeLessThan(windowBytes / 2);
      }
    }),
  );
});

test('what opens, accepts or ends a stream goes on at once, as do all other frames', () => {
  const { connection, sent } = recorded();
  const ping = Uint8Array.of(0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7);
  const data = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 42);
  const frames = [update(1, 0, 1), update(1, 0, 2), update(1, 0, 4), update(1, 0, 8), ping, data];
  for (const frame of frames) connection.send(frame);
  expect(sent).toEqual(frames);
});
