import type { Timing } from '../timing.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { VoterConfig } from './contract.ts';
import { agreedVotersMax, withVoter, withoutVoter } from './voter-config.ts';

interface Gone {
  readonly as: 'left' | 'dead';
  readonly sinceMs: number;
}

/** So many are prepared for a seat at once: one whose disk refuses holds up nobody, and a large mesh is not taught in vain. */
const taughtMax = agreedVotersMax;

export interface VoterChangesOptions {
  readonly self: NodeId;
  readonly membership: Membership;
  readonly timing: Pick<Timing, 'leftVoterKeepMs' | 'deadVoterKeepMs'>;
  /** Whether the member follows this leader in this configuration's cluster, and wants to vote. */
  readonly isFollowing: (node: NodeId) => boolean;
  /** Whether it knows what the voters know; asked again, it will. */
  readonly isTaught: (node: NodeId) => boolean;
  /** Whether a majority of the configuration was heard from within the lease. */
  readonly hasMajority: (config: VoterConfig) => boolean;
}

/**
 * What the leader would change about the voters next: one step, or nothing. Those who left give up their seat after
 * a while (a rolling restart gives it back before), the dead after a longer one: the majority must not shrink with
 * every split. With two voters, one who left goes at once, for the other could do nothing alone.
 */
export class VoterChanges {
  readonly #options: VoterChangesOptions;
  /** Voters that are not live, since this leader saw it; at most as many as there are voters. */
  readonly #gone = new Map<NodeId, Gone>();

  constructor(options: VoterChangesOptions) {
    this.#options = options;
  }

  next(config: VoterConfig, nowMs: number): VoterConfig | undefined {
    this.#note(config, nowMs);
    return this.#taken(config, nowMs) ?? this.#added(config);
  }

  #note(config: VoterConfig, nowMs: number): void {
    for (const node of this.#gone.keys()) if (!config.voters.includes(node)) this.#gone.delete(node);
    for (const node of config.voters) this.#noteOne(node, nowMs);
  }

  #noteOne(node: NodeId, nowMs: number): void {
    if (this.#options.membership.isLive(node)) {
      this.#gone.delete(node);
      return;
    }
    const state = this.#options.membership.get(node)?.state;
    const known = this.#gone.get(node);
    // A member that is forgotten stays what it was last.
    const as = state === 'left' ? 'left' : state === 'dead' ? 'dead' : (known?.as ?? 'dead');
    if (known?.as !== as) this.#gone.set(node, { as, sinceMs: known?.sinceMs ?? nowMs });
  }

  #taken(config: VoterConfig, nowMs: number): VoterConfig | undefined {
    for (const [node, gone] of this.#gone) {
      if (node === this.#options.self || nowMs - gone.sinceMs < this.#keepMs(config, gone)) continue;
      const next = withoutVoter(config, node);
      if (this.#options.hasMajority(next)) return next;
    }
    return undefined;
  }

  #keepMs(config: VoterConfig, gone: Gone): number {
    const { leftVoterKeepMs, deadVoterKeepMs } = this.#options.timing;
    if (gone.as === 'dead') return deadVoterKeepMs;
    return config.voters.length === 2 ? 0 : leftVoterKeepMs;
  }

  #added(config: VoterConfig): VoterConfig | undefined {
    if (config.voters.length >= agreedVotersMax) return undefined;
    const { membership, isFollowing, isTaught } = this.#options;
    const candidates = membership.live.filter(
      ({ nodeId, state }) => state === 'alive' && !config.voters.includes(nodeId) && isFollowing(nodeId),
    );
    const found = candidates.slice(0, taughtMax).find(({ nodeId }) => isTaught(nodeId));
    return found === undefined ? undefined : withVoter(config, found.nodeId);
  }
}
