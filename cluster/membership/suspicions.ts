import type { Clock, Timer } from '../../kit/clock.ts';
import type { NodeId } from './contract.ts';
import type { PunctualTimers } from './punctual-timers.ts';
import { suspicionMs, type SuspicionSpan } from './suspicion.ts';

interface Suspicion {
  readonly accusers: Set<NodeId>;
  readonly span: SuspicionSpan;
  startedMs: number;
  timer: Timer;
}

/** Suspicions under way, one a node; `onExpired` when nothing refuted it in time. */
export class Suspicions {
  readonly #clock: Clock;
  readonly #timers: PunctualTimers;
  readonly #onExpired: (node: NodeId, startedMs: number) => void;
  readonly #running = new Map<NodeId, Suspicion>();

  constructor(clock: Clock, timers: PunctualTimers, onExpired: (node: NodeId, startedMs: number) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#onExpired = onExpired;
  }

  begin(node: NodeId, accuser: NodeId, span: SuspicionSpan): void {
    this.end(node);
    const startedMs = this.#clock.monotonicMs();
    const timer = this.#schedule(node, suspicionMs(0, span));
    this.#running.set(node, { accusers: new Set([accuser]), span, startedMs, timer });
  }

  /** One more accuser. False when it said so before, or when enough have: nobody need hear of it again. */
  confirm(node: NodeId, accuser: NodeId): boolean {
    const suspicion = this.#running.get(node);
    if (suspicion === undefined || suspicion.accusers.has(accuser)) return false;
    const { accusers, span, startedMs } = suspicion;
    if (accusers.size > span.wanted) return false;
    accusers.add(accuser);
    const endMs = startedMs + suspicionMs(accusers.size - 1, span);
    suspicion.timer.cancel();
    suspicion.timer = this.#schedule(node, Math.max(0, endMs - this.#clock.monotonicMs()));
    return true;
  }

  /** It is not enough yet: asks again after `delayMs`, counting what came up to now as heard before. */
  prolong(node: NodeId, delayMs: number): void {
    const suspicion = this.#running.get(node);
    if (suspicion === undefined) return;
    suspicion.timer.cancel();
    suspicion.startedMs = this.#clock.monotonicMs();
    suspicion.timer = this.#schedule(node, delayMs);
  }

  end(node: NodeId): void {
    this.#running.get(node)?.timer.cancel();
    this.#running.delete(node);
  }

  endAll(): void {
    for (const node of this.#running.keys()) this.end(node);
  }

  #schedule(node: NodeId, delayMs: number): Timer {
    return this.#timers.after(delayMs, () => {
      const suspicion = this.#running.get(node);
      if (suspicion !== undefined) this.#onExpired(node, suspicion.startedMs);
    });
  }
}
