import type { Clock } from '../../kit/clock.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Ballot } from './ballot.ts';
import { readVoteRequest, type Vote, type VoteRequest } from './election-messages.ts';
import { leaderFaults } from './faults.ts';
import type { KnownVoters } from './known-voters.ts';
import type { Patience } from './patience.ts';
import { compareConfigs } from './voter-config.ts';

export interface VoterOptions {
  readonly post: Post;
  readonly clock: Clock;
  readonly ballot: Ballot;
  readonly voters: KnownVoters;
  readonly patience: Patience;
  readonly isLeading: () => boolean;
  /** It is about to elect somebody, and stands no longer itself. */
  readonly onElecting: () => void;
}

/** Answers those who ask to be elected: one vote a term, on disk before it is given. */
export class Voter {
  readonly #options: VoterOptions;

  constructor(options: VoterOptions) {
    this.#options = options;
  }

  receive(from: NodeId, body: unknown): void {
    const { ballot, voters, onElecting } = this.#options;
    const request = readVoteRequest(body, ballot.term);
    if (!request.config.voters.includes(from)) throw leaderFaults.bad_election_message('A candidate that is no voter.');
    const isOfCluster = voters.learn(request.config, false);
    if (!isOfCluster || !this.#wouldElect(from, request)) return this.#answer(from, request, false);
    if (request.isPre) return this.#answer(from, request, true);
    onElecting();
    ballot.update({ term: request.term, votedFor: from }, (isDurable) => {
      if (isDurable) this.#answer(from, request, true);
    });
  }

  #wouldElect(candidate: NodeId, { term, transferTerm, config, isPre }: VoteRequest): boolean {
    const { ballot, voters, patience, clock, isLeading } = this.#options;
    const own = voters.current;
    if (own === undefined || compareConfigs(config, own) < 0 || isLeading()) return false;
    const gaveUp = !isPre && transferTerm !== undefined && term === transferTerm + 1 ? transferTerm : undefined;
    const nowMs = clock.monotonicMs();
    if (patience.isBarred(nowMs) || patience.isQuiet(nowMs, gaveUp)) return false;
    return ballot.mayVote(term, candidate);
  }

  #answer(to: NodeId, { term: asked, isPre }: VoteRequest, isGranted: boolean): void {
    const { ballot, voters, post } = this.#options;
    const config = isGranted ? undefined : voters.durable;
    const vote: Vote = { asked, term: ballot.durable.term, isPre, isGranted, config };
    post.send(to, 'leader/vote', vote);
  }
}
