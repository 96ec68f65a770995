import type { Clock, Timer } from '../../../kit/clock.ts';
import type { EventQueue, SimEvent } from './event-queue.ts';
import { worldEpochMs } from './true-clock.ts';

export interface NodeClockOptions {
  readonly queue: EventQueue;
  /** 1.0001: gains 100 ppm. Both of its times run at it. */
  readonly rate: number;
  /** Of the wall clock alone. */
  readonly wallOffsetMs: number;
  /** Where the monotonic time of this process begins. */
  readonly originMs: number;
  /** Runs a timer's action as a turn of the node, or keeps it while the node stands still. */
  readonly runTurn: (action: () => void) => void;
}

/** As Node.js rounds a timer of 0. */
const timerMinMs = 1;

class NodeTimer implements Timer {
  event: SimEvent | undefined;
  isCancelled = false;
  readonly #onCancel: () => void;

  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
  }

  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.event?.cancel();
    this.#onCancel();
  }
}

/** The clocks and timers of one process: they drift, the wall clock jumps, and all timers end with the process. */
export class NodeClock implements Clock {
  /** Timers that wait; a leak shows here. */
  pending = 0;
  #wallOffsetMs: number;
  #isStopped = false;
  readonly #queue: EventQueue;
  readonly #rate: number;
  readonly #originMs: number;
  readonly #bornMs: number;
  readonly #runTurn: (action: () => void) => void;

  constructor({ queue, rate, wallOffsetMs, originMs, runTurn }: NodeClockOptions) {
    this.#queue = queue;
    this.#rate = rate;
    this.#wallOffsetMs = wallOffsetMs;
    this.#originMs = originMs;
    this.#bornMs = queue.nowMs;
    this.#runTurn = runTurn;
  }

  nowMs(): number {
    return Math.floor(worldEpochMs + this.#queue.nowMs * this.#rate + this.#wallOffsetMs);
  }

  monotonicMs(): number {
    return this.#originMs + (this.#queue.nowMs - this.#bornMs) * this.#rate;
  }

  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** The process ended. */
  stop(): void {
    this.#isStopped = true;
  }

  after(delayMs: number, action: () => void): Timer {
    const timer = this.#make();
    this.#arm(timer, delayMs, () => {
      timer.isCancelled = true;
      this.pending--;
      action();
    });
    return timer;
  }

  every(periodMs: number, action: () => void): Timer {
    const timer = this.#make();
    const tick = () => {
      this.#arm(timer, periodMs, tick);
      action();
    };
    this.#arm(timer, periodMs, tick);
    return timer;
  }

  sleep(): Promise<void> {
    throw new Error('nothing in the simulation sleeps: it has no promises');
  }

  #make(): NodeTimer {
    this.pending++;
    return new NodeTimer(() => this.pending--);
  }

  #arm(timer: NodeTimer, delayMs: number, action: () => void): void {
    timer.event = this.#queue.after(Math.max(timerMinMs, delayMs) / this.#rate, () => {
      if (this.#isStopped) return;
      this.#runTurn(() => {
        if (!timer.isCancelled && !this.#isStopped) action();
      });
    });
  }
}
