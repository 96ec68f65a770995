import type { Clock, Timer } from '../../kit/clock.ts';
import type { NodeId } from './contract.ts';
import type { PunctualTimers } from './punctual-timers.ts';

/** Probes for others under way; past it the answer is no at once. A mesh of 100 that doubts one node makes three each. */
const relaysMax = 256;

interface Relay {
  readonly target: NodeId;
  readonly asker: NodeId;
  readonly askerSequence: number;
  readonly startedMs: number;
  readonly timer: Timer;
}

export interface RelaysOptions {
  readonly clock: Clock;
  readonly timers: PunctualTimers;
  /** Shorter than the asker's own wait, so that the refusal arrives within it. */
  readonly timeoutMs: number;
  readonly nextSequence: () => number;
  /** Sends a probe; false when there is no connection. */
  readonly ping: (target: NodeId, sequence: number) => boolean;
  readonly lastHeardMs: (node: NodeId) => number | undefined;
  readonly answer: (asker: NodeId, sequence: number, isAlive: boolean) => void;
}

/** Probes that this node makes for others. */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #relays = new Map<number, Relay>();

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  begin(asker: NodeId, askerSequence: number, target: NodeId): void {
    const { clock, timers, timeoutMs, nextSequence, ping, answer } = this.#options;
    const sequence = nextSequence();
    if (this.#relays.size >= relaysMax || !ping(target, sequence)) {
      answer(asker, askerSequence, false);
      return;
    }
    const timer = timers.after(timeoutMs, () => this.#expire(sequence));
    this.#relays.set(sequence, { target, asker, askerSequence, startedMs: clock.monotonicMs(), timer });
  }

  /** An answer of a probed member. */
  acknowledged(from: NodeId, sequence: number): void {
    const relay = this.#relays.get(sequence);
    if (relay === undefined || relay.target !== from) return;
    relay.timer.cancel();
    this.#relays.delete(sequence);
    this.#options.answer(relay.asker, relay.askerSequence, true);
  }

  drop(): void {
    for (const relay of this.#relays.values()) relay.timer.cancel();
    this.#relays.clear();
  }

  #expire(sequence: number): void {
    const relay = this.#relays.get(sequence);
    if (relay === undefined) return;
    this.#relays.delete(sequence);
    const heardMs = this.#options.lastHeardMs(relay.target);
    const isAlive = heardMs !== undefined && heardMs > relay.startedMs;
    this.#options.answer(relay.asker, relay.askerSequence, isAlive);
  }
}
