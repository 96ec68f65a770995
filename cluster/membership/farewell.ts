import type { Clock } from '../../kit/clock.ts';
import type { Post } from '../post/contract.ts';
import { encodeClaim, type Claim } from './claim.ts';
import { swimKinds } from './swim-message.ts';

/** Those who have not acknowledged a leaving by then are told by the others. */
const boundMs = 500;

/** Tells everyone in reach. Calls `done` once, when all have acknowledged, or after half a second. */
export function sayFarewell(post: Post, clock: Clock, claim: Claim, done: () => void): void {
  const everyone = post.reachable();
  let waiting = everyone.length;
  let isOver = false;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    done();
  };
  const timer = clock.after(boundMs, finish);
  if (waiting === 0) finish();
  for (const node of everyone) {
    post.ask(node, swimKinds.left, encodeClaim(claim), boundMs, () => {
      waiting--;
      if (waiting === 0) finish();
    });
  }
}
