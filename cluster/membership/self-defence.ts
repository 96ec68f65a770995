import type { Awareness } from './awareness.ts';
import type { Claim } from './claim.ts';
import type { MemberFacts } from './contract.ts';
import type { Herald } from './herald.ts';
import { compareHolders } from './merge.ts';
import { isLiveState, type Roster } from './roster.ts';

export interface SelfDefenceOptions {
  readonly roster: Roster;
  readonly herald: Herald;
  readonly awareness: Awareness;
  readonly onIncarnation: (incarnation: number) => void;
  /** Another live node has the name, and had it first. */
  readonly onTaken: (holder: MemberFacts) => void;
}

/** Answers what others say of this node: only it may say that it left, and its last word is always that it is alive. */
export class SelfDefence {
  readonly #options: SelfDefenceOptions;
  /** Another holder of the name, and the incarnation that this node took to outbid it. */
  #rival: { readonly peer: string; readonly outbidBy: number } | undefined;

  constructor(options: SelfDefenceOptions) {
    this.#options = options;
  }

  consider({ facts, state }: Claim): void {
    const { self } = this.#options.roster;
    if (facts.incarnation < self.incarnation) return;
    if (facts.peer !== self.peer && isLiveState(state)) this.#outbid(facts);
    else if (facts.incarnation > self.incarnation || state !== 'alive') this.#refute(facts.incarnation);
  }

  /**
   * Another node is called the same. Its claim may be an old one that still goes round, so this node first takes a
   * higher incarnation: one that is outbid in turn has a living rival, and the two must agree who stops.
   */
  #outbid(facts: MemberFacts): void {
    const { roster, onTaken } = this.#options;
    const isAlive = this.#rival?.peer === facts.peer && facts.incarnation > this.#rival.outbidBy;
    if (isAlive && compareHolders(roster.self, facts) < 0) {
      onTaken(facts);
      return;
    }
    this.#rise(facts.incarnation + 1);
    this.#rival = { peer: facts.peer, outbidBy: facts.incarnation + 1 };
  }

  #refute(incarnation: number): void {
    // Those who accused did not hear this node in time; the fault may be here.
    this.#options.awareness.worsen();
    this.#rise(incarnation + 1);
  }

  #rise(incarnation: number): void {
    const { roster, herald, onIncarnation } = this.#options;
    const claim: Claim = { facts: { ...factsOf(roster.self), incarnation }, state: 'alive', by: undefined };
    roster.set(claim);
    onIncarnation(incarnation);
    herald.announce(claim);
  }
}

/** Facts without the readings around them. */
export function factsOf(facts: MemberFacts): MemberFacts {
  const { nodeId, peer, incarnation, address, meshAddresses, version, startedAtMs } = facts;
  return { nodeId, peer, incarnation, address, meshAddresses, version, startedAtMs };
}
