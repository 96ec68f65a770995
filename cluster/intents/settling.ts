import type { Timer } from '../../kit/clock.ts';
import { backoffCeilingMs } from '../../kit/backoff.ts';
import type { Environment } from '../environment.ts';
import type { Leadership } from '../leader/contract.ts';
import { isMajority } from '../leader/voter-config.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { StoredIntent } from './contract.ts';
import { pageKeys, readKeepAnswer, stampOf } from './intent-messages.ts';
import type { VoterMemory } from './voter-memory.ts';

export interface SettlingOptions extends Environment {
  readonly post: Post;
  readonly leadership: Leadership;
  readonly memory: VoterMemory;
}

interface Outcome {
  readonly intent: StoredIntent;
  /** Voters that have it, all in the configuration `stamp`. */
  readonly holders: Set<NodeId>;
  readonly done: (() => void) | undefined;
  stamp: string | undefined;
}

/** Outcomes that wait for a majority; one a key is usual. The oldest is no longer pressed on others past it. */
const outcomesMax = 10_000;
const retryCapMs = 5000;

/**
 * Tells the voters how intents ended, until a majority has it on disk. It needs no leadership: that something was spent
 * is a fact. Only acknowledgements given in one and the same configuration, the current one, make a majority.
 */
export class Settling {
  readonly #options: SettlingOptions;
  #outcomes: Outcome[] = [];
  #timer: Timer | undefined;
  #attempt = 0;
  #isStopped = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
    options.post.observe({ reached: () => this.#outcomes.length > 0 && this.#press() });
  }

  settle(intent: StoredIntent, done?: () => void): void {
    this.#outcomes.push({ intent, holders: new Set(), done, stamp: undefined });
    if (this.#outcomes.length > outcomesMax) this.#outcomes.shift();
    this.#attempt = 0;
    this.#press();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #press(): void {
    const { post, leadership, clock, timing } = this.#options;
    this.#timer?.cancel();
    this.#timer = undefined;
    const { config } = leadership;
    if (this.#isStopped) return;
    if (config !== undefined) for (const voter of config.voters) this.#tell(voter, stampOf(config));
    const isAlone = config?.voters.every((voter) => voter === post.self) === true;
    if (this.#outcomes.length === 0 || (!isAlone && post.reachable().length === 0)) return;
    const options = { baseMs: 2 * timing.heartbeatMs, capMs: retryCapMs };
    this.#timer = clock.after(backoffCeilingMs(this.#attempt++, options), () => this.#press());
  }

  #tell(voter: NodeId, stamp: string): void {
    const { post, timing } = this.#options;
    const open = this.#outcomes.filter((outcome) => outcome.stamp !== stamp || !outcome.holders.has(voter));
    const told = open.slice(0, pageKeys);
    if (told.length === 0) return;
    const intents = told.map(({ intent }) => intent);
    if (voter === post.self) return this.#keep(told, stamp);
    post.ask(voter, 'intents/keep', { intents, isAll: false }, timing.leaseMs, (body) =>
      this.#told(told, voter, readKeepAnswer(body)),
    );
  }

  #keep(told: readonly Outcome[], stamp: string): void {
    const { post, memory } = this.#options;
    const intents = told.map(({ intent }) => intent);
    memory.note(intents, (error) => {
      if (error === undefined || error === null) this.#told(told, post.self, stamp);
    });
  }

  #told(told: readonly Outcome[], voter: NodeId, stamp: string | undefined): void {
    const { config } = this.#options.leadership;
    if (this.#isStopped || config === undefined || stamp !== stampOf(config)) return;
    const settled = new Set<Outcome>();
    for (const outcome of told) {
      if (outcome.stamp !== stamp) outcome.holders.clear();
      outcome.stamp = stamp;
      outcome.holders.add(voter);
      if (isMajority(config, outcome.holders)) settled.add(outcome);
    }
    this.#finish(settled);
  }

  #finish(settled: ReadonlySet<Outcome>): void {
    const finished = this.#outcomes.filter((outcome) => settled.has(outcome));
    if (finished.length === 0) return;
    this.#outcomes = this.#outcomes.filter((outcome) => !settled.has(outcome));
    if (this.#outcomes.length === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    for (const { done } of finished) done?.();
  }
}
