import type { Connection, LinkKeeper } from './connection.ts';
import type { Mesh, MeshReading, Sealer, SelfHealth } from './contract.ts';
import { Convergence } from './convergence.ts';
import type { Environment } from './environment.ts';
import { Gossip } from './gossip/gossip.ts';
import type { IntentStore, StoredIntent } from './intents/contract.ts';
import { MajorityIntents } from './intents/majority-intents.ts';
import type { VoteState, VoteStore } from './leader/contract.ts';
import { Election } from './leader/election.ts';
import { giveUpVote } from './leader/give-up-vote.ts';
import type { PeerCard } from './links/contract.ts';
import { LoopDelay } from './loop-delay.ts';
import type { MemberFacts, NodeId } from './membership/contract.ts';
import { SwimMembership } from './membership/swim.ts';
import { readMesh } from './mesh-reading.ts';
import type { Post } from './post/contract.ts';
import type { KeptQuotas, QuotaStore } from './quota/contract.ts';
import { SharedQuotas } from './quota/shared-quotas.ts';
import type { RecordStore, ReplicatedRecord } from './replicated/contract.ts';
import { ReplicatedRecords } from './replicated/replicated-records.ts';
import { RendezvousRing } from './ring.ts';

/** Tables whose order a leader gives, by (term, sequence). */
export const fencedTables: readonly string[] = ['tokens'];

/** Key of a node's own state under which it says how it is. */
export const healthKey = 'mesh/health';

/** A leader that cannot hand over in this time goes all the same: the others elect one. */
const resignMs = 1000;

/** A disk that takes longer is not waited for: the next process then counts more than was taken. */
const quotasMs = 2000;

export interface MeshParts extends Environment {
  readonly facts: MemberFacts;
  readonly connection: Connection;
  readonly election: {
    readonly policy: 'majority' | 'available';
    /** For good, or empty: agreed by the members. */
    readonly voters: readonly NodeId[];
    /** Addresses of the seeds and of this node, normalised and sorted. */
    readonly founding: readonly string[];
  };
  /** What earlier processes of this node left on disk. */
  readonly kept: {
    readonly votes: VoteState | undefined;
    readonly intents: readonly StoredIntent[];
    readonly quotas: KeptQuotas | undefined;
    readonly records: readonly ReplicatedRecord[];
  };
  readonly stores: {
    readonly votes: VoteStore;
    readonly intents: IntentStore;
    readonly quotas: QuotaStore;
    readonly records: RecordStore;
  };
  readonly sealer: Sealer;
  /** Told of every incarnation that this node takes, to keep it. */
  readonly onIncarnation: (incarnation: number) => void;
  /** Called last, after the mesh has closed. */
  readonly onClosed?: () => void | Promise<void>;
}

/** Joins the parts of the mesh. The same for a node alone, whose connection reaches nobody. */
export class MemberMesh implements Mesh {
  readonly members: SwimMembership;
  readonly state: Gossip;
  readonly records: ReplicatedRecords;
  readonly ring: RendezvousRing;
  readonly leadership: Election;
  readonly intents: MajorityIntents;
  readonly quotas: SharedQuotas;
  readonly post: Post;
  readonly sealer: Sealer;
  readonly #parts: MeshParts;
  readonly #loopDelay: LoopDelay;
  readonly #convergence: Convergence;
  #links: LinkKeeper | undefined;
  #leaving: Promise<void> | undefined;

