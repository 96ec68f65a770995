import type { Timer } from '../../kit/clock.ts';
import type { Member, NodeId } from '../membership/contract.ts';
import { Ballot } from './ballot.ts';
import { Candidacy } from './candidacy.ts';
import type { Leadership, LeadershipObserver, VoterConfig } from './contract.ts';
import type { ElectionOptions } from './election-options.ts';
import {
  readAcknowledgement,
  readConfig,
  readFounding,
  readHeartbeat,
  readTransfer,
  readVote,
  readVoteRequest,
  type Acknowledgement,
  type Heartbeat,
  type Vote,
  type VoteRequest,
} from './election-messages.ts';
import { leaderFaults } from './faults.ts';
import { Founding } from './founding.ts';
import { Leading } from './leading.ts';
import { LeaderObservers } from './observers.ts';
import { Patience } from './patience.ts';
import { VoterRemovals } from './voter-removals.ts';
import {
  compareConfigs,
  isPreferredCluster,
  isProposal,
  isStatic,
  staticConfig,
  withoutVoter,
} from './voter-config.ts';

type Role = 'follower' | 'candidate' | 'leader';

/** Those who may wait for a handover at the same time. */
const resigningMax = 16;

/** A person's word goes before what the old majority may have agreed on meanwhile, in the same term. */
const forcedVersionStep = 1000;

/**
 * Raft's election without its log. What makes it safe:
 * - One vote a term, on disk before it is answered; a majority of the configuration's voters elects.
 * - A voter that heard a leader, or has just started, elects nobody for `electionMinMs`; a leader acts for less than
 *   that after the sending of a heartbeat which a majority acknowledged (`HeartbeatLease`). So the leases of two
 *   leaders never overlap, as long as clocks run at about the same rate.
 * - Configurations are ordered by (term, version), follow one another by one voter, and a voter refuses a candidate
 *   whose configuration is older than its own; an elected leader first writes its configuration with its own term, and
 *   writes a next one only when a majority has the current one in its term (`Leading`).
 * - The first configuration is chosen once (`Founding`). Of two clusters that meet, one gives way
 *   (`isPreferredCluster`): its members take the other's configuration and wait to be taken in.
 * Pre-votes, leadership transfer and random delays are only for liveness.
 */
export class MajorityElection implements Leadership {
  electionsStarted = 0;
  electionsWon = 0;
  readonly #options: ElectionOptions;
  readonly #ballot: Ballot;
  readonly #patience: Patience;
  readonly #founding: Founding;
  readonly #removals: VoterRemovals;
  readonly #observers = new LeaderObservers();
  readonly #guards: ((config: VoterConfig) => boolean)[] = [];
  #role: Role = 'follower';
  /** Whom this node follows. */
  #known: NodeId | undefined;
  #candidacy: Candidacy | undefined;
  #leading: Leading | undefined;
  #timer: Timer | undefined;
  #isRunning = false;
  /** It gave its leadership up and does not stand before this. */
  #restsUntilMs = 0;
  #resigning: (() => void)[] = [];
  #resignTimer: Timer | undefined;
  readonly #warnedOf = new Set<string>();

