import type { Timer } from '../../kit/clock.ts';
import type { NodeId } from '../membership/contract.ts';
import { Ballot } from './ballot.ts';
import type { Leadership, LeadershipObserver, VoterConfig } from './contract.ts';
import type { ElectionOptions } from './election-options.ts';
import { readTransfer } from './election-messages.ts';
import { LeaderObservers } from './observers.ts';
import { agreedVotersMax } from './voter-config.ts';

/**
 * The lowest id alive leads, without a majority, for as long as it takes itself to be that. The risk: when the network
 * splits, each side has a leader, and a token that both refresh is spent twice; the provider may then revoke it. For
 * those to whom a refresh without a majority (one of two nodes gone) is worth more than that.
 */
export class AvailableLeadership implements Leadership {
  electionsStarted = 0;
  electionsWon = 0;
  readonly #options: ElectionOptions;
  readonly #ballot: Ballot;
  readonly #observers = new LeaderObservers();
  #isLeading = false;
  #retry: Timer | undefined;
  #isRunning = false;

  constructor(options: ElectionOptions) {
    const { kept, store, log, post, membership } = options;
    this.#options = options;
    this.#ballot = new Ballot(
      { term: kept?.term ?? 0, votedFor: kept?.votedFor, config: kept?.config },
      store,
      (error) => log.error('The term cannot be kept; this node does not lead.', { error }),
    );
    post.on('leader/claim', (from, body) => this.#onClaim(from, body));
    post.observe({ reached: (node) => this.#claim(node) });
    membership.observe({ memberChanged: () => this.#evaluate() });
  }

  get leader(): NodeId | undefined {
    const lowest = this.#lowest;
    return lowest === this.#options.post.self && !this.#isLeading ? undefined : lowest;
  }

  get term(): number {
    return this.#ballot.durable.term;
  }

  get isSelf(): boolean {
    return this.leaseLeftMs() > 0;
  }

  /** The lowest ids alive: their majority is one of those who happen to be here. */
  get config(): VoterConfig {
    const { membership } = this.#options;
    const voters = membership.live.slice(0, agreedVotersMax).map(({ nodeId }) => nodeId);
    return { clusterId: 'available', term: this.term, version: membership.version, voters };
  }

  leaseLeftMs(): number {
    return this.#isLeading && this.#lowest === this.#options.post.self ? this.#options.timing.leaseMs : 0;
  }

  observe(observer: LeadershipObserver): void {
    this.#observers.add(observer);
  }

  start(): void {
    this.#isRunning = true;
    this.#evaluate();
  }

  stop(): void {
    this.#isRunning = false;
    this.#isLeading = false;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  /** Whoever is lowest leads; the next one does once this node has said that it left. */
  resign(done: () => void): void {
    done();
  }

  /** Voters are those who are alive. */
  removeVoter(_node: NodeId, _isForced: boolean, done: (refusal?: string) => void): void {
    done();
  }

  get #lowest(): NodeId | undefined {
    return this.#options.membership.live[0]?.nodeId;
  }

  #evaluate(): void {
    if (!this.#isRunning) return;
    if (this.#lowest === this.#options.post.self) {
      if (!this.#isLeading) this.#lead(this.#ballot.term + 1);
      return;
    }
    this.#isLeading = false;
    this.#observers.tell(this.#lowest, this.term);
  }

  #lead(term: number): void {
    const { post, clock, timing, log } = this.#options;
    this.electionsStarted++;
    this.#ballot.update({ term, votedFor: post.self }, (isDurable) => {
      if (!this.#isRunning || this.#lowest !== post.self) return;
      if (!isDurable) {
        this.#retry?.cancel();
        this.#retry = clock.after(timing.electionMinMs, () => this.#evaluate());
        return;
      }
      this.electionsWon++;
      this.#isLeading = true;
      log.info('Leads as the lowest id alive.', { term });
      this.#observers.tell(post.self, term);
      this.#claim();
    });
  }

  /** Says the term that this node leads in. */
  #claim(to?: NodeId): void {
    if (!this.#isRunning || !this.#isLeading) return;
    if (to === undefined) this.#options.post.broadcast('leader/claim', { term: this.term });
    else this.#options.post.send(to, 'leader/claim', { term: this.term });
  }

  /** A leader that hears of a term as new as its own takes a newer one, so that terms order what leaders did. */
  #onClaim(from: NodeId, body: unknown): void {
    if (!this.#isRunning || !this.#options.membership.isLive(from)) return;
    const { term } = readTransfer(body, this.#ballot.term);
    if (this.#isLeading) {
      if (term >= this.#ballot.term) this.#lead(term + 1);
      return;
    }
    if (term < this.#ballot.term) {
      this.#options.post.send(from, 'leader/claim', { term: this.term });
      return;
    }
    this.#ballot.raise(term, (isDurable) => {
      if (isDurable) this.#observers.tell(this.#lowest, this.term);
    });
  }
}
