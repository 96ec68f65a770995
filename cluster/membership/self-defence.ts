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
  #rival: { readonly peer: string; readonly startedAtMs: number; readonly outbidBy: number } | undefined;

  constructor(options: SelfDefenceOptions) {
    this.#options = options;
  }

  consider({ facts, state }: Claim): void {
    const { self } = this.#options.roster;
    if (facts.incarnation < self.incarnation) return;
    if (isAnotherProcess(facts, self) && isLiveState(state)) this.#outbid(facts);
    else if (facts.incarnation > self.incarnation || state !== 'alive') this.#refute(facts.incarnation);
  }

  /**
   * Another node is called the same. Its claim may be an old one that still goes round, so this node first takes a
   * higher incarnation: one that is outbid in turn has a living rival, and the two must agree who stops.
   */
  #outbid(facts: MemberFacts): void {
    const { roster, onTaken } = this.#options;
    const rival = this.#rival;
    const isSame = rival !== undefined && !isAnotherProcess(facts, rival);
    if (isSame && facts.incarnation > rival.outbidBy && hadItFirst(facts, roster.self)) {
      onTaken(facts);
      return;
    }
    this.#rise(facts.incarnation + 1);
    this.#rival = { peer: facts.peer, startedAtMs: facts.startedAtMs, outbidBy: facts.incarnation + 1 };
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

type Process = Pick<MemberFacts, 'peer' | 'startedAtMs'>;

/** Another key, or the same in another process: a node's folder that was copied makes two of one name and one key. */
function isAnotherProcess(one: Process, other: Process): boolean {
  return one.peer !== other.peer || one.startedAtMs !== other.startedAtMs;
}

function hadItFirst(one: Process, other: Process): boolean {
  if (one.peer === other.peer) return one.startedAtMs < other.startedAtMs;
  return compareHolders(one, other) > 0;
}

/** Facts without the readings around them. */
export function factsOf(facts: MemberFacts): MemberFacts {
  const { nodeId, peer, incarnation, address, meshAddresses, version, startedAtMs } = facts;
  return { nodeId, peer, incarnation, address, meshAddresses, version, startedAtMs };
}
