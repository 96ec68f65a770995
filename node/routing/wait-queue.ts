import { BoundedQueue, type QueuePlace } from '../../kit/bounded-queue.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { Ewma } from '../../kit/ewma.ts';
import { routingFaults } from './faults.ts';
import type { Waiter, WaitingRoom } from './contract.ts';

/** Waiters that may say no in one wake before the rest of the pass is put off: a release must stay cheap. */
const refusalsPerWake = 16;
/** The same for a pass that goes on by itself: 2,000 waiters are all asked within 32 ms. */
const refusalsPerStep = 64;
const stepMs = 1;
const retryAfterMsMin = 1_000;
const retryAfterMsMax = 30_000;

export interface WaitQueueOptions {
  clock: Clock;
  /** Requests that may wait; each holds its body in memory. */
  queueSize?: number;
  /** How long each may wait. */
  timeoutMs?: number;
}

export interface WaitQueueReading {
  readonly waiting: number;
  readonly waitingMax: number;
  /** Turned away because the room was full, since the start. */
  readonly rejectedCount: number;
  /** Gave up at their deadline, since the start. */
  readonly expiredCount: number;
  /** Age of the longest-waiting request, milliseconds; 0 when none waits. */
  readonly oldestWaitMs: number;
}

interface Ticket {
  readonly waiter: Waiter;
  readonly deadlineMs: number;
  place: QueuePlace<Ticket> | undefined;
}

/**
 * The waiting room. All wait equally long, so the order of arrival is that of the deadlines, and one timer does for
 * all. Joining, leaving and timing out cost O(1).
 */
export class WaitQueue implements WaitingRoom {
  readonly timeoutMs: number;
  readonly #clock: Clock;
  readonly #queue: BoundedQueue<Ticket>;
  /** Milliseconds between two entries, for Retry-After. */
  readonly #entryGap = new Ewma(0.1);
  #lastEntryAtMs: number | undefined;
  #deadlineTimer: Timer | undefined;
  #stepTimer: Timer | undefined;
  /** A pass that was put off, standing where it goes on. */
  #pass: Iterator<Ticket> | undefined;
  #isWaking = false;
  #rejectedCount = 0;
  #expiredCount = 0;
  #wakeAgain = false;
  #passAgain = false;

  constructor(options: WaitQueueOptions) {
    this.#clock = options.clock;
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.#queue = new BoundedQueue(options.queueSize ?? 2_000);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Requests that may wait; those that wait already stay. */
  set queueSize(size: number) {
    this.#queue.sizeMax = size;
  }

  /** How the room stands, for metrics and statistics. */
  reading(): WaitQueueReading {
    const oldest = this.#queue.peek();
    return {
      waiting: this.#queue.size,
      waitingMax: this.#queue.sizeMax,
      rejectedCount: this.#rejectedCount,
      expiredCount: this.#expiredCount,
      oldestWaitMs: oldest === undefined ? 0 : this.timeoutMs - (oldest.deadlineMs - this.#clock.monotonicMs()),
    };
  }

  join(waiter: Waiter): () => void {
    const ticket: Ticket = { waiter, deadlineMs: this.#clock.monotonicMs() + this.timeoutMs, place: undefined };
    ticket.place = this.#queue.push(ticket);
    if (ticket.place === undefined) {
      this.#rejectedCount++;
      const message = `all places are taken and ${this.#queue.size} requests wait already`;
      waiter.refuse(routingFaults.queue_full(message, { retryAfterMs: this.#roomInMs() }));
      return () => undefined;
    }
    this.#planDeadline();
    return () => this.#leave(ticket);
  }

  wake(): void {
    // Entering may free a place again (a request that fails at once): one pass after the other, not one inside another.
    if (this.#isWaking) {
      this.#wakeAgain = true;
      return;
    }
    if (this.#queue.size === 0) return;
    let entered = 0;
    do {
      this.#wakeAgain = false;
      entered = this.#walk(this.#queue[Symbol.iterator](), refusalsPerWake);
      // A place that came free in a pass that nobody entered was taken and given back by one who could not enter.
    } while (this.#wakeAgain && entered > 0);
  }

  /** Ends all waits; for a node that stops. */
  stop(): void {
    this.#deadlineTimer?.cancel();
    this.#stepTimer?.cancel();
    this.#pass = undefined;
    for (let ticket = this.#queue.shift(); ticket !== undefined; ticket = this.#queue.shift()) {
      ticket.waiter.refuse(routingFaults.queue_timeout('the node is stopping', { retryAfterMs: retryAfterMsMin }));
    }
  }

  /** Asks waiters until the end or until enough said no; then the rest is asked in steps. Answers how many entered. */
  #walk(pass: Iterator<Ticket>, refusalsMax: number): number {
    this.#isWaking = true;
    let entered = 0;
    let refusals = 0;
    try {
      for (let next = pass.next(); next.done !== true && refusals < refusalsMax; next = pass.next()) {
        if (this.#admit(next.value)) entered++;
        else if (++refusals === refusalsMax) this.#putOff(pass);
      }
    } finally {
      this.#isWaking = false;
    }
    return entered;
  }

  #admit(ticket: Ticket): boolean {
    if (!ticket.waiter.tryEnter()) return false;
    if (ticket.place?.remove()) this.#noteEntry();
    return true;
  }

  #putOff(pass: Iterator<Ticket>): void {
    // A pass that is on its way goes on to its end, else those at the end would never be asked under load; what this
    // one did not reach is asked by the pass after it.
    if (this.#pass === undefined) this.#pass = pass;
    else this.#passAgain = true;
    this.#stepTimer ??= this.#clock.after(stepMs, () => this.#step());
  }

  #step(): void {
    this.#stepTimer = undefined;
    let pass = this.#pass;
    if (pass === undefined && this.#passAgain) {
      this.#passAgain = false;
      pass = this.#queue[Symbol.iterator]();
    }
    this.#pass = undefined;
    this.#wakeAgain = false;
    const entered = pass === undefined ? 0 : this.#walk(pass, refusalsPerStep);
    if (this.#wakeAgain && entered > 0) this.wake();
    if (this.#passAgain) this.#stepTimer ??= this.#clock.after(stepMs, () => this.#step());
  }

  #leave(ticket: Ticket): void {
    ticket.place?.remove();
    if (this.#queue.size > 0) return;
    this.#deadlineTimer?.cancel();
    this.#deadlineTimer = undefined;
  }

  #planDeadline(): void {
    const first = this.#queue.peek();
    if (first === undefined || this.#deadlineTimer !== undefined) return;
    const delayMs = Math.max(0, first.deadlineMs - this.#clock.monotonicMs());
    this.#deadlineTimer = this.#clock.after(Math.ceil(delayMs), () => this.#expire());
  }

  #expire(): void {
    this.#deadlineTimer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#queue.peek(); first !== undefined && first.deadlineMs <= nowMs; first = this.#queue.peek()) {
      first.place?.remove();
      this.#expiredCount++;
      const message = `no place became free within ${this.timeoutMs} ms`;
      first.waiter.refuse(routingFaults.queue_timeout(message, { retryAfterMs: this.#roomInMs() }));
    }
    this.#planDeadline();
  }

  #noteEntry(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#lastEntryAtMs !== undefined) this.#entryGap.add(nowMs - this.#lastEntryAtMs);
    this.#lastEntryAtMs = nowMs;
  }

  /** About when those who wait now will have entered. */
  #roomInMs(): number {
    const estimateMs = this.#entryGap.value * this.#queue.size;
    return Math.min(retryAfterMsMax, Math.max(retryAfterMsMin, estimateMs));
  }
}
