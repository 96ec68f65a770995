import { createHash } from 'node:crypto';
import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { randomMembers } from '../random-members.ts';
import type { Ballot } from './ballot.ts';
import type { VoterConfig, VoteState } from './contract.ts';
import type { FoundingMessage, FoundingStep } from './election-messages.ts';
import { FoundingPace } from './founding-pace.ts';
import { agreedVotersMax, isProposal, isProposalOf, majorityOf, newClusterId } from './voter-config.ts';

export interface FoundingOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly ballot: Ballot;
  /** Addresses of all founders, sorted, this node's own among them. */
  readonly set: readonly string[];
  readonly ownAddress: string;
  /** True while this node may have forgotten a vote and gives none. */
  readonly isBarred: () => boolean;
  readonly onFounded: (config: VoterConfig) => void;
}

interface Round {
  readonly term: number;
  readonly step: 'ask' | 'propose';
  /** Addresses that answered. */
  readonly addresses: Set<string>;
  readonly nodes: Set<NodeId>;
  /** The proposal with the highest term that any of them had accepted before. */
  earlier: VoterConfig | undefined;
  proposal: VoterConfig | undefined;
}

interface Founder {
  readonly node: NodeId;
  readonly heardMs: number;
}

/**
 * Agrees on the first configuration of a cluster, among the nodes whose founding sets are equal.
 *
 * It must not happen that two configurations come out of one set, for their majorities could be disjoint: of five
 * founders, a configuration of three whose two hold a majority, and another of the other three. So a won vote alone
 * founds nothing. The founders are the acceptors of single-decree Paxos, and the value they choose is (cluster id,
 * voters): `ask` and `promise` are its first phase, with the term as ballot (one vote a term, so a term has one
 * proposer); `propose` and `accept` the second. Promise and proposal are on disk before they are answered, the proposal
 * as a configuration of version 0, which counts for nothing else. A proposer takes over the newest proposal that its
 * promises report. Quorums are majorities of the addresses of the whole set, so any two meet, and once one value is
 * accepted by a quorum every later proposal is the same value. Only then is it written as version 1 of term 0, equal
 * whoever wins it, and spread; a founder that has it leaves the founding and tells it to all who ask. Nobody leads by
 * founding: a leader is elected in the chosen configuration as in any other.
 *
 * A founder that may have forgotten gives no promise for a while after its start, so that it hears of a cluster that
 * exists; unless all of the set say at the same time that they know of none.
 */
export class Founding {
  readonly #options: FoundingOptions;
  readonly #digest: string;
  /** By address; no more than the set has. */
  readonly #founders = new Map<string, Founder>();
  readonly #pace: FoundingPace;
  #timer: Timer | undefined;
  #round: Round | undefined;
  #isRunning = false;
  /** The cluster whose first proposal this process heard of last. */
  #witnessed: string | undefined;

  constructor(options: FoundingOptions) {
    this.#options = options;
    this.#pace = new FoundingPace(options);
    this.#digest = createHash('sha256').update(options.set.join('\n')).digest('hex').slice(0, 32);
  }

  start(): void {
    this.#isRunning = true;
    this.#say('hello');
    this.#arm();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#round = undefined;
  }

