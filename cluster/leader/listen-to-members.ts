import type { Membership, NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import type { Ballot } from './ballot.ts';
import { isLeap, termLeapMax } from './election-messages.ts';

export interface ListeningOptions {
  readonly post: Post;
  readonly membership: Membership;
  readonly ballot: Ballot;
  readonly isRunning: () => boolean;
  /** A member is in a newer term. */
  readonly onNewerTerm: (term: number) => void;
}

/**
 * What is not said by a live member is not believed; and one that is in a term far ahead is not understood, but followed:
 * were it refused, a lie that brought it there would keep an honest member from every election for good.
 */
export function listenToMembers({ post, membership, ballot, isRunning, onNewerTerm }: ListeningOptions) {
  return (kind: string, handler: (from: NodeId, body: Body) => void): void => {
    post.on(kind, (from, body) => {
      if (!isRunning() || !membership.isLive(from)) return;
      if (isLeap(body, ballot.term)) onNewerTerm(ballot.term + termLeapMax);
      else handler(from, body);
    });
  };
}
