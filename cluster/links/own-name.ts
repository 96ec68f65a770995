import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { MemberFacts } from '../membership/contract.ts';
import { compareHolders } from '../membership/merge.ts';
import { linkFaults } from './faults.ts';
import type { Refusal } from './hello.ts';

/** A node that replaces another of its name is given so long for the other one to go. */
const patienceMs = 5000;
/** Refusals that come further apart have not to do with each other. */
const gapMaxMs = 12_000;

export interface OwnNameOptions {
  readonly clock: Clock;
  readonly self: () => MemberFacts;
  readonly isJoined: () => boolean;
  readonly onFatal: (fault: Fault) => void;
}

/** Whether this node's name is its own. Ends the node's membership, once, when it belongs to another. */
export class OwnName {
  readonly #options: OwnNameOptions;
  #sinceMs = 0;
  #lastMs = -Infinity;
  #holder: MemberFacts | undefined;
  #isLost = false;

  constructor(options: OwnNameOptions) {
    this.#options = options;
  }

  /** In words, while another is in the way. */
  get obstacle(): string | undefined {
    return this.#holder === undefined ? undefined : describe(this.#options.self(), this.#holder);
  }

  /** A member does not let this node in. */
  refused({ holder, isSure }: Refusal): void {
    if (this.#options.isJoined() && compareHolders(this.#options.self(), holder) >= 0) return;
    this.#holder = holder;
    if (!isSure) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#lastMs > gapMaxMs) this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
    if (nowMs - this.#sinceMs >= patienceMs) this.lost(holder);
  }

  /** A member let this node in. */
  welcomed(): void {
    this.#holder = undefined;
    this.#lastMs = -Infinity;
  }

  /** It is certain: another has it. */
  lost(holder: MemberFacts): void {
    this.#end(linkFaults.node_id_taken(describe(this.#options.self(), holder)));
  }

  /** Another process runs with this node's key. The one that has not joined goes, or they would stop each other. */
  copied(fault: Fault): void {
    if (!this.#options.isJoined()) this.#end(fault);
  }

  /**
   * Another peer introduces itself by the same name. True when this one has the better right: members before newcomers,
   * then who started earlier. Otherwise nothing is said; the other side refuses this one by the same rule.
   */
  isOursAgainst(facts: MemberFacts, isJoined: boolean): boolean {
    const isMember = this.#options.isJoined();
    if (isMember !== isJoined) return isMember;
    return compareHolders(this.#options.self(), facts) > 0;
  }

  #end(fault: Fault): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#options.onFatal(fault);
  }
}

function describe(self: MemberFacts, holder: MemberFacts): string {
  return (
    `The node id ${self.nodeId} is taken by a live node at ${holder.address}. ` +
    'Give this node another --node-id, or stop the other one first.'
  );
}
