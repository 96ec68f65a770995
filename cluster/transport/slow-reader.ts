import type { Clock } from '../../kit/clock.ts';
import { Offence } from './offence.ts';

/** A peer whose buffer stays full for so long does not read any more. */
const stuckMs = 10_000;
/** Messages that may wait: an empty one counts no bytes and costs memory all the same. */
const waitingMax = 16_384;

/** The side of a stream that says how much waits. */
export interface Outgoing {
  readonly writeBufferLength: number;
  readonly writableNeedsDrain: boolean;
}

/** Decides whether more may be put into a peer's buffer, and when to give up on the peer. */
export class SlowReader {
  readonly #clock: Clock;
  readonly #bufferBytesMax: number;
  #waiting = 0;
  #fullSinceMs: number | undefined;

  constructor(clock: Clock, bufferBytesMax: number) {
    this.#clock = clock;
    this.#bufferBytesMax = bufferBytesMax;
  }

  /** True: send. False: drop. An offence: the peer has not read for too long. */
  judge(stream: Outgoing): boolean | Offence {
    this.#waiting = stream.writableNeedsDrain ? this.#waiting + 1 : 0;
    if (stream.writeBufferLength <= this.#bufferBytesMax && this.#waiting <= waitingMax) {
      this.#fullSinceMs = undefined;
      return true;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#fullSinceMs ??= nowMs;
    return nowMs - this.#fullSinceMs > stuckMs ? new Offence('it does not read') : false;
  }
}