  reached(node: NodeId): void {
    if (!this.#isRunning) return;
    this.#say('hello', {}, node);
    if (this.#timer === undefined) this.#arm();
  }

  /** Whether these voters and all of the set said a short while ago that they know of no cluster. */
  isFresh(voters: readonly NodeId[]): boolean {
    if (!this.#isUnanimous()) return false;
    const founders = new Set([...this.#founders.values()].map(({ node }) => node));
    return voters.every((node) => node === this.#options.post.self || founders.has(node));
  }

  /**
   * Whether this node was there before the cluster was: it accepted the proposal, or heard of the first one. That one was
   * sent to this process before anybody else knew of the cluster, so this node cannot have been of it and have lost its
   * disk since.
   */
  isOlderThan(cluster: VoterConfig): boolean {
    return isProposalOf(this.#options.ballot.config, cluster) || this.#witnessed === cluster.clusterId;
  }

  /** Only messages of live members with a founding set equal to this node's count. */
  receive(from: NodeId, message: FoundingMessage): void {
    if (!this.#isRunning || message.set !== this.#digest) return;
    if (!this.#options.set.includes(message.address) || message.address === this.#options.ownAddress) return;
    const isNew = !this.#founders.has(message.address);
    this.#founders.set(message.address, { node: from, heardMs: this.#options.clock.monotonicMs() });
    if (message.step === 'hello') this.#onHello(from, isNew);
    else if (message.step === 'ask') this.#onAsk(from, message);
    else if (message.step === 'propose') this.#onProposal(from, message);
    else this.#onAnswer(from, message);
  }

  #onHello(from: NodeId, isNew: boolean): void {
    if (isNew) this.#say('hello', {}, from);
    if (isNew && this.#isUnanimous()) this.#arm();
  }

  #onAsk(from: NodeId, { term }: FoundingMessage): void {
    const { ballot } = this.#options;
    if (this.#isBarred()) return;
    if (!ballot.mayVote(term, from)) return this.#say('refuse', {}, from);
    this.#round = undefined;
    this.#arm();
    this.#keep({ term, votedFor: from }, (isDurable) => {
      const accepted = ballot.durable.config;
      if (isDurable && this.#isRunning) this.#say('promise', { term, config: accepted }, from);
    });
  }

  #onProposal(from: NodeId, { term, config, isFirst }: FoundingMessage): void {
    const { ballot } = this.#options;
    if (config === undefined || !isProposal(config) || config.term !== term) return;
    if (isFirst) this.#witnessed = config.clusterId;
    if (this.#isBarred()) return;
    if (!ballot.mayVote(term, from)) return this.#say('refuse', {}, from);
    this.#arm();
    this.#keep({ term, votedFor: from, config }, (isDurable) => {
      if (isDurable && this.#isRunning) this.#say('accept', { term }, from);
    });
  }

  #onAnswer(from: NodeId, { step, term, address, config }: FoundingMessage): void {
    if (step === 'refuse') {
      this.#options.ballot.raise(term);
      return;
    }
    this.#pace.answered(term);
    const round = this.#round;
    const expected = step === 'promise' ? 'ask' : 'propose';
    if (round === undefined || round.term !== term || round.step !== expected) return;
    round.nodes.add(from);
    if (config !== undefined && isProposal(config)) this.#noteEarlier(round, config);
    this.#count(round, address);
  }

  #noteEarlier(round: Round, config: VoterConfig): void {
    if (round.earlier === undefined || config.term > round.earlier.term) round.earlier = config;
  }

  #count(round: Round, address: string): void {
    round.addresses.add(address);
    if (round.addresses.size < majorityOf(this.#options.set.length)) return;
    if (round.step === 'ask') this.#propose(round);
    else this.#found(round);
  }

  /** First phase: asks for promises, beginning with its own. */
  #ask(): void {
    const { ballot, post, ownAddress } = this.#options;
    const term = ballot.term + 1;
    const round = this.#begin('ask', term, undefined);
    this.#keep({ term, votedFor: post.self }, (isDurable) => {
      if (!isDurable || this.#round !== round) return;
      if (ballot.config !== undefined) this.#noteEarlier(round, ballot.config);
      this.#say('ask', { term });
      this.#pace.asked(term);
      this.#count(round, ownAddress);
    });
  }

  /** Second phase: asks to accept what was accepted before, or what it would have. */
  #propose({ term, earlier, nodes }: Round): void {
    const { ballot, ownAddress } = this.#options;
    if (ballot.term !== term) return;
    const proposal =
      earlier === undefined
        ? { clusterId: newClusterId(this.#options.random), term, version: 0, voters: this.#foundingVoters(nodes) }
        : { ...earlier, term, version: 0 };
    const round = this.#begin('propose', term, proposal);
    this.#arm();
    this.#keep({ config: proposal }, (isDurable) => {
      if (!isDurable || this.#round !== round || ballot.term !== term) return;
      this.#say('propose', { term, config: proposal, isFirst: earlier === undefined });
      this.#pace.asked(term);
      this.#count(round, ownAddress);
    });
  }

  #found({ proposal }: Round): void {
    if (proposal === undefined) return;
    this.#options.onFounded({ ...proposal, term: 0, version: 1 });
  }

  #keep(change: Partial<VoteState>, done: (isDurable: boolean) => void): void {
    const wrote = this.#pace.beginWrite();
    this.#options.ballot.update(change, (isDurable) => {
      wrote();
      done(isDurable);
    });
  }

  #begin(step: Round['step'], term: number, proposal: VoterConfig | undefined): Round {
    const round: Round = { term, step, addresses: new Set(), nodes: new Set(), earlier: undefined, proposal };
    this.#round = round;
    return round;
  }

  #foundingVoters(promised: ReadonlySet<NodeId>): NodeId[] {
    const { membership, post } = this.#options;
    const seen = [...this.#founders.values()].map(({ node }) => node).filter((node) => membership.isLive(node));
    return [...new Set([post.self, ...promised, ...seen])].slice(0, agreedVotersMax).toSorted();
  }

  #isBarred(): boolean {
    return this.#options.isBarred() && !this.#isUnanimous();
  }

  #isUnanimous(): boolean {
    const { set, timing, clock, ownAddress } = this.#options;
    const sinceMs = clock.monotonicMs() - timing.electionMaxMs;
    return set.every(
      (address) => address === ownAddress || (this.#founders.get(address)?.heardMs ?? -Infinity) > sinceMs,
    );
  }

  #say(step: FoundingStep, content: Partial<FoundingMessage> = {}, to?: NodeId): void {
    const { post, ballot, ownAddress, timing } = this.#options;
    const message: FoundingMessage = {
      step,
      set: this.#digest,
      address: ownAddress,
      term: content.term ?? ballot.durable.term,
      config: content.config,
      isFirst: content.isFirst ?? false,
    };
    if (to !== undefined) post.send(to, 'leader/founding', message);
    else if (post.reachable().length <= timing.directMembersMax) post.broadcast('leader/founding', message);
    else for (const node of this.#some()) post.send(node, 'leader/founding', message);
  }

  /** Where there are many: the founders, and a few others, who may know of a cluster that exists. */
  #some(): Set<NodeId> {
    const { post, membership, random, timing, set } = this.#options;
    const founders = membership.live.filter(({ address, isSelf }) => !isSelf && set.includes(address));
    return new Set([
      ...founders.map(({ nodeId }) => nodeId),
      ...randomMembers(post.reachable(), timing.fanout, random),
    ]);
  }

  #arm(): void {
    const { clock, post } = this.#options;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (post.reachable().length === 0) return;
    const isQuick = this.#round === undefined && this.#isUnanimous();
    this.#timer = clock.after(this.#pace.delayMs(isQuick), () => this.#tick());
  }

  #tick(): void {
    this.#say('hello');
    if (!this.#isBarred() && !this.#pace.isWriting) this.#ask();
    this.#arm();
  }
}
