const levelMax = 8;

/**
 * What missing answers alone can add up to. They may also mean that this node is cut off, and a node that is cut off
 * must notice in the end; only its event loop tells it for certain that the fault is its own.
 */
const missedMax = 3;

/**
 * Lifeguard's local health: how much a node mistrusts its own sense of time, 0 (well) to 8. Rises when answers are
 * missing that healthy helpers would have given, when it is itself accused, and with the delay of its event loop.
 */
export class Awareness {
  readonly #probeTimeoutMs: number;
  readonly #loopDelayMs: () => number;
  #missed = 0;

  constructor(probeTimeoutMs: number, loopDelayMs: () => number) {
    this.#probeTimeoutMs = probeTimeoutMs;
    this.#loopDelayMs = loopDelayMs;
  }

  get level(): number {
    const delays = Math.floor((2 * this.#loopDelayMs()) / this.#probeTimeoutMs);
    return Math.min(levelMax, this.#missed + Math.max(0, delays));
  }

  /** Timeouts are multiplied by this: 1 to 9. */
  get stretch(): number {
    return 1 + this.level;
  }

  /** True when answers in time would not be seen in time: no accusation of such a node is worth anything. */
  get isDeaf(): boolean {
    return this.#loopDelayMs() >= this.#probeTimeoutMs;
  }

  /** A deadline was missed, possibly by this node's own fault. */
  worsen(by = 1): void {
    this.#missed = Math.min(missedMax, this.#missed + by);
  }

  /** An answer came in time. */
  improve(): void {
    this.#missed = Math.max(0, this.#missed - 1);
  }
}
