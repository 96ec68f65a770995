import type { Clock, Timer } from '../../../kit/clock.ts';
import type { ManualClock } from '../../manual-clock.ts';

/** The clock of one process: goes on while the process stands still, but nothing fires until it runs again. */
export class FreezableClock implements Clock {
  readonly #base: ManualClock;
  readonly #timers = new Set<Timer>();
  #held: (() => void)[] = [];
  #wallShiftMs = 0;
  isFrozen = false;

  constructor(base: ManualClock) {
    this.#base = base;
  }

  /** Timers that wait; a stopped node has none. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#base.nowMs() + this.#wallShiftMs;
  }

  monotonicMs(): number {
    return this.#base.monotonicMs();
  }

  after(delayMs: number, action: () => void): Timer {
    let isCancelled = false;
    const timer: Timer = {
      cancel: () => {
        isCancelled = true;
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    const inner = this.#base.after(delayMs, () => {
      this.run(() => {
        if (isCancelled) return;
        this.#timers.delete(timer);
        action();
      });
    });
    this.#timers.add(timer);
    return timer;
  }

  every(periodMs: number, action: () => void): Timer {
    let current = this.after(periodMs, tick.bind(undefined, this));
    function tick(clock: FreezableClock): void {
      current = clock.after(periodMs, tick.bind(undefined, clock));
      action();
    }
    return { cancel: () => current.cancel() };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#base.sleep(delayMs, signal);
  }

  jumpWall(byMs: number): void {
    this.#wallShiftMs += byMs;
  }

  /** Now, or once the process runs again; what was held first runs first. */
  run(action: () => void): void {
    if (this.isFrozen) this.#held.push(action);
    else action();
  }

  /** All timers that came due fire, then what else was held comes. */
  thaw(): void {
    this.isFrozen = false;
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
  }
}
