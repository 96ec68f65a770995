import type { Socket } from 'node:net';
import { markerByte, markerDigits, streamNumberMax } from '../load/marker.ts';
import { eventsPerAnswer, type StreamedAnswer } from './answers.ts';

interface PacedStream {
  readonly socket: Socket;
  readonly answer: StreamedAnswer;
  /** The event of this stream, numbered. Written as it is each time: events differ in nothing else. */
  readonly event: Buffer;
  sent: number;
}

/**
 * Streamed answers under way, each with one event in flight: the next leaves when the client has seen the last. So no
 * event is read or written together with another, as it is with a model that thinks between tokens, and events/s
 * measures what a target spends on one event, not how well the kernel joins them.
 */
export class PacedStreams {
  readonly #streams = new Map<number, PacedStream>();
  #nextNumber = 0;

  open(socket: Socket, answer: StreamedAnswer): void {
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) % streamNumberMax;
    const event = numbered(answer.event, number);
    this.#streams.set(number, { socket, answer, event, sent: 1 });
    socket.write(Buffer.concat([answer.opening, event]));
  }

  /** The connection is gone, and with it whatever stream it carried. */
  drop(socket: Socket): void {
    for (const [number, stream] of this.#streams) if (stream.socket === socket) this.#streams.delete(number);
  }

  /** The client has seen the newest event of this stream. */
  advance(number: number): void {
    const stream = this.#streams.get(number);
    if (stream === undefined) return;
    if (stream.sent < eventsPerAnswer) {
      stream.sent++;
      stream.socket.write(stream.event);
      return;
    }
    this.#streams.delete(number);
    stream.socket.write(stream.answer.closing);
  }
}

function numbered(event: Buffer, number: number): Buffer {
  const copy = Buffer.from(event);
  copy.write(String(number).padStart(markerDigits, '0'), copy.indexOf(markerByte) + 1, 'latin1');
  return copy;
}
