import type { Environment } from '../environment.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { randomMembers } from '../random-members.ts';
import type { Ballot } from './ballot.ts';
import type { VoterConfig } from './contract.ts';
import { compareConfigs, isPreferredCluster, isProposal, isStatic, withoutVoter } from './voter-config.ts';

export interface KnownVotersOptions extends Environment {
  readonly post: Post;
  readonly ballot: Ballot;
  /** Voters that a person named; empty: the members agree on them. */
  readonly voters: readonly NodeId[];
  readonly isLeading: () => boolean;
  /** Another configuration is about to be this node's; `isOther`: that of another cluster, or its first. */
  readonly onAdopting: (config: VoterConfig, isOther: boolean) => void;
  readonly onAdopted: (isOther: boolean) => void;
}

/** A person's word goes before what the old majority may have agreed on meanwhile, in the same term. */
const forcedVersionStep = 1000;
/** Clusters that were warned of; a mesh meets none or one. */
const warnedMax = 16;

/** Who the voters are, as this node knows it: what it takes over from others, and what it tells them. */
export class KnownVoters {
  readonly #options: KnownVotersOptions;
  readonly #warnedOf = new Set<string>();

  constructor(options: KnownVotersOptions) {
    this.#options = options;
  }

  /** As it is decided here; undefined before the cluster is founded. */
  get current(): VoterConfig | undefined {
    return agreed(this.#options.ballot.config);
  }

  /** As it is on disk: all that others may be told. */
  get durable(): VoterConfig | undefined {
    return agreed(this.#options.ballot.durable.config);
  }

  get isVoter(): boolean {
    return this.current?.voters.includes(this.#options.post.self) === true;
  }

  get isOnlyVoter(): boolean {
    return this.isVoter && this.current?.voters.length === 1;
  }

  /** Without `to`: everyone, or where that is many the voters and a few others; it is said again until there is a leader. */
  tell(to?: NodeId): void {
    const { post, random, timing } = this.#options;
    const config = this.durable;
    if (config === undefined) return;
    const others = post.reachable();
    if (to !== undefined) post.send(to, 'leader/config', config);
    else if (others.length <= timing.directMembersMax) post.broadcast('leader/config', config);
    else {
      const some = new Set([...config.voters, ...randomMembers(others, timing.fanout, random)]);
      for (const node of some) if (node !== post.self) post.send(node, 'leader/config', config);
    }
  }

  /**
   * Takes what is newer, or of a cluster to give way to. `isLed`: its leader says so. True when this node is of that
   * cluster afterwards.
   */
  learn(config: VoterConfig, isLed: boolean): boolean {
    const own = this.current;
    if (own === undefined) return this.adopt(config);
    if (own.clusterId !== config.clusterId) return this.#meet(own, config, isLed);
    const isNewer = !isStatic(own) && compareConfigs(config, own) > 0;
    // The leader of a term is the only one who writes configurations in it.
    if (isNewer && (!this.#options.isLeading() || config.term > this.#options.ballot.term)) this.adopt(config);
    return true;
  }

  adopt(config: VoterConfig): true {
    const { ballot, onAdopting, onAdopted } = this.#options;
    const isOther = this.current?.clusterId !== config.clusterId;
    onAdopting(config, isOther);
    if (config.term > ballot.term) ballot.update({ term: config.term, votedFor: undefined, config });
    else ballot.update({ config });
    onAdopted(isOther);
    return true;
  }

  /** Writes, without anybody's agreement, a configuration without the voter; `done` with the reason when it could not. */
  force(node: NodeId, done: (refusal?: string) => void): void {
    const { ballot, log } = this.#options;
    const own = this.current;
    if (own === undefined) return done('no voters are agreed yet');
    if (isStatic(own)) return done('the voters are named in the settings');
    if (!this.isVoter) return done('this node is not a voter');
    const term = ballot.term + 1;
    const config = { ...withoutVoter(own, node), term, version: own.version + forcedVersionStep };
    log.warn('A voter is taken out by force.', { node, voters: config.voters });
    ballot.update({ term, votedFor: undefined, config }, (isDurable) =>
      done(isDurable ? undefined : 'it could not be kept'),
    );
  }

  /**
   * Another cluster gives way only to one that has a leader; a node that is its cluster's only voter also to one that
   * counts it as a voter, since it may have lost its disk and founded anew what exists.
   */
  #meet(own: VoterConfig, other: VoterConfig, isLed: boolean): boolean {
    const { post, voters, log } = this.#options;
    const hasForgotten = this.isOnlyVoter && other.voters.includes(post.self);
    if (voters.length === 0 && isPreferredCluster(other, own) && (isLed || hasForgotten)) {
      log.warn('Met another cluster and gives way to it.', { own: own.voters, other: other.voters });
      return this.adopt(other);
    }
    if (voters.length > 0 && this.#warnedOf.size < warnedMax && !this.#warnedOf.has(other.clusterId)) {
      this.#warnedOf.add(other.clusterId);
      log.warn('A member has other voters than the settings name here.', { voters: other.voters });
    }
    return false;
  }
}

/** A proposal of a founding election counts for nothing else. */
function agreed(config: VoterConfig | undefined): VoterConfig | undefined {
  return config === undefined || isProposal(config) ? undefined : config;
}