  constructor(options: ElectionOptions) {
    this.#options = options;
    const { kept, voters, store, log, post, membership } = options;
    const config = voters.length > 0 ? staticConfig(voters) : kept?.config;
    this.#ballot = new Ballot({ term: kept?.term ?? 0, votedFor: kept?.votedFor, config }, store, (error) =>
      log.error('The vote of this node cannot be kept; it gives none.', { error }),
    );
    this.#patience = new Patience(options.timing);
    this.#founding = new Founding({
      ...options,
      set: options.founding,
      ballot: this.#ballot,
      isBarred: () => this.#patience.isBarred(this.#nowMs),
      onFounded: (founded) => this.#founded(founded),
    });
    this.#removals = new VoterRemovals({
      ...options,
      leading: () => this.#leading,
      leader: () => this.leader,
      resign: (done) => this.resign(done),
      force: (node, done) => this.#force(node, done),
    });
    post.on('leader/heartbeat', (from, body) => this.#fromMember(from, () => this.#onHeartbeat(from, body)));
    post.on('leader/ack', (from, body) => this.#fromMember(from, () => this.#onAcknowledgement(from, body)));
    post.on('leader/ask', (from, body) => this.#fromMember(from, () => this.#onVoteRequest(from, body)));
    post.on('leader/vote', (from, body) => this.#fromMember(from, () => this.#onVote(from, body)));
    post.on('leader/transfer', (from, body) => this.#fromMember(from, () => this.#onTransfer(from, body)));
    post.on('leader/config', (from, body) => this.#fromMember(from, () => this.#onConfig(body)));
    post.on('leader/founding', (from, body) => this.#fromMember(from, () => this.#onFounding(from, body)));
    post.observe({ reached: (node) => this.#reached(node) });
    membership.observe({ memberChanged: (member) => this.#memberChanged(member) });
  }

  get leader(): NodeId | undefined {
    if (this.#role !== 'leader') return this.#known;
    return this.leaseLeftMs() > 0 ? this.#self : undefined;
  }

  get term(): number {
    return this.#ballot.durable.term;
  }

  get isSelf(): boolean {
    return this.leaseLeftMs() > 0;
  }

  /** As it is on disk: what this node says of itself to others. */
  get config(): VoterConfig | undefined {
    return agreed(this.#ballot.durable.config);
  }

  leaseLeftMs(): number {
    return this.#leading?.leaseLeftMs() ?? 0;
  }

  observe(observer: LeadershipObserver): void {
    this.#observers.add(observer);
  }

  start(): void {
    const { kept, voters, founding, ownAddress } = this.#options;
    this.#isRunning = true;
    this.#patience.started(this.#nowMs, kept === undefined);
    if (this.#config !== undefined) return this.#begin();
    const isAlone = voters.length === 0 && founding.every((address) => address === ownAddress);
    if (isAlone) this.#foundAlone();
    else this.#founding.start();
  }

  stop(): void {
    this.#isRunning = false;
    this.#founding.stop();
    this.#removals.stop();
    this.#follow(undefined);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#resigned();
  }

  resign(done: () => void): void {
    const leading = this.#leading;
    const successor = leading?.successor();
    if (leading === undefined || successor === undefined) return done();
    if (this.#resigning.length >= resigningMax) return done();
    const { clock, timing, post, log } = this.#options;
    const term = this.#ballot.term;
    log.info('Hands over the leadership.', { to: successor, term });
    this.#restsUntilMs = this.#nowMs + timing.electionMaxMs;
    this.#resigning.push(done);
    this.#resignTimer?.cancel();
    this.#resignTimer = clock.after(timing.electionMaxMs, () => this.#resigned());
    this.#follow(undefined);
    post.send(successor, 'leader/transfer', { term });
  }

  removeVoter(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    this.#removals.remove(node, isForced, done);
  }

  guardChanges(isCarried: (config: VoterConfig) => boolean): void {
    this.#guards.push(isCarried);
  }

  /** As it is decided here. */
  get #config(): VoterConfig | undefined {
    return agreed(this.#ballot.config);
  }

  get #self(): NodeId {
    return this.#options.post.self;
  }

  get #isOnlyVoter(): boolean {
    const voters = this.#config?.voters;
    return voters?.length === 1 && voters[0] === this.#self;
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #begin(): void {
    if (this.#isOnlyVoter) this.#stand(undefined);
    else this.#arm();
    this.#tellConfig();
  }

  // Founding, and what others know of the voters

  #foundAlone(): void {
    const clusterId = Buffer.from(this.#options.random.bytes(16)).toString('hex');
    this.#ballot.update({ config: { clusterId, term: 0, version: 1, voters: [this.#self] } });
    this.#begin();
  }

  #founded(config: VoterConfig): void {
    this.#options.log.info('The cluster is founded.', { voters: config.voters });
    this.#adopt(config);
    this.#tellConfig();
    if (config.voters.includes(this.#self) && this.#mayStand()) this.#canvass();
  }

  #onFounding(from: NodeId, body: unknown): void {
    const message = readFounding(body, this.#ballot.term);
    if (this.#config === undefined) this.#founding.receive(from, message);
    else this.#tellConfig(from);
  }

  #onConfig(body: unknown): void {
    this.#learn(readConfig(body, this.#ballot.term), false);
  }

  #tellConfig(to?: NodeId): void {
    const { config } = this.#ballot.durable;
    if (config === undefined || isProposal(config)) return;
    if (to === undefined) this.#options.post.broadcast('leader/config', config);
    else this.#options.post.send(to, 'leader/config', config);
  }

  /** Takes what is newer or of a cluster to give way to. True when this node is of that cluster afterwards. */
  #learn(config: VoterConfig, isLed: boolean): boolean {
    const own = this.#config;
    if (own === undefined) return this.#adopt(config);
    if (own.clusterId !== config.clusterId) return this.#meet(own, config, isLed);
    const isNewer = !isStatic(own) && compareConfigs(config, own) > 0;
    // The leader of a term is the only one who writes configurations in it.
    if (isNewer && (this.#role !== 'leader' || config.term > this.#ballot.term)) this.#adopt(config);
    return true;
  }

  /**
   * Another cluster gives way only to one that has a leader; a node that is its cluster's only voter also to one that
   * counts it as a voter, since it may have lost its disk and founded anew what exists.
   */
  #meet(own: VoterConfig, other: VoterConfig, isLed: boolean): boolean {
    const isLost = this.#isOnlyVoter && other.voters.includes(this.#self);
    const mustYield = this.#options.voters.length === 0 && isPreferredCluster(other, own) && (isLed || isLost);
    if (mustYield) {
      this.#options.log.warn('Met another cluster and gives way to it.', { own: own.voters, other: other.voters });
      return this.#adopt(other);
    }
    if (this.#options.voters.length > 0 && this.#warnedOf.size < resigningMax && !this.#warnedOf.has(other.clusterId)) {
      this.#warnedOf.add(other.clusterId);
      this.#options.log.warn('A member has other voters than the settings name here.', { voters: other.voters });
    }
    return false;
  }

  #adopt(config: VoterConfig): true {
    const isOther = this.#config?.clusterId !== config.clusterId;
    if (isOther && config.voters.includes(this.#self)) {
      if (this.#founding.isFresh(config.voters)) this.#patience.isNew();
      else this.#patience.forgot(this.#nowMs);
    }
    this.#founding.stop();
    if (config.term > this.#ballot.term) this.#ballot.update({ term: config.term, votedFor: undefined, config });
    else this.#ballot.update({ config });
    if (this.#role !== 'follower' || isOther) this.#follow(undefined);
    return true;
  }

  /** A person says that the others are gone for good; see `Election.removeVoter`. */
  #force(node: NodeId, done: (refusal?: string) => void): void {
    const own = this.#config;
    if (own === undefined) return done('no voters are agreed yet');
    if (isStatic(own)) return done('the voters are named in the settings');
    if (!own.voters.includes(this.#self)) return done('this node is not a voter');
    const term = this.#ballot.term + 1;
    const version = own.version + forcedVersionStep;
    const config = { ...withoutVoter(own, node), term, version };
    this.#follow(undefined);
    this.#options.log.warn('A voter is taken out by force.', { node, voters: config.voters });
    this.#ballot.update({ term, votedFor: undefined, config }, (isDurable) => {
      done(isDurable ? undefined : 'it could not be kept');
      if (isDurable && this.#isRunning && this.#ballot.config === config) this.#begin();
    });
  }

  // Standing for election

  #mayStand(): boolean {
    const config = this.#config;
    if (!this.#isRunning || config === undefined || !config.voters.includes(this.#self)) return false;
    return this.#nowMs >= Math.max(this.#patience.untilMs(), this.#restsUntilMs);
  }

  /** Asks whether it would be elected, so that a member that was cut off disturbs nobody with its term. */
  #canvass(): void {
    const config = this.#config;
    if (config === undefined) return;
    const request = { term: this.#ballot.term + 1, isPre: true, transferTerm: undefined, config };
    this.#open(request);
  }

  #stand(transferTerm: number | undefined): void {
    const config = this.#config;
    if (config === undefined) return;
    const request = { term: this.#ballot.term + 1, isPre: false, transferTerm, config };
    this.electionsStarted++;
    this.#follow(undefined);
    this.#role = 'candidate';
    const candidacy = new Candidacy(request);
    this.#candidacy = candidacy;
    this.#ballot.update({ term: request.term, votedFor: this.#self }, (isDurable) => {
      if (isDurable && this.#candidacy === candidacy) this.#open(request);
    });
  }

  #open(request: VoteRequest): void {
    this.#candidacy = new Candidacy(request);
    this.#candidacy.ask(this.#options.post);
    this.#count(this.#self, { asked: request.term, isPre: request.isPre, isGranted: true });
  }

  #count(from: NodeId, vote: Pick<Vote, 'asked' | 'isPre' | 'isGranted'>): void {
    const candidacy = this.#candidacy;
    if (candidacy === undefined || !candidacy.count(from, vote)) return;
    this.#candidacy = undefined;
    if (!vote.isPre) this.#win(candidacy);
    else if (this.#mayStand() && this.#ballot.term < vote.asked) this.#stand(undefined);
  }

  #win({ config, request: { term } }: Candidacy): void {
    if (this.#role !== 'candidate' || this.#ballot.term !== term) return;
    this.electionsWon++;
    const next = isStatic(config) ? config : { ...config, term };
    this.#ballot.update({ config: next }, (isDurable) => {
      if (this.#role !== 'candidate' || this.#ballot.term !== term || !this.#isRunning) return;
      if (isDurable) this.#lead(term);
      else this.#follow(undefined);
    });
  }

  #lead(term: number): void {
    const { log } = this.#options;
    this.#role = 'leader';
    this.#timer?.cancel();
    this.#timer = undefined;
    const leading = new Leading({
      ...this.#options,
      ballot: this.#ballot,
      term,
      isCarried: (config) => this.#guards.every((isCarried) => isCarried(config)),
      onLease: () => {
        log.info('Leads.', { term, voters: this.#config?.voters });
        this.#observers.tell(this.#self, term);
      },
      onLost: (reason) => {
        if (this.#leading !== leading) return;
        log.warn('Leads no more.', { term, reason });
        this.#follow(undefined);
      },
    });
    this.#leading = leading;
    leading.start();
  }

  /** Ends what it was, and follows; undefined while it knows no leader. */
  #follow(leader: NodeId | undefined): void {
    const leading = this.#leading;
    this.#leading = undefined;
    this.#candidacy = undefined;
    this.#role = 'follower';
    this.#known = leader;
    leading?.stop();
    this.#arm();
    this.#observers.tell(leader, this.term);
  }

  /** Waits for the silence of a leader; nobody to hear or ask, nothing to wait for. */
  #arm(): void {
    const { clock, random, timing, post } = this.#options;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#isRunning || this.#config === undefined || this.#role === 'leader') return;
    if (this.#known === undefined && !this.#isOnlyVoter && post.reachable().length === 0) return;
    const { electionMinMs, electionMaxMs } = timing;
    const spreadMs = random.next() * (electionMaxMs - electionMinMs);
    const waitMs = Math.max(this.#patience.untilMs() - this.#nowMs, electionMinMs / 2);
    this.#timer = clock.after(waitMs + spreadMs, () => this.#onSilence());
  }

  #onSilence(): void {
    this.#known = undefined;
    this.#observers.tell(undefined, this.term);
    this.#tellConfig();
    if (this.#role === 'candidate') this.#follow(undefined);
    if (this.#mayStand()) this.#canvass();
    if (this.#role === 'follower') this.#arm();
  }

  // Messages

  /** What is not said by a live member is not believed. */
  #fromMember(from: NodeId, action: () => void): void {
    if (this.#isRunning && this.#options.membership.isLive(from)) action();
  }

  #onHeartbeat(from: NodeId, body: unknown): void {
    const message = readHeartbeat(body, this.#ballot.term);
    if (!message.config.voters.includes(from)) throw leaderFaults.bad_election_message('A leader that is no voter.');
    if (!this.#learn(message.config, true)) return this.#tellConfig(from);
    if (message.term < this.#ballot.term) {
      // A newer term that the disk refused is not told; it is tried again.
      this.#ballot.update({}, () => this.#acknowledge(from, undefined));
      return;
    }
    if (message.term === this.#ballot.term && this.#role === 'leader') {
      throw leaderFaults.bad_election_message('A second leader in this term.');
    }
    this.#patience.heard(message.term, this.#nowMs);
    if (this.#role !== 'follower') this.#follow(undefined);
    this.#ballot.raise(message.term, (isDurable) => {
      if (isDurable && this.#ballot.term === message.term) this.#heard(from, message);
    });
  }

  #heard(from: NodeId, { term, sequence, isSettled }: Heartbeat): void {
    if (!this.#isRunning) return;
    this.#known = from;
    this.#arm();
    this.#acknowledge(from, sequence);
    this.#observers.tell(from, term);
    if (isSettled) this.#resigned();
  }

  #acknowledge(to: NodeId, sequence: number | undefined): void {
    const { term, config } = this.#ballot.durable;
    const message: Acknowledgement = { term, sequence, config, isLeaving: this.#removals.isLeaving };
    this.#options.post.send(to, 'leader/ack', message);
  }

  #onAcknowledgement(from: NodeId, body: unknown): void {
    const message = readAcknowledgement(body, this.#ballot.term);
    if (message.config !== undefined && !this.#learn(message.config, false)) return;
    this.#sawTerm(message.term);
    this.#leading?.acknowledge(from, message);
  }

  /** A newer term ends what this node was in an older one. */
  #sawTerm(term: number): void {
    if (term <= this.#ballot.term) return;
    this.#ballot.raise(term);
    if (this.#role !== 'follower') this.#follow(undefined);
  }

  #onVoteRequest(from: NodeId, body: unknown): void {
    const request = readVoteRequest(body, this.#ballot.term);
    if (!request.config.voters.includes(from)) throw leaderFaults.bad_election_message('A candidate that is no voter.');
    const isOfCluster = this.#learn(request.config, false);
    if (!isOfCluster || !this.#wouldElect(from, request)) return this.#vote(from, request, false);
    if (request.isPre) return this.#vote(from, request, true);
    if (this.#role !== 'follower') this.#follow(undefined);
    this.#arm();
    this.#ballot.update({ term: request.term, votedFor: from }, (isDurable) => {
      if (isDurable && this.#isRunning) this.#vote(from, request, true);
    });
  }

  #wouldElect(candidate: NodeId, { term, transferTerm, config, isPre }: VoteRequest): boolean {
    const own = this.#config;
    if (own === undefined || compareConfigs(config, own) < 0 || this.#role === 'leader') return false;
    const gaveUp = !isPre && transferTerm !== undefined && term === transferTerm + 1 ? transferTerm : undefined;
    if (this.#patience.isBarred(this.#nowMs) || this.#patience.isQuiet(this.#nowMs, gaveUp)) return false;
    return this.#ballot.mayVote(term, candidate);
  }

  #vote(to: NodeId, { term: asked, isPre }: VoteRequest, isGranted: boolean): void {
    const { term, config } = this.#ballot.durable;
    const told = isGranted || config === undefined || isProposal(config) ? undefined : config;
    const vote: Vote = { asked, term, isPre, isGranted, config: told };
    this.#options.post.send(to, 'leader/vote', vote);
  }

  #onVote(from: NodeId, body: unknown): void {
    const vote = readVote(body, this.#ballot.term);
    if (vote.config !== undefined && !this.#learn(vote.config, false)) return;
    this.#sawTerm(vote.term);
    this.#count(from, vote);
  }

  #onTransfer(from: NodeId, body: unknown): void {
    const { term } = readTransfer(body, this.#ballot.term);
    if (term !== this.#ballot.term || from !== this.#known || this.#patience.isBarred(this.#nowMs)) return;
    if (this.#role === 'follower' && this.#config?.voters.includes(this.#self) === true) this.#stand(term);
  }

  /** Whoever waited for the end of this node's leadership waits no longer. */
  #resigned(): void {
    this.#resignTimer?.cancel();
    this.#resignTimer = undefined;
    const waiting = this.#resigning;
    this.#resigning = [];
    for (const done of waiting) done();
  }

  #reached(node: NodeId): void {
    if (!this.#isRunning) return;
    this.#leading?.reached();
    this.#founding.reached(node);
    this.#tellConfig(node);
    if (this.#timer === undefined) this.#arm();
  }

  #memberChanged({ nodeId, state }: Member): void {
    if (state === 'dead' || state === 'left') this.#leading?.forget(nodeId);
  }
}

function agreed(config: VoterConfig | undefined): VoterConfig | undefined {
  return config === undefined || isProposal(config) ? undefined : config;
}
