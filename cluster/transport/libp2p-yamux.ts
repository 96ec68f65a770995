import { yamux } from '@libp2p/yamux';
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';
import type { Clock } from '../../kit/clock.ts';
import { Allowance } from './allowance.ts';
import { sparseWindowUpdates } from './libp2p-window-updates.ts';
import { Offence } from './offence.ts';

/**
 * Bytes of one stream that may be under way unacknowledged; yamux's least. Kept there, since what yamux may send of a
 * large answer it sends in one go, and frames of another stream wait behind it.
 */
const windowBytes = 262_144;
/** Streams of a peer at a time: two lanes each way, and those that replace them. */
const streamsMax = 16;
/** A peer pings every 10 s and opens two streams; these leave a hundred times as much. */
const pingsPerSecondMax = 10;
const opensPerSecondMax = 10;
/** What waits for a slow peer below the streams: one window of each, and acknowledgements. */
const outgoingBytesMax = 8_388_608;

const headerBytes = 12;
const dataType = 0;
const pingType = 2;
const openFlag = 1;

/**
 * Yamux with bounds that it lacks: it collects a message of whatever length a header announces (up to 4 GiB) before it
 * looks at its window, and answers any number of pings to a peer that reads none of the answers. The headers (version
 * u8, type u8, flags u16, stream u32, length u32) are read along before yamux sees them.
 */
export function boundedYamux(clock: Clock): () => StreamMuxerFactory {
  const create = yamux({
    enableKeepAlive: true,
    keepAliveInterval: 10_000,
    maxInboundStreams: streamsMax,
    maxOutboundStreams: streamsMax,
    streamOptions: { initialStreamWindowSize: windowBytes, maxStreamWindowSize: windowBytes },
  });
  return () => {
    const factory = create();
    const createStreamMuxer = (connection: MessageStream): StreamMuxer => {
      new HeaderWatch(connection, clock).start();
      sparseWindowUpdates(connection, windowBytes);
      return factory.createStreamMuxer(connection);
    };
    return { protocol: factory.protocol, createStreamMuxer };
  };
}

class HeaderWatch {
  readonly #connection: MessageStream;
  readonly #pings: Allowance;
  readonly #opens: Allowance;
  readonly #header = new Uint8Array(headerBytes);
  #headerLength = 0;
  /** Bytes of a data message that are still to come. */
  #skip = 0;

  constructor(connection: MessageStream, clock: Clock) {
    this.#connection = connection;
    this.#pings = new Allowance(clock, pingsPerSecondMax);
    this.#opens = new Allowance(clock, opensPerSecondMax);
  }

  start(): void {
    this.#connection.addEventListener('message', ({ data }) => {
      if (data instanceof Uint8Array) this.#read(data);
      else for (const chunk of data) this.#read(chunk);
      if (this.#connection.writeBufferLength > outgoingBytesMax) this.#refuse('it does not read');
    });
  }

  #read(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#connection.status === 'open') {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      const taken = Math.min(headerBytes - this.#headerLength, chunk.length - at);
      this.#header.set(chunk.subarray(at, at + taken), this.#headerLength);
      this.#headerLength += taken;
      at += taken;
      if (this.#headerLength === headerBytes) this.#judge();
    }
  }

  #judge(): void {
    this.#headerLength = 0;
    const view = new DataView(this.#header.buffer);
    const type = view.getUint8(1);
    const length = view.getUint32(8);
    if (type === dataType && length > windowBytes) return this.#refuse('it announced a message too long');
    if (type === dataType) this.#skip = length;
    if (type === pingType && !this.#pings.take()) return this.#refuse('it pings too often');
    if (type !== pingType && (view.getUint16(2) & openFlag) !== 0 && !this.#opens.take()) {
      this.#refuse('it opens too many streams');
    }
  }

  #refuse(reason: string): void {
    if (this.#connection.status === 'open') this.#connection.abort(new Offence(reason));
  }
}
