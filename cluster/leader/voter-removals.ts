import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { readNode } from './election-messages.ts';
import type { Leading } from './leading.ts';

export interface VoterRemovalsOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  /** As far as this node has been told. */
  readonly isVoter: (node: NodeId) => boolean;
  readonly leading: () => Leading | undefined;
  readonly leader: () => NodeId | undefined;
  readonly resign: (done: () => void) => void;
  readonly force: (node: NodeId, done: (refusal?: string) => void) => void;
}

/** Brings the wish to take a voter out before the leader: this node, or the one it asks. */
export class VoterRemovals {
  /** This node leaves for good: no leader takes it in again. */
  isLeaving = false;
  readonly #options: VoterRemovalsOptions;
  #isStopped = false;

  constructor(options: VoterRemovalsOptions) {
    this.#options = options;
    options.post.serve('leader/remove', (from, body, answer) => {
      if (!options.membership.isLive(from)) return answer({ refusal: 'not a member' });
      this.#lead(readNode(body), (refusal) => answer({ refusal }));
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  remove(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    const { post, leading, resign, isVoter } = this.#options;
    if (node !== post.self && !isVoter(node)) return done('it is no voter');
    if (node === post.self && !isForced) this.isLeaving = true;
    if (leading() !== undefined && node === post.self) resign(() => this.#submit(node, isForced, done));
    else this.#submit(node, isForced, done);
  }

  #submit(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    const { leader, leading, post, timing } = this.#options;
    if (leading() !== undefined) return this.#lead(node, done);
    const asked = leader();
    if (asked !== undefined && asked !== post.self && post.isReachable(asked)) {
      return post.ask(asked, 'leader/remove', { node }, 2 * timing.electionMaxMs, (answer) =>
        this.#answered(node, isForced, refusalOf(answer), done),
      );
    }
    this.#answered(node, isForced, 'there is no leader', done);
  }

  #answered(node: NodeId, isForced: boolean, refusal: string | undefined, done: (refusal?: string) => void): void {
    if (this.#isStopped) return done('the node is stopping');
    if (refusal === undefined || !isForced) done(refusal);
    else if (node === this.#options.post.self) done('a node cannot take itself out by force');
    else this.#options.force(node, done);
  }

  #lead(node: NodeId, done: (refusal?: string) => void): void {
    const leading = this.#options.leading();
    if (leading === undefined) done('this node does not lead');
    else leading.removeVoter(node, done);
  }
}

function refusalOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return 'the leader did not answer';
  const { refusal } = answer as { refusal?: unknown };
  return typeof refusal === 'string' ? refusal.slice(0, 200) : undefined;
}
