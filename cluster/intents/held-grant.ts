import type { Clock } from '../../kit/clock.ts';
import type { Leadership } from '../leader/contract.ts';
import type { Fence, Grant, StoredIntent } from './contract.ts';
import type { Settling } from './settling.ts';

export interface HeldGrantOptions {
  readonly clock: Clock;
  readonly leadership: Leadership;
  readonly settling: Settling;
  readonly intent: StoredIntent;
  /** Monotonic ms: an act that is begun later might not end before the voters stop refusing others. */
  readonly mustBeginByMs: number;
}

/** A granted intent in the hands of the leader. It is settled once. */
export class HeldGrant implements Grant {
  readonly #options: HeldGrantOptions;
  #isSettled = false;

  constructor(options: HeldGrantOptions) {
    this.#options = options;
  }

  get key(): string {
    return this.#options.intent.key;
  }

  get generation(): string {
    return this.#options.intent.generation;
  }

  get fence(): Fence {
    return this.#options.intent.fence;
  }

  mayBegin(): boolean {
    const { clock, leadership, mustBeginByMs } = this.#options;
    if (this.#isSettled || !leadership.isSelf || leadership.term !== this.fence.term) return false;
    return leadership.leaseLeftMs() > 0 && clock.monotonicMs() <= mustBeginByMs;
  }

  spent(done?: () => void): void {
    this.#settle('spent', done);
  }

  released(): void {
    this.#settle('released');
  }

  #settle(state: 'spent' | 'released', done?: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { settling, intent, clock } = this.#options;
    settling.settle({ ...intent, state, notedAtMs: clock.nowMs() }, done);
  }
}
