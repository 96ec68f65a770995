import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Ballot } from './ballot.ts';
import type { VoterConfig } from './contract.ts';
import type { Acknowledgement, Heartbeat } from './election-messages.ts';
import { HeartbeatLease } from './heartbeat-lease.ts';
import { isMajority, isSameConfig, isStatic, withoutVoter } from './voter-config.ts';
import { VoterChanges } from './voter-changes.ts';

export interface LeadingOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly ballot: Ballot;
  /** This node was elected in it, and its configuration carries it. */
  readonly term: number;
  /** Whether what a majority must know is known to a majority of these voters, so that they may change; and to `newcomer`. */
  readonly isCarried: (config: VoterConfig, newcomer?: NodeId) => boolean;
  /** The lease was obtained. */
  readonly onLease: () => void;
  /** The lease ran out, or the disk refused: this node leads no more. */
  readonly onLost: (reason: string) => void;
}

interface Removal {
  readonly node: NodeId;
  readonly done: (refusal?: string) => void;
}

/** What a member last acknowledged. */
interface Follower {
  config: VoterConfig | undefined;
  isLeaving: boolean;
}

/** Members that follow; more than a mesh has. Beyond, those heard of last are not candidates for a vote. */
const followersMax = 2000;
const removalsMax = 16;
/** Above so many members, those without a vote hear only every fifth heartbeat. */
const everyHeartbeatMembersMax = 32;
const sparseHeartbeats = 5;

/**
 * One term of leading, from the won election to the loss of the lease: heartbeats, the lease they renew, and the changes
 * of the voters. A next configuration is written only once a majority has the current one, in this term; then any
 * majority of the old one meets any of the new one, and no older one can elect anybody any more (Schultz, Dardik,
 * Tripakis, "Design and Analysis of a Logless Dynamic Reconfiguration Protocol", 2021).
 */
export class Leading {
  readonly #options: LeadingOptions;
  readonly #lease: HeartbeatLease;
  readonly #changes: VoterChanges;
  readonly #followers = new Map<NodeId, Follower>();
  readonly #startedAtMs: number;
  #removals: Removal[] = [];
  /** Removed by a person's word in this term, with the incarnation: not taken in again as they are. */
  readonly #removed = new Map<NodeId, number>();
  #timer: Timer | undefined;
  #beats = 0;
  /** The heartbeat that was sent last. */
  #said: Heartbeat | undefined;
  #hadLease = false;
  #isOver = false;