  constructor(parts: MeshParts) {
    const { clock, random, log, timing, facts, connection, kept, stores, election } = parts;
    const environment = { clock, random, log, timing };
    const { post } = connection;
    this.#parts = parts;
    this.post = post;
    this.sealer = parts.sealer;
    this.#loopDelay = new LoopDelay(clock);
    const membership = new SwimMembership({
      ...environment,
      facts,
      post,
      loopDelayMs: this.#loopDelay.ms,
      onIncarnation: parts.onIncarnation,
    });
    this.members = membership;
    this.state = new Gossip({ ...environment, post, membership });
    this.records = new ReplicatedRecords({
      ...environment,
      post,
      membership,
      store: stores.records,
      kept: kept.records,
      fencedTables,
      knownTerm: () => this.leadership.term,
      isJoined: () => this.#links?.isJoined === true,
    });
    this.ring = new RendezvousRing(membership, (node) => this.#mayOwn(node));
    this.leadership = new Election({
      ...environment,
      post,
      membership,
      store: stores.votes,
      kept: kept.votes,
      founding: election.founding,
      ownAddress: facts.address,
      voters: election.voters,
      policy: election.policy,
    });
    this.intents = new MajorityIntents({
      ...environment,
      post,
      membership,
      leadership: this.leadership,
      store: stores.intents,
      kept: kept.intents,
    });
    this.quotas = new SharedQuotas({
      ...environment,
      post,
      membership,
      state: this.state,
      leadership: this.leadership,
      store: stores.quotas,
      kept: kept.quotas,
      isAlone: connection.card() === undefined,
    });
    this.#convergence = new Convergence({
      clock,
      membership,
      state: this.state,
      records: this.records,
      leadership: this.leadership,
    });
  }

  get self(): NodeId {
    return this.#parts.facts.nodeId;
  }

  get joining(): LinkKeeper {
    if (this.#links === undefined) throw new TypeError('the mesh has not been started');
    return this.#links;
  }

  /** Takes part from now on. Not async, so that a simulator can begin a node within one step. */
  begin(onFatal: (fault: Error) => void): void {
    this.#links = this.#parts.connection.link(this.members, onFatal);
    if (this.#parts.connection.card() !== undefined) {
      this.#loopDelay.start();
      this.#convergence.start();
    }
    this.state.set(healthKey, 'joining' satisfies SelfHealth);
    this.members.start();
    this.state.start();
    this.records.start();
    this.leadership.start();
    this.intents.start();
    this.quotas.start();
    this.#links.start();
  }

  start(onFatal: (fault: Error) => void): Promise<void> {
    this.begin(onFatal);
    return Promise.resolve();
  }

  setHealth(health: SelfHealth): void {
    this.state.set(healthKey, health, true);
  }

  card(): PeerCard | undefined {
    return this.#parts.connection.card();
  }

  isConverged(): boolean {
    return this.#links?.isJoined === true && this.#convergence.isReached();
  }

  reading(): MeshReading {
    const { connection } = this.#parts;
    return readMesh(this, {
      traffic: connection.traffic,
      refused: connection.refused() + this.members.claimsRefused,
      suspicions: this.members.suspicions,
      records: this.records.size,
      recordsUnsaved: this.records.unsavedCount,
      loopDelayMs: this.#loopDelay.ms(),
    });
  }

  leave(isForGood: boolean): Promise<void> {
    this.#leaving ??= this.#leave(isForGood);
    return this.#leaving;
  }

  /** Stops everything at once and says nothing to anybody, as a killed process does. */
  halt(): void {
    this.#links?.stop();
    this.quotas.stop();
    this.intents.stop();
    this.leadership.stop();
    this.records.stop();
    this.state.stop();
    this.members.stop();
    this.#convergence.stop();
    this.#loopDelay.stop();
  }

  async #leave(isForGood: boolean): Promise<void> {
    this.setHealth('draining');
    await this.#within(quotasMs, (done) => this.quotas.close(done));
    await this.#within(resignMs, (done) => this.leadership.resign(done));
    if (this.#givesUpVote(isForGood)) {
      await new Promise<void>((resolve) => this.#giveUpVote(resolve));
    }
    await this.#within(resignMs, (done) => this.members.leave(done));
    this.halt();
    await this.#parts.connection.close();
    await this.#parts.onClosed?.();
  }

  /** Of two voters the one that stays could decide nothing alone, so the one that goes takes its vote along. */
  #givesUpVote(isForGood: boolean): boolean {
    const voters = this.leadership.config?.voters ?? [];
    if (!voters.includes(this.self) || voters.length < 2 || this.#parts.election.voters.length > 0) return false;
    return isForGood || voters.length === 2;
  }

  #giveUpVote(done: () => void): void {
    const { clock, log, timing } = this.#parts;
    const hasOthers = () =>
      this.leadership.config?.voters.some((voter) => voter !== this.self && this.members.isLive(voter)) === true;
    giveUpVote(
      { clock, log, leadership: this.leadership, self: this.self, hasOthers, boundMs: timing.electionMaxMs },
      done,
    );
  }

  #within(boundMs: number, begin: (done: () => void) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(boundMs, resolve);
    begin(resolve);
    return promise.finally(() => timer.cancel());
  }

  #mayOwn(node: NodeId): boolean {
    const health = this.state.get(node, healthKey);
    return health === undefined || health === 'well' || health === 'own_network';
  }
}
