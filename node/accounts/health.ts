import { Ewma } from '../../kit/ewma.ts';

/** About the last 20 requests decide: enough not to jump at one failure, few enough to notice within a minute. */
const outcomeShare = 0.1;
const latencyShare = 0.2;
/** Time to first byte at which half of the points for speed are lost. Thinking models take seconds. */
const slowMs = 5_000;
/** Most points that slowness can cost; the rest of the 100 is the success rate. */
const speedPoints = 20;

/** Success rate and latency of an account, learned from its own traffic and so at no cost. */
export class Health {
  readonly #outcome = new Ewma(outcomeShare);
  readonly #latency = new Ewma(latencyShare);

  /** Milliseconds to the first byte, 0 before the first answer. */
  get latencyMs(): number {
    return this.#latency.value;
  }

  /** 0 to 1; 1 before anything is known. */
  get successRate(): number {
    return this.#outcome.isEmpty ? 1 : this.#outcome.value;
  }

  /** 0 to 100, whole, so that accounts that are about equally well tie and share the load. */
  get score(): number {
    const speedLost = (speedPoints * this.latencyMs) / (this.latencyMs + slowMs);
    return Math.round((100 - speedLost) * this.successRate);
  }

  succeed(firstByteMs: number): void {
    this.#outcome.add(1);
    if (firstByteMs >= 0) this.#latency.add(firstByteMs);
  }

  fail(): void {
    this.#outcome.add(0);
  }

  reset(): void {
    this.#outcome.reset();
    this.#latency.reset();
  }
}
