import type { Clock, Timer } from '../../kit/clock.ts';
import { DenseSet, type DenseMember } from '../../kit/dense-set.ts';

/** A stream whose client must not be left without a sign of life. */
export interface WatchedStream extends DenseMember {
  /** Monotonic time of the last write to the client, or of the answer's beginning. */
  lastWriteMs: number;
  readonly isCommitted: boolean;
  /** The last event of the answer was relayed; only the upstream's closing is still to come. */
  readonly isComplete: boolean;
  /** Ends the answer without waiting for the upstream to close. */
  finishEarly(): void;
  /** The upstream has been silent too long before its first content. */
  commitEarly(): void;
  keepAlive(): void;
}

// One sweep a second serves all streams; a timer each would cost more than the sweep and bring nothing.
const sweepMs = 1000;

/** Sends keep-alives into quiet streams and stops holding back the heads of slow ones. */
export class StreamWatch {
  readonly #clock: Clock;
  firstEventTimeoutMs: number;
  readonly #keepAliveIntervalMs: number;
  readonly #streams = new DenseSet<WatchedStream>();
  readonly #timer: Timer;

  constructor(clock: Clock, firstEventTimeoutMs: number, keepAliveIntervalMs: number) {
    this.#clock = clock;
    this.firstEventTimeoutMs = firstEventTimeoutMs;
    this.#keepAliveIntervalMs = keepAliveIntervalMs;
    this.#timer = clock.every(sweepMs, () => this.#sweep());
  }

  add(stream: WatchedStream): void {
    this.#streams.add(stream);
  }

  remove(stream: WatchedStream): void {
    this.#streams.delete(stream);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const stream of this.#streams.snapshot()) {
      const quietMs = nowMs - stream.lastWriteMs;
      // Closing follows the last event at once; whoever has not closed by the next sweep holds the answer open.
      if (stream.isComplete) {
        if (quietMs >= sweepMs) stream.finishEarly();
      } else if (!stream.isCommitted) {
        if (quietMs >= this.firstEventTimeoutMs) stream.commitEarly();
      } else if (quietMs >= this.#keepAliveIntervalMs) stream.keepAlive();
    }
  }
}
