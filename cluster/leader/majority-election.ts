import type { Timer } from '../../kit/clock.ts';
import type { Member, NodeId } from '../membership/contract.ts';
import { Ballot } from './ballot.ts';
import { Candidacy } from './candidacy.ts';
import type { Leadership, LeadershipObserver, VoterConfig } from './contract.ts';
import type { ElectionOptions } from './election-options.ts';
import { ElectionPace } from './election-pace.ts';
import {
  readAcknowledgement,
  readConfig,
  readFounding,
  readTransfer,
  readVote,
  type Heartbeat,
  type Vote,
  type VoteRequest,
} from './election-messages.ts';
import { Following } from './following.ts';
import { Founding } from './founding.ts';
import { Handover } from './handover.ts';
import { KnownVoters } from './known-voters.ts';
import { Leading } from './leading.ts';
import { listenToMembers } from './listen-to-members.ts';
import { LeaderObservers } from './observers.ts';
import { Patience } from './patience.ts';
import { Voter } from './voter.ts';
import { VoterRemovals } from './voter-removals.ts';
import { isStatic, newClusterId, staticConfig } from './voter-config.ts';

type Role = 'follower' | 'candidate' | 'leader';

/**
 * Raft's election without its log. What makes it safe:
 * - One vote a term, on disk before it is answered; a majority of the configuration's voters elects.
 * - A voter that heard a leader, or has just started, elects nobody for `electionMinMs`; a leader acts for less than
 *   that after the sending of a heartbeat which a majority acknowledged (`HeartbeatLease`). So the leases of two
 *   leaders never overlap, as long as clocks run at about the same rate.
 * - Configurations are ordered by (term, version), follow one another by one voter, and a voter refuses a candidate
 *   whose configuration is older than its own; an elected leader first writes its configuration with its own term, and
 *   writes a next one only when a majority has the current one in its term (`Leading`).
 * - The first configuration is chosen once (`Founding`); of two clusters that meet, one gives way (`KnownVoters`).
 * Pre-votes, leadership transfer and random delays are only for liveness.
 */
