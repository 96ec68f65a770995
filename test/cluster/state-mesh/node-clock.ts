import type { Clock, Timer } from '../../../kit/clock.ts';
import type { ManualClock } from '../../manual-clock.ts';

/** One node's view of the common time: its wall clock is off, and while it stands still its timers wait. */
export class NodeClock implements Clock {
  wallOffsetMs = 0;
  readonly #common: ManualClock;
  #isFrozen = false;
  #late: (() => void)[] = [];

  constructor(common: ManualClock) {
    this.#common = common;
  }

  nowMs(): number {
    return this.#common.nowMs() + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#common.monotonicMs();
  }

  after(delayMs: number, action: () => void): Timer {
    let isCancelled = false;
    const timer = this.#common.after(delayMs, () => this.run(() => (isCancelled ? undefined : action())));
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  every(periodMs: number, action: () => void): Timer {
    return this.#common.every(periodMs, () => this.run(action));
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#common.sleep(delayMs, signal);
  }

  /** Now, or once the node goes on. */
  run(action: () => void): void {
    if (this.#isFrozen) this.#late.push(action);
    else action();
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** `first` runs before anything that was late. */
  thaw(first?: () => void): void {
    this.#isFrozen = false;
    first?.();
    const late = this.#late;
    this.#late = [];
    for (const action of late) action();
  }
}
