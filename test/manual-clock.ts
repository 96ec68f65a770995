import type { Clock, Timer } from '../kit/clock.ts';

interface Pending {
  dueMs: number;
  order: number;
  periodMs: number | undefined;
  action: () => void;
}

/** Time that moves only when a test says so. Timers run in order of their due time, then of their making. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = 1_700_000_000_000) {
    this.#wallMs = startMs;
  }

  /** Timers that wait; a test that expects none to be left reads this. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, action: () => void): Timer {
    return this.#add(delayMs, undefined, action);
  }

  every(periodMs: number, action: () => void): Timer {
    return this.#add(periodMs, periodMs, action);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.after(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves both clocks forward, running what falls due on the way. */
  advance(byMs: number): void {
    const endMs = this.#monotonicMs + byMs;
    for (let next = this.#earliest(endMs); next !== undefined; next = this.#earliest(endMs)) {
      this.#move(Math.max(0, next.dueMs - this.#monotonicMs));
      if (next.periodMs === undefined) this.#pending.delete(next);
      else next.dueMs += next.periodMs;
      next.action();
    }
    this.#move(endMs - this.#monotonicMs);
  }

  /** Moves forward to the timer that is due first and runs it alone. False when there is none. */
  runNext(): boolean {
    const next = this.#earliest(Infinity);
    if (next === undefined) return false;
    this.#move(Math.max(0, next.dueMs - this.#monotonicMs));
    if (next.periodMs === undefined) this.#pending.delete(next);
    else next.dueMs += next.periodMs;
    next.action();
    return true;
  }

  /** A step of the wall clock alone (NTP, a person); timers do not notice. */
  jumpWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  #add(delayMs: number, periodMs: number | undefined, action: () => void): Timer {
    const pending: Pending = {
      dueMs: this.#monotonicMs + Math.max(0, delayMs),
      order: this.#order++,
      periodMs,
      action,
    };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  #earliest(untilMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > untilMs) continue;
      if (first === undefined || pending.dueMs < first.dueMs) first = pending;
      else if (pending.dueMs === first.dueMs && pending.order < first.order) first = pending;
    }
    return first;
  }

  #move(byMs: number): void {
    this.#monotonicMs += byMs;
    this.#wallMs += byMs;
  }
}
