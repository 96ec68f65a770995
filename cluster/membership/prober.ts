import type { Clock, Timer } from '../../kit/clock.ts';
import type { NodeId } from './contract.ts';
import type { PunctualTimers } from './punctual-timers.ts';

export interface ProbeFailure {
  /** Helpers that were asked, and those of them that said in time that they had no answer either. */
  readonly helpers: number;
  readonly nacks: number;
  /** True when there was no connection to send over: no sign that this node is slow. */
  readonly isUnreachable: boolean;
}

export interface ProberOptions {
  readonly clock: Clock;
  readonly timers: PunctualTimers;
  /** How long to wait for an answer, now. */
  readonly timeoutMs: () => number;
  /** Sends a probe; false when there is no connection. */
  readonly ping: (target: NodeId, sequence: number) => boolean;
  /** Asks some others to probe; answers whom. */
  readonly askHelpers: (target: NodeId, sequence: number) => readonly NodeId[];
  /** Monotonic ms of the last frame from the node itself. */
  readonly lastHeardMs: (node: NodeId) => number | undefined;
  /** `roundTripMs` is undefined when a helper saw it, or when something else than the answer came. */
  readonly onAlive: (node: NodeId, roundTripMs: number | undefined) => void;
  readonly onFailed: (node: NodeId, failure: ProbeFailure) => void;
}

interface Probe {
  readonly target: NodeId;
  readonly sequence: number;
  readonly startedMs: number;
  readonly isUnreachable: boolean;
  helpers: readonly NodeId[];
  readonly nacks: Set<NodeId>;
  timer: Timer | undefined;
}

/** Probes: directly, then through helpers. One at a time for each target. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #probes = new Map<NodeId, Probe>();
  #sequence = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** A number for a question that is answered by number; relays share them. */
  nextSequence(): number {
    this.#sequence++;
    return this.#sequence;
  }

  /** Does nothing while the target is being probed. */
  probe(target: NodeId): void {
    if (this.#probes.has(target)) return;
    const sequence = this.nextSequence();
    const startedMs = this.#options.clock.monotonicMs();
    const isUnreachable = !this.#options.ping(target, sequence);
    const probe: Probe = {
      target,
      sequence,
      startedMs,
      isUnreachable,
      helpers: [],
      nacks: new Set(),
      timer: undefined,
    };
    this.#probes.set(target, probe);
    if (isUnreachable) this.#goRound(probe);
    else probe.timer = this.#options.timers.after(this.#options.timeoutMs(), () => this.#goRound(probe));
  }

  /** An answer, from the target or from a helper. False when it belongs to no probe. */
  acknowledged(from: NodeId, sequence: number): boolean {
    const probe = this.#find(from, sequence);
    if (probe === undefined) return false;
    const isDirect = from === probe.target;
    this.#end(probe);
    const elapsedMs = this.#options.clock.monotonicMs() - probe.startedMs;
    this.#options.onAlive(probe.target, isDirect ? elapsedMs : undefined);
    return true;
  }

  /** A helper got no answer. Once all of them say so there is nothing to wait for. */
  refused(from: NodeId, sequence: number): void {
    const probe = this.#find(from, sequence);
    if (probe === undefined || from === probe.target) return;
    probe.nacks.add(from);
    if (probe.nacks.size === probe.helpers.length) this.#conclude(probe);
  }

  /** Forgets the probes under way, without a verdict. */
  drop(): void {
    for (const probe of this.#probes.values()) this.#end(probe);
  }

  #goRound(probe: Probe): void {
    if (this.#probes.get(probe.target) !== probe) return;
    if (this.#wasHeard(probe)) {
      this.#conclude(probe);
      return;
    }
    probe.helpers = this.#options.askHelpers(probe.target, probe.sequence);
    if (probe.helpers.length === 0) this.#conclude(probe);
    else probe.timer = this.#options.timers.after(this.#options.timeoutMs(), () => this.#conclude(probe));
  }

  #conclude(probe: Probe): void {
    if (this.#probes.get(probe.target) !== probe) return;
    this.#end(probe);
    if (this.#wasHeard(probe)) {
      this.#options.onAlive(probe.target, undefined);
      return;
    }
    const { helpers, nacks, isUnreachable } = probe;
    this.#options.onFailed(probe.target, { helpers: helpers.length, nacks: nacks.size, isUnreachable });
  }

  /** Anything that came from it after the probe was sent is an answer as good. */
  #wasHeard({ target, startedMs }: Probe): boolean {
    const heardMs = this.#options.lastHeardMs(target);
    return heardMs !== undefined && heardMs > startedMs;
  }

  #find(from: NodeId, sequence: number): Probe | undefined {
    for (const probe of this.#probes.values()) {
      if (probe.sequence !== sequence) continue;
      return from === probe.target || probe.helpers.includes(from) ? probe : undefined;
    }
    return undefined;
  }

  #end(probe: Probe): void {
    probe.timer?.cancel();
    this.#probes.delete(probe.target);
  }
}
