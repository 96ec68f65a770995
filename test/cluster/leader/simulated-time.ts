import type { Clock, Timer } from '../../../kit/clock.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
  isCancelled: boolean;
}

/** One queue of what happens when, for a whole simulation. */
export class SimulatedTime {
  nowMs = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  at(atMs: number, action: () => void): Event {
    const event: Event = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, action, isCancelled: false };
    this.#push(event);
    return event;
  }

  /** Runs everything until then; `afterEach` is called after every event. */
  run(untilMs: number, afterEach: () => void): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      if (next.isCancelled) continue;
      this.nowMs = next.atMs;
      next.action();
      afterEach();
    }
    this.nowMs = untilMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) break;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}

/**
 * The clock of one process: its monotonic time runs at `rate`, its wall clock jumps. While frozen its timers wait, time
 * does not. Timers of a process that was killed never run.
 */
export class ProcessClock implements Clock {
  wallOffsetMs = 1_700_000_000_000;
  isDead = false;
  frozenUntilMs = 0;
  readonly #time: SimulatedTime;
  readonly #rate: number;
  readonly #bornMs: number;
  readonly #timers = new Set<Timer>();

  constructor(time: SimulatedTime, rate = 1) {
    this.#time = time;
    this.#rate = rate;
    this.#bornMs = time.nowMs;
  }

  get pendingCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.wallOffsetMs + this.monotonicMs();
  }

  monotonicMs(): number {
    return (this.#time.nowMs - this.#bornMs) * this.#rate;
  }

  after(delayMs: number, action: () => void): Timer {
    const timer: Timer = {
      cancel: () => {
        event.isCancelled = true;
        this.#timers.delete(timer);
      },
    };
    const event = this.#time.at(this.#time.nowMs + Math.max(0, delayMs) / this.#rate, () =>
      this.whenAwake(() => {
        if (event.isCancelled) return;
        this.#timers.delete(timer);
        action();
      }),
    );
    this.#timers.add(timer);
    return timer;
  }

  every(periodMs: number, action: () => void): Timer {
    let timer = this.after(periodMs, () => tick());
    const tick = () => {
      timer = this.after(periodMs, () => tick());
      action();
    };
    return { cancel: () => timer.cancel() };
  }

  /** Runs it now, or when the process is thawed; never in a dead one. */
  whenAwake(action: () => void): void {
    if (this.isDead) return;
    if (this.frozenUntilMs > this.#time.nowMs) this.#time.at(this.frozenUntilMs, () => this.whenAwake(action));
    else action();
  }

  sleep(): Promise<void> {
    throw new Error('The parts of the mesh do not sleep.');
  }
}