  constructor(options: LeadingOptions) {
    this.#options = options;
    this.#lease = new HeartbeatLease(options.post.self, options.timing);
    this.#startedAtMs = options.clock.monotonicMs();
    this.#changes = new VoterChanges({
      self: options.post.self,
      membership: options.membership,
      timing: options.timing,
      isFollowing: (node) => this.#isFollowing(node),
      isTaught: (node) => options.isCarried(this.#config, node),
      hasMajority: (config) => this.#lease.leftMs(config, options.clock.monotonicMs()) > 0,
    });
  }

  start(): void {
    this.#beat();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    const waiting = this.#removals;
    this.#removals = [];
    for (const { done } of waiting) done('the leader changed');
  }

  leaseLeftMs(): number {
    const { ballot, term, clock } = this.#options;
    if (this.#isOver || ballot.term !== term) return 0;
    return this.#lease.leftMs(this.#config, clock.monotonicMs(), clock.nowMs());
  }

  /** Somebody came: it hears of this leader at once; in a large mesh it alone, since the others have heard already. */
  reached(node: NodeId): void {
    if (this.#isOver) return;
    const said = this.#options.post.reachable().length > everyHeartbeatMembersMax ? this.#said : undefined;
    if (said === undefined) this.#beat();
    else this.#options.post.send(node, 'leader/heartbeat', said);
  }

  /**
   * A member died or left. What a voter has acknowledged stays true, and its lease with it: time enough to take out one
   * of two that left.
   */
  memberGone(node: NodeId): void {
    if (!this.#config.voters.includes(node)) {
      this.#followers.delete(node);
      this.#lease.forget(node);
    }
    this.#advance();
  }

  acknowledge(from: NodeId, message: Acknowledgement): void {
    if (this.#isOver || message.term !== this.#options.term || message.sequence === undefined) return;
    if (!this.#followers.has(from) && this.#followers.size >= followersMax) return;
    this.#followers.set(from, { config: message.config, isLeaving: message.isLeaving });
    this.#lease.acknowledge(from, message.sequence, message.patienceMs);
    this.#noteLease();
    this.#advance();
  }

  /** Takes a voter out by agreement; `done` once a majority has it so. */
  removeVoter(node: NodeId, done: (refusal?: string) => void): void {
    const config = this.#config;
    if (isStatic(config)) return done('the voters are named in the settings');
    if (node === this.#options.post.self) return done('the leader cannot take itself out');
    if (!config.voters.includes(node)) return done();
    if (this.#removals.length >= removalsMax) return done('too many removals are under way');
    this.#removed.set(node, this.#options.membership.get(node)?.incarnation ?? 0);
    this.#removals.push({ node, done });
    this.#advance();
  }

  /** The reachable voter that is most current. */
  successor(): NodeId | undefined {
    const { post, membership } = this.#options;
    const config = this.#config;
    const candidates = config.voters.filter(
      (node) => node !== post.self && post.isReachable(node) && membership.isLive(node),
    );
    const rank = (node: NodeId) =>
      (this.#hasInstalled(node, config) ? 1e12 : 0) + (this.#lease.acknowledgedMs(node) ?? 0);
    return candidates.toSorted((one, other) => rank(other) - rank(one))[0];
  }

  get #config(): VoterConfig {
    const { config } = this.#options.ballot;
    if (config === undefined) throw new Error('A leader has a configuration.');
    return config;
  }

  #beat(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isLost()) return this.#options.onLost('no majority of the voters answers');
    this.#noteLease();
    this.#advance();
    if (this.#isOver) return;
    this.#send();
    // A voter that is alone leads without a timer.
    const isAlone = this.#config.voters.length === 1 && this.#options.post.reachable().length === 0;
    if (!isAlone) this.#timer = this.#options.clock.after(this.#options.timing.heartbeatMs, () => this.#beat());
  }

  /** A leader that has just been elected is given the time of an election to obtain its lease. */
  #isLost(): boolean {
    const { clock, timing, ballot, term } = this.#options;
    if (ballot.term !== term) return true;
    if (this.#lease.leftMs(this.#config, clock.monotonicMs()) > 0) return false;
    return this.#hadLease || clock.monotonicMs() - this.#startedAtMs >= timing.electionMinMs;
  }

  #noteLease(): void {
    if (this.#hadLease || this.leaseLeftMs() <= 0) return;
    this.#hadLease = true;
    this.#options.onLease();
  }

  #send(): void {
    const { post, ballot, clock, term } = this.#options;
    const config = ballot.durable.config;
    if (config === undefined || ballot.durable.term !== term) return;
    const sequence = this.#lease.send(clock.monotonicMs(), clock.nowMs());
    const isSettled = this.leaseLeftMs() > 0 && this.#isAgreed(config) && this.#options.isCarried(config);
    const message: Heartbeat = { term, sequence, isSettled, config };
    this.#said = message;
    const isSparse = post.reachable().length > everyHeartbeatMembersMax && this.#beats++ % sparseHeartbeats !== 0;
    if (!isSparse) post.broadcast('leader/heartbeat', message);
    else for (const voter of config.voters) if (voter !== post.self) post.send(voter, 'leader/heartbeat', message);
  }

  #advance(): void {
    const config = this.#config;
    if (this.#isOver || isStatic(config) || !this.#isAgreed(config) || this.leaseLeftMs() <= 0) return;
    this.#settleRemovals(config);
    if (!this.#options.isCarried(config)) return;
    const next = this.#requested(config) ?? this.#changes.next(config, this.#options.clock.monotonicMs());
    if (next !== undefined) this.#install(next);
  }

  #settleRemovals(config: VoterConfig): void {
    const settled = this.#removals.filter(({ node }) => !config.voters.includes(node));
    this.#removals = this.#removals.filter(({ node }) => config.voters.includes(node));
    for (const { done } of settled) done();
  }

  #requested(config: VoterConfig): VoterConfig | undefined {
    const removal = this.#removals[0];
    if (removal === undefined) return undefined;
    const next = withoutVoter(config, removal.node);
    if (this.#lease.leftMs(next, this.#options.clock.monotonicMs()) > 0) return next;
    this.#removals.shift();
    this.#removed.delete(removal.node);
    removal.done('the others have no majority without it');
    return undefined;
  }

  #install(next: VoterConfig): void {
    const { ballot, log, term, onLost } = this.#options;
    log.info('The voters change.', { voters: next.voters, term, version: next.version });
    ballot.update({ config: next }, (isDurable) => {
      if (this.#isOver) return;
      if (!isDurable) return onLost('its configuration cannot be kept');
      this.#beat();
    });
  }

  /** Whether a majority has the configuration, in this term; this node counts once its disk has it. */
  #isAgreed(config: VoterConfig): boolean {
    const { ballot, post } = this.#options;
    const holders = new Set(config.voters.filter((node) => this.#hasInstalled(node, config)));
    if (ballot.durable.config !== undefined && isSameConfig(ballot.durable.config, config)) holders.add(post.self);
    return isMajority(config, holders);
  }

  #hasInstalled(node: NodeId, config: VoterConfig): boolean {
    const installed = this.#followers.get(node)?.config;
    return installed !== undefined && isSameConfig(installed, config);
  }

  #isFollowing(node: NodeId): boolean {
    const { clock, membership } = this.#options;
    const follower = this.#followers.get(node);
    if (follower?.config?.clusterId !== this.#config.clusterId || follower.isLeaving) return false;
    const heardMs = this.#lease.acknowledgedMs(node);
    if (heardMs === undefined || clock.monotonicMs() - heardMs > this.#lease.leaseMs) return false;
    return this.#removed.get(node) !== membership.get(node)?.incarnation;
  }
}