export class MajorityElection implements Leadership {
  electionsStarted = 0;
  electionsWon = 0;
  readonly #options: ElectionOptions;
  readonly #self: NodeId;
  readonly #pace: ElectionPace;
  readonly #ballot: Ballot;
  readonly #patience: Patience;
  readonly #voters: KnownVoters;
  readonly #voter: Voter;
  readonly #following: Following;
  readonly #founding: Founding;
  readonly #handover: Handover;
  readonly #removals: VoterRemovals;
  readonly #observers = new LeaderObservers();
  readonly #guards: ((config: VoterConfig, newcomer?: NodeId) => boolean)[] = [];
  #role: Role = 'follower';
  /** Whom this node follows. */
  #known: NodeId | undefined;
  #candidacy: Candidacy | undefined;
  #leading: Leading | undefined;
  #timer: Timer | undefined;
  #isRunning = false;
  /** It gave its leadership up and does not stand before this. */
  #restsUntilMs = 0;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#self = options.post.self;
    this.#pace = new ElectionPace(options);
    const store = this.#pace.timed(options.store);
    const { kept, voters, log, post, membership } = options;
    const config = voters.length > 0 ? staticConfig(voters) : kept?.config;
    this.#ballot = new Ballot({ term: kept?.term ?? 0, votedFor: kept?.votedFor, config }, store, (error) =>
      log.error('The vote of this node cannot be kept; it gives none.', { error }),
    );
    this.#patience = new Patience(options.timing);
    this.#handover = new Handover(options.clock, options.timing.electionMaxMs);
    this.#voters = new KnownVoters({
      ...options,
      ballot: this.#ballot,
      isLeading: () => this.#role === 'leader',
      onAdopting: (next, isOther) => this.#adopting(next, isOther),
      onAdopted: (isOther) => {
        if (this.#role !== 'follower' || isOther) this.#follow(undefined);
      },
    });
    const shared = {
      ...options,
      ballot: this.#ballot,
      voters: this.#voters,
      patience: this.#patience,
      isLeading: () => this.#role === 'leader',
    };
    this.#following = new Following({
      ...shared,
      isLeaving: () => this.#removals.isLeaving,
      onLeader: () => this.#role !== 'follower' && this.#follow(undefined),
      onFollowed: (leader, heartbeat) => this.#followed(leader, heartbeat),
    });
    this.#voter = new Voter({
      ...shared,
      onElecting: () => (this.#role === 'follower' ? this.#arm() : this.#follow(undefined)),
    });
    this.#founding = new Founding({
      ...shared,
      set: options.founding,
      isBarred: () => this.#patience.isBarred(this.#nowMs),
      onFounded: (founded) => this.#founded(founded),
    });
    this.#removals = new VoterRemovals({
      ...options,
      isVoter: (node) => this.#voters.current?.voters.includes(node) === true,
      leading: () => this.#leading,
      leader: () => this.leader,
      resign: (done) => this.resign(done),
      force: (node, done) => this.#force(node, done),
    });
    const listen = listenToMembers({
      ...shared,
      isRunning: () => this.#isRunning,
      onNewerTerm: (term) => this.#sawTerm(term),
    });
    listen('leader/heartbeat', (from, body) => this.#following.receive(from, body));
    listen('leader/ack', (from, body) => this.#onAcknowledgement(from, body));
    listen('leader/ask', (from, body) => this.#voter.receive(from, body));
    listen('leader/vote', (from, body) => this.#onVote(from, body));
    listen('leader/transfer', (from, body) => this.#onTransfer(from, body));
    listen('leader/config', (_from, body) => this.#voters.learn(readConfig(body, this.#ballot.term), false));
    listen('leader/founding', (from, body) => this.#onFounding(from, body));
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
    return this.#voters.durable;
  }

  leaseLeftMs(): number {
    return this.#leading?.leaseLeftMs() ?? 0;
  }

  observe(observer: LeadershipObserver): void {
    this.#observers.add(observer);
  }

  start(): void {
    const { kept, founding, ownAddress } = this.#options;
    this.#isRunning = true;
    this.#patience.started(this.#nowMs, kept === undefined);
    if (this.#voters.current !== undefined) return this.#begin();
    if (founding.every((address) => address === ownAddress)) this.#foundAlone();
    else this.#founding.start();
  }

  stop(): void {
    this.#isRunning = false;
    this.#founding.stop();
    this.#removals.stop();
    this.#follow(undefined);
    this.#handover.end();
  }

  resign(done: () => void): void {
    const leading = this.#leading;
    const successor = leading?.successor();
    if (this.#handover.joined(done)) return;
    if (leading === undefined || successor === undefined) return done();
    const { timing, post, log } = this.#options;
    log.info('Hands over the leadership.', { to: successor, term: this.#ballot.term });
    this.#restsUntilMs = this.#nowMs + timing.electionMaxMs;
    this.#handover.wait(done);
    this.#follow(undefined);
    post.send(successor, 'leader/transfer', { term: this.#ballot.term });
  }

  removeVoter(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    this.#removals.remove(node, isForced, done);
  }

  guardChanges(isCarried: (config: VoterConfig, newcomer?: NodeId) => boolean): void {
    this.#guards.push(isCarried);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #begin(): void {
    if (this.#voters.isOnlyVoter) this.#stand(undefined);
    else this.#arm();
    this.#voters.tell();
  }

  #foundAlone(): void {
    const clusterId = newClusterId(this.#options.random);
    this.#ballot.update({ config: { clusterId, term: 0, version: 1, voters: [this.#self] } });
    this.#begin();
  }

  #founded(config: VoterConfig): void {
    this.#options.log.info('The cluster is founded.', { voters: config.voters });
    this.#voters.adopt(config);
    this.#voters.tell();
    if (this.#mayStand()) this.#canvass();
  }

  #adopting(next: VoterConfig, isOther: boolean): void {
    this.#founding.stop();
    if (isOther) this.#observers.tellClusterTaken(this.#founding.isOlderThan(next));
    if (!isOther || !next.voters.includes(this.#self)) return;
    if (this.#founding.isFresh(next.voters)) this.#patience.isNew();
    else this.#patience.forgot(this.#nowMs);
  }

  #force(node: NodeId, done: (refusal?: string) => void): void {
    this.#voters.force(node, (refusal) => {
      done(refusal);
      if (refusal !== undefined || !this.#isRunning) return;
      this.#follow(undefined);
      this.#begin();
    });
  }

  #onFounding(from: NodeId, body: unknown): void {
    const message = readFounding(body, this.#ballot.term);
    if (this.#voters.current === undefined) this.#founding.receive(from, message);
    else this.#voters.tell(from);
  }

  #mayStand(): boolean {
    const restsUntilMs = Math.max(this.#patience.untilMs(), this.#restsUntilMs);
    return this.#isRunning && this.#voters.isVoter && this.#nowMs >= restsUntilMs;
  }

  /** Asks whether it would be elected, so that a member that was cut off disturbs nobody with its term. */
  #canvass(): void {
    const config = this.#voters.current;
    if (config === undefined) return;
    this.#open({ term: this.#ballot.term + 1, isPre: true, transferTerm: undefined, config });
  }

  #stand(transferTerm: number | undefined): void {
    const config = this.#voters.current;
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
    if (!request.isPre) this.#pace.asked(request.term);
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
    this.#role = 'leader';
    this.#arm();
    const leading = new Leading({
      ...this.#options,
      ballot: this.#ballot,
      term,
      isCarried: (config, newcomer) => this.#guards.every((guard) => guard(config, newcomer)),
      onLease: () => {
        this.#options.log.info('Leads.', { term, voters: this.#voters.current?.voters });
        this.#observers.tell(this.#self, term);
      },
      onLost: (reason) => {
        if (this.#leading !== leading) return;
        this.#options.log.warn('Leads no more.', { term, reason });
        this.#follow(undefined);
      },
    });
    this.#leading = leading;
    leading.start();
  }

  /** Ends what it was, and follows; undefined while it knows no leader. */
  #follow(leader: NodeId | undefined): void {
    this.#leading?.stop();
    this.#leading = undefined;
    this.#candidacy = undefined;
    this.#role = 'follower';
    this.#known = leader;
    this.#arm();
    this.#observers.tell(leader, this.term);
  }

  /** Waits for the silence of a leader; nobody to hear or ask, nothing to wait for. */
  #arm(): void {
    const { clock, post } = this.#options;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#isRunning || this.#voters.current === undefined || this.#role === 'leader') return;
    if (this.#known === undefined && !this.#voters.isOnlyVoter && post.reachable().length === 0) return;
    const delayMs = this.#pace.delayMs(this.#patience.untilMs() - this.#nowMs);
    this.#timer = clock.after(delayMs, () => this.#onSilence());
  }

  #onSilence(): void {
    this.#known = undefined;
    this.#observers.tell(undefined, this.term);
    this.#voters.tell();
    if (this.#role === 'candidate') this.#follow(undefined);
    if (this.#mayStand()) this.#canvass();
    if (this.#role === 'follower') this.#arm();
  }

  #followed(leader: NodeId, { term, isSettled }: Heartbeat): void {
    if (!this.#isRunning) return;
    this.#known = leader;
    this.#arm();
    this.#observers.tell(leader, term);
    if (isSettled) this.#handover.end();
  }

  #onAcknowledgement(from: NodeId, body: unknown): void {
    const message = readAcknowledgement(body, this.#ballot.term);
    if (message.config !== undefined && !this.#voters.learn(message.config, false)) return;
    this.#sawTerm(message.term);
    this.#leading?.acknowledge(from, message);
  }

  /** A newer term ends what this node was in an older one. */
  #sawTerm(term: number): void {
    if (term <= this.#ballot.term) return;
    this.#ballot.raise(term);
    if (this.#role !== 'follower') this.#follow(undefined);
  }

  #onVote(from: NodeId, body: unknown): void {
    const vote = readVote(body, this.#ballot.term);
    if (vote.config !== undefined && !this.#voters.learn(vote.config, false)) return;
    this.#sawTerm(vote.term);
    if (vote.isGranted && !vote.isPre) this.#pace.answered(vote.asked);
    this.#count(from, vote);
  }

  #onTransfer(from: NodeId, body: unknown): void {
    const { term } = readTransfer(body, this.#ballot.term);
    if (term !== this.#ballot.term || from !== this.#known || this.#patience.isBarred(this.#nowMs)) return;
    if (this.#role === 'follower' && this.#voters.isVoter) this.#stand(term);
  }

  #reached(node: NodeId): void {
    if (!this.#isRunning) return;
    this.#leading?.reached(node);
    this.#founding.reached(node);
    this.#voters.tell(node);
    if (this.#timer === undefined) this.#arm();
  }

  #memberChanged({ nodeId, state }: Member): void {
    if (state === 'dead' || state === 'left') this.#leading?.memberGone(nodeId);
  }
}
