import type { Environment } from '../environment.ts';
import { votersMax } from '../leader/voter-config.ts';
import type { VoterConfig } from '../leader/contract.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { readReadAnswer, stampOf } from './intent-messages.ts';

export interface TeachingOptions extends Environment {
  readonly post: Post;
  /** Equal at voters that know the same. */
  readonly digest: () => string;
  /** Tells a voter all that is known; `done` when it answered or did not. */
  readonly push: (voter: NodeId, done: () => void) => void;
}

/** A voter whose disk refuses, or who has yet to hear of the voters, is asked again so often. */
const periodMs = 1000;
/** The voters, and as many who are to become voters. */
const keptMax = 2 * votersMax;

/**
 * Has every voter know what a majority knows, not only a majority. One that knows nothing, since it is new or lost its
 * disk, may have forgotten; as long as it stays so, the loss of another leaves nobody who can be sure, and the next
 * leader could do nothing.
 */
export class Teaching {
  readonly #options: TeachingOptions;
  /** Voters that said they know, over the present connection: a process that starts anew may have lost it. */
  readonly #sure = new Set<NodeId>();
  readonly #askedMs = new Map<NodeId, number>();

  constructor(options: TeachingOptions) {
    this.#options = options;
    options.post.observe({ reached: (node) => this.#forget(node) });
  }

  /**
   * Whether a voter, or one that is to become one, knows; one that may not is asked, and taught. Called now and then by
   * a leader, once a majority of these voters knows.
   */
  hasTaught(voter: NodeId, config: VoterConfig): boolean {
    if (this.#sure.has(voter)) return true;
    if (this.#askedMs.size >= keptMax) this.#forgetAllBut(config);
    if (this.#isDue(voter)) this.#ask(voter, config);
    return false;
  }

  #isDue(voter: NodeId): boolean {
    const { post, clock } = this.#options;
    if (!post.isReachable(voter)) return false;
    return clock.monotonicMs() - (this.#askedMs.get(voter) ?? Number.NEGATIVE_INFINITY) >= periodMs;
  }

  #ask(voter: NodeId, config: VoterConfig): void {
    const { post, clock, timing, digest, push } = this.#options;
    const askedMs = clock.monotonicMs();
    this.#askedMs.set(voter, askedMs);
    const question = { config: stampOf(config), digest: digest(), after: '' };
    post.ask(voter, 'intents/read', question, timing.leaseMs, (body) => {
      const answer = readReadAnswer(body);
      // It was forgotten meanwhile: what it said was said by an earlier process.
      if (this.#askedMs.get(voter) !== askedMs || answer === undefined || answer.isElsewhere) return;
      if (!answer.isNew) this.#sure.add(voter);
      // Whether it took it in is for itself to say, soon.
      else push(voter, () => this.#askAgain(voter));
    });
  }

  #askAgain(voter: NodeId): void {
    const { clock, timing } = this.#options;
    if (this.#askedMs.has(voter)) this.#askedMs.set(voter, clock.monotonicMs() - periodMs + timing.heartbeatMs);
  }

  #forget(voter: NodeId): void {
    this.#sure.delete(voter);
    this.#askedMs.delete(voter);
  }

  #forgetAllBut({ voters }: VoterConfig): void {
    for (const node of this.#askedMs.keys()) if (!voters.includes(node)) this.#forget(node);
  }
}
