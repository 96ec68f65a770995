import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { VoterConfig } from './contract.ts';
import type { Vote, VoteRequest } from './election-messages.ts';
import { isMajority } from './voter-config.ts';

/** One round of asking the voters: first whether they would (`isPre`), then for their votes. */
export class Candidacy {
  readonly request: VoteRequest;
  readonly #granted = new Set<NodeId>();

  constructor(request: VoteRequest) {
    this.request = request;
  }

  get config(): VoterConfig {
    return this.request.config;
  }

  ask(post: Post): void {
    for (const voter of this.config.voters) if (voter !== post.self) post.send(voter, 'leader/ask', this.request);
  }

  /** Counts a vote; true when a majority has granted. Only those of voters, for this round, count. */
  count(from: NodeId, vote: Pick<Vote, 'asked' | 'isPre' | 'isGranted'>): boolean {
    const { term, isPre } = this.request;
    if (!vote.isGranted || vote.asked !== term || vote.isPre !== isPre) return false;
    this.#granted.add(from);
    return isMajority(this.config, this.#granted);
  }
}
