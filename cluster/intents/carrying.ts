import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { VoterConfig } from '../leader/contract.ts';
import { isMajority } from '../leader/voter-config.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { pageKeys, readKeepAnswer, readReadAnswer, stampOf, type ReadAnswer } from './intent-messages.ts';
import { Teaching } from './teaching.ts';
import type { VoterMemory } from './voter-memory.ts';

export interface CarryingOptions extends Environment {
  readonly post: Post;
  readonly memory: VoterMemory;
}

interface Run {
  readonly stamp: string;
  readonly config: VoterConfig;
  readonly answered: Set<NodeId>;
  /** Those of them that had not lost what they knew. */
  readonly sure: Set<NodeId>;
  /** Digest at which a voter knew the same as this node. */
  readonly digests: Map<NodeId, string>;
  readonly holders: Set<NodeId>;
  readonly waiting: ((isCarried: boolean) => void)[];
  isRead: boolean;
  /** The end of the run, and what is tried again until then. */
  readonly timers: Set<Timer>;
}

/** Those who may wait for the same run. */
const waitingMax = 10_000;

/**
 * Makes what a majority of the last voters knew known to a majority of these: reads it from a majority, which meets any
 * majority of the voters before them, and writes it to a majority. The leader does so once for each configuration,
 * before it notes an intent and before the voters change again; so it knows every fact that anybody was told to be
 * agreed, and no two changes in a row can lose one. A voter answers only in the same configuration, so that what it
 * acknowledges later counts for this or a later one. Voters that know nothing at all may have lost their disk: they
 * count only when everyone answers.
 */
export class Carrying {
  readonly #options: CarryingOptions;
  #carried: string | undefined;
  #run: Run | undefined;
  readonly #pushing = new Set<NodeId>();
  readonly #teaching: Teaching;

  constructor(options: CarryingOptions) {
    this.#options = options;
    this.#teaching = new Teaching({
      ...options,
      digest: () => options.memory.digest,
      push: (voter, done) => this.push(voter, done),
    });
  }

  /**
   * Starts it where it was not done yet; where it was, sees to it that all voters know, and `newcomer`, who is to become
   * one. Asked at every heartbeat.
   */
  isCarried(config: VoterConfig, newcomer?: NodeId): boolean {
    if (this.#carried !== stampOf(config)) this.ensure(config, () => undefined);
    if (this.#carried !== stampOf(config)) return false;
    if (newcomer !== undefined) return this.#teaching.hasTaught(newcomer, config);
    for (const voter of config.voters) if (voter !== this.#options.post.self) this.#teaching.hasTaught(voter, config);
    return true;
  }

  ensure(config: VoterConfig, done: (isCarried: boolean) => void): void {
    const stamp = stampOf(config);
    if (this.#carried === stamp) return done(true);
    if (this.#run !== undefined && this.#run.stamp !== stamp) this.#end(this.#run, false);
    if (this.#run === undefined) this.#start(stamp, config, done);
    else if (this.#run.waiting.length < waitingMax) this.#run.waiting.push(done);
    else done(false);
  }

  stop(): void {
    if (this.#run !== undefined) this.#end(this.#run, false);
  }

  /** Tells one voter all, page by page. */
  push(voter: NodeId, done: (stamp: string | undefined) => void = () => undefined): void {
    if (this.#pushing.has(voter)) return done(undefined);
    this.#pushing.add(voter);
    this.#pushPage(voter, '', (stamp) => {
      this.#pushing.delete(voter);
      done(stamp);
    });
  }

  #start(stamp: string, config: VoterConfig, done: (isCarried: boolean) => void): void {
    const { post, memory, clock, timing } = this.#options;
    const run: Run = {
      stamp,
      config,
      answered: new Set(),
      sure: new Set(),
      digests: new Map(),
      holders: new Set(),
      waiting: [done],
      isRead: false,
      timers: new Set(),
    };
    this.#run = run;
    run.timers.add(clock.after(timing.electionMinMs, () => this.#end(run, false)));
    for (const voter of config.voters) if (voter !== post.self) this.#read(run, voter, '', memory.digest);
    this.#answered(run, post.self, memory.isNew);
  }

  #read(run: Run, voter: NodeId, after: string, digest: string): void {
    const { post, timing } = this.#options;
    const question = { config: run.stamp, digest, after };
    post.ask(voter, 'intents/read', question, timing.leaseMs, (body) => {
      const answer = readReadAnswer(body);
      if (answer !== undefined && !answer.isElsewhere) {
        if (this.#run === run) this.#took(run, voter, digest, answer);
      } else this.#later(run, () => this.#read(run, voter, '', this.#options.memory.digest));
    });
  }

  #took(run: Run, voter: NodeId, digest: string, { isSame, isNew, intents, next }: ReadAnswer): void {
    const { memory } = this.#options;
    if (isSame && !isNew) run.digests.set(voter, digest);
    memory.note(intents, () => undefined);
    if (next === undefined) this.#answered(run, voter, isNew);
    else this.#read(run, voter, next, 'page');
  }

  #answered(run: Run, voter: NodeId, isNew: boolean): void {
    run.answered.add(voter);
    if (!isNew) run.sure.add(voter);
    const isComplete = isMajority(run.config, run.sure) || run.config.voters.every((node) => run.answered.has(node));
    if (run.isRead || !isComplete) return;
    run.isRead = true;
    const { memory } = this.#options;
    memory.note([...memory.all()], (error) => {
      if (error === undefined || error === null) memory.learnt((fault) => this.#write(run, fault));
      else this.#end(run, false);
    });
  }

  #write(run: Run, error: unknown): void {
    if (this.#run !== run) return;
    if (error !== undefined && error !== null) return this.#end(run, false);
    const { post, memory } = this.#options;
    this.#holds(run, post.self);
    for (const voter of run.config.voters) {
      if (voter === post.self) continue;
      if (run.digests.get(voter) === memory.digest) this.#holds(run, voter);
      else this.#pushIn(run, voter);
    }
  }

  #pushIn(run: Run, voter: NodeId): void {
    this.push(voter, (stamp) => {
      if (stamp === run.stamp) this.#holds(run, voter);
      else this.#later(run, () => this.#pushIn(run, voter));
    });
  }

  /** A voter that has not heard of the configuration yet, or was out of reach, is asked again while the run lasts. */
  #later(run: Run, again: () => void): void {
    const { clock, timing } = this.#options;
    if (this.#run !== run) return;
    const timer = clock.after(timing.heartbeatMs, () => {
      run.timers.delete(timer);
      again();
    });
    run.timers.add(timer);
  }

  #holds(run: Run, voter: NodeId): void {
    run.holders.add(voter);
    if (this.#run === run && isMajority(run.config, run.holders)) this.#end(run, true);
  }

  #end(run: Run, isCarried: boolean): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    for (const timer of run.timers) timer.cancel();
    if (isCarried) this.#carried = run.stamp;
    for (const done of run.waiting) done(isCarried);
  }

  #pushPage(voter: NodeId, after: string, done: (stamp: string | undefined) => void): void {
    const { post, memory, timing } = this.#options;
    const { intents, next } = memory.page(after, pageKeys);
    post.ask(voter, 'intents/keep', { intents, isAll: next === undefined }, timing.leaseMs, (body) => {
      const stamp = readKeepAnswer(body);
      if (stamp === undefined || next === undefined) done(stamp);
      else this.#pushPage(voter, next, done);
    });
  }
}
