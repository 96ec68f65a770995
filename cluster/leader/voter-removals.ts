import type { Timer } from '../../kit/clock.ts';
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
  /** As many as calls wait, which `Leading` bounds. */
  readonly #waits = new Set<Timer>();
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
    for (const timer of this.#waits) timer.cancel();
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
    if (leading() !== undefined) return this.#leadForSoLong(node, isForced, done);
    const asked = leader();
    if (asked !== undefined && asked !== post.self && post.isReachable(asked)) {
      return post.ask(asked, 'leader/remove', { node }, 2 * timing.electionMaxMs, (answer) =>
        this.#answered(node, isForced, refusalOf(answer), done),
      );
    }
    this.#answered(node, isForced, 'there is no leader', done);
  }

  /** A leader may wait for good for the very voter that is to be taken out: with force, no longer than one that is asked. */
  #leadForSoLong(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void {
    if (!isForced) return this.#lead(node, done);
    const { clock, timing } = this.#options;
    let isOver = false;
    const finish = (refusal: string | undefined) => {
      if (isOver) return;
      isOver = true;
      this.#waits.delete(timer);
      timer.cancel();
      this.#answered(node, isForced, refusal, done);
    };
    const timer = clock.after(2 * timing.electionMaxMs, () => finish('the leader did not get it agreed'));
    this.#waits.add(timer);
    this.#lead(node, finish);
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
