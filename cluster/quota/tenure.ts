import type { Timing } from '../timing.ts';

/** A configuration that a leader told of is on this node's disk, and counts, a little later. */
const settlingMs = 1000;
/** Who has not looked for so long stood still: far more than a busy machine takes, far less than what `holdShare` spares. */
const standstillMs = 10_000;
/** A dead voter is taken out by the others after `deadVoterKeepMs`; one that they do not hear stops this much before. */
const holdShare = 0.8;

export interface TenureOptions {
  readonly timing: Pick<Timing, 'deadVoterKeepMs'>;
  /** It cannot have been taken out before its start. */
  readonly isSure: boolean;
  readonly nowMs: number;
}

/**
 * How long a voter may take itself for one: those it does not hear may take it out and have its share after a while. It
 * hears of that through any leader, so it is sure for so long after it last had one.
 */
export class Tenure {
  readonly #holdMs: number;
  #sureMs: number;
  #ledSinceMs: number | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor({ timing, isSure, nowMs }: TenureOptions) {
    this.#holdMs = timing.deadVoterKeepMs * holdShare;
    this.#sureMs = isSure ? nowMs : Number.NEGATIVE_INFINITY;
  }

  /** Looked at every tick: whether this node follows a leader, or is it. */
  look(hasLeader: boolean, nowMs: number): void {
    // The leader of before a standstill is one until its silence is noticed.
    const stoodStill = nowMs - this.#lookedMs > standstillMs;
    this.#lookedMs = nowMs;
    if (!hasLeader || stoodStill) this.#ledSinceMs = undefined;
    if (!hasLeader) return;
    this.#ledSinceMs ??= nowMs;
    if (nowMs - this.#ledSinceMs >= settlingMs) this.#sureMs = nowMs;
  }

  /** All voters of its configuration have said it. */
  agreed(nowMs: number): void {
    this.#sureMs = nowMs;
  }

  /** Until when it holds if nothing is heard. */
  endMs(voters: number): number {
    return voters < 3 && this.#sureMs > Number.NEGATIVE_INFINITY
      ? Number.POSITIVE_INFINITY
      : this.#sureMs + this.#holdMs;
  }

  /** `voters`: how many there are; of two, neither can take the other out while that one is away. */
  holds(voters: number, nowMs: number): boolean {
    return nowMs < this.endMs(voters);
  }
}
