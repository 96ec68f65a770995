import type { NodeId } from '../membership/contract.ts';
import { AvailableLeadership } from './available-leadership.ts';
import type { Leadership, LeadershipObserver, VoterConfig } from './contract.ts';
import type { ElectionOptions } from './election-options.ts';
import { MajorityElection } from './majority-election.ts';

interface Policy extends Leadership {
  start(): void;
  stop(): void;
}

/** Who acts for all, by the policy that a person chose: a majority's word, or the lowest id alive. */
export class Election implements Leadership {
  readonly #policy: Policy;

  constructor(options: ElectionOptions) {
    this.#policy = options.policy === 'available' ? new AvailableLeadership(options) : new MajorityElection(options);
  }

  get leader(): NodeId | undefined {
    return this.#policy.leader;
  }

  /** The newest term that this node's disk has. */
  get term(): number {
    return this.#policy.term;
  }

  get isSelf(): boolean {
    return this.#policy.isSelf;
  }

  get config(): VoterConfig | undefined {
    return this.#policy.config;
  }

  get electionsStarted(): number {
    return this.#policy.electionsStarted;
  }

  get electionsWon(): number {
    return this.#policy.electionsWon;
  }

  leaseLeftMs(): number {
    return this.#policy.leaseLeftMs();
  }

  guardChanges(isCarried: (config: VoterConfig, newcomer?: NodeId) => boolean): void {
    this.#policy.guardChanges?.(isCarried);
  }

  observe(observer: LeadershipObserver): void {
    this.#policy.observe(observer);
  }

  start(): void {
    this.#policy.start();
  }

  stop(): void {
    this.#policy.stop();
  }

  resign(done: () => void): void {
    this.#policy.resign(done);
  }

  /**
   * Asks the leader first. Where there is none, or it cannot, and `isForced`: this node alone writes a configuration
   * without the member, ahead of what the old majority may write. If that majority is in fact alive somewhere else, it
   * goes on until it hears of this: until then there may be two leaders, and a token may be spent twice.
   */
  removeVoter(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    this.#policy.removeVoter(node, isForced, done);
  }
}
