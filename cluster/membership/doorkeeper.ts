import type { Clock } from '../../kit/clock.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { PeerId } from '../transport/contract.ts';
import type { Claim } from './claim.ts';
import type { MemberFacts, NodeId, Welcome } from './contract.ts';
import type { Herald } from './herald.ts';
import type { Judge } from './judge.ts';
import { isLiveState, type Entry, type Roster } from './roster.ts';

/** Contests remembered; more at once is no accident. */
const contestsMax = 64;
/** One that does not ask again for so long has gone. */
const contestKeepMs = 30_000;

interface Contest {
  readonly peer: PeerId;
  readonly sinceMs: number;
  lastMs: number;
}

export interface DoorkeeperOptions {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly judge: Judge;
  readonly herald: Herald;
  readonly probe: (node: NodeId) => void;
}

/** Lets in those who introduce themselves over a connection of their own. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions;
  readonly #contests = new LruMap<NodeId, Contest>(contestsMax);

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
  }

  introduced(facts: MemberFacts): Welcome {
    const { roster } = this.#options;
    const known = roster.get(facts.nodeId);
    if (known === undefined) return this.#meet(facts);
    if (known.peer === facts.peer) {
      // In the same incarnation its own facts may only be fresher; a worse state is for itself to refute.
      if (facts.incarnation > known.incarnation) this.#admit(facts);
      return 'welcome';
    }
    if (known.isSelf) return 'node_id_taken';
    if (isLiveState(known.state)) return this.#contest(known, facts);
    if (facts.incarnation > known.incarnation) this.#admit(facts);
    return 'welcome';
  }

  #meet(facts: MemberFacts): Welcome {
    if (!this.#options.roster.makeRoom()) return 'mesh_full';
    this.#admit(facts);
    return 'welcome';
  }

  #admit(facts: MemberFacts): void {
    const claim: Claim = { facts, state: 'alive', by: undefined };
    this.#contests.delete(facts.nodeId);
    this.#options.judge.admit(claim);
    this.#options.herald.announce(claim);
  }

  /** The name is another's. One that crashed and lost its disk must get it back, so the holder is asked whether it lives. */
  #contest(holder: Entry, facts: MemberFacts): Welcome {
    const nowMs = this.#options.clock.monotonicMs();
    const contest = this.#contestOf(facts, nowMs);
    contest.lastMs = nowMs;
    const provenMs = Math.max(holder.lastHeardMs ?? -1, holder.provenMs ?? -1);
    if (provenMs > contest.sinceMs) return 'node_id_taken';
    this.#options.probe(holder.nodeId);
    return 'node_id_doubtful';
  }

  #contestOf({ nodeId, peer }: MemberFacts, nowMs: number): Contest {
    const running = this.#contests.get(nodeId);
    if (running?.peer === peer && nowMs - running.lastMs <= contestKeepMs) return running;
    const contest = { peer, sinceMs: nowMs, lastMs: nowMs };
    this.#contests.set(nodeId, contest);
    return contest;
  }
}
