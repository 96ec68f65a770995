import type { Timer } from '../../kit/clock.ts';
import { Burst } from '../burst.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { randomMembers } from '../random-members.ts';
import { deltaSince, type Delta, type Push } from './delta.ts';
import { messageBytesMax, messageEntriesMax, passesMax, urgentGapMs } from './limits.ts';
import type { OwnState } from './own-state.ts';

export const pushKind = 'gossip/push';

/** An urgent change is passed on by each who hears of it to so many others, so that one broken link does not delay it. */
const urgentFanout = 2;

/** Tells the others what changed here, and passes on what they said. */
export class Pusher {
  readonly #environment: Environment;
  readonly #post: Post;
  readonly #own: OwnState;
  readonly #urgent: Burst;
  #pushedVersion = 0;
  #timer: Timer | undefined;

  constructor(environment: Environment, post: Post, own: OwnState) {
    this.#environment = environment;
    this.#post = post;
    this.#own = own;
    this.#urgent = new Burst(environment.clock, urgentGapMs, () => this.#flush(passesMax));
  }

  /** Something changed. With nobody there it is not pushed: who comes asks for all. */
  changed(isUrgent: boolean): void {
    if (this.#post.reachable().length === 0) {
      this.skip();
      this.#own.collectAll();
    } else if (isUrgent) {
      this.#urgent.request();
    } else {
      this.#timer ??= this.#environment.clock.after(this.#environment.timing.coalesceMs, () => this.#flush(0));
    }
  }

  /** What changed so far is not pushed. */
  skip(): void {
    this.#pushedVersion = this.#own.state.version;
  }

  /** Passes on what was new here. */
  relay(delta: Delta, passes: number, from: NodeId): void {
    if (passes < 1) return;
    const others = this.#post.reachable();
    const count = this.#isSmall(others) ? urgentFanout : this.#environment.timing.fanout;
    this.#send(randomMembers(others, count, this.#environment.random, [from, delta.n]), { d: [delta], p: passes - 1 });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#urgent.cancel();
  }

  #flush(passes: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { state } = this.#own;
    while (this.#pushedVersion < state.version) {
      const allowance = { entries: messageEntriesMax, bytes: messageBytesMax };
      const delta = deltaSince(state, this.#pushedVersion, allowance);
      this.#pushedVersion = delta.t;
      this.#pushToAll(delta, passes);
    }
  }

  #pushToAll(delta: Delta, passes: number): void {
    const others = this.#post.reachable();
    if (this.#isSmall(others)) {
      this.#post.broadcast(pushKind, { d: [delta], p: passes });
    } else {
      const { random, timing } = this.#environment;
      const count = passes > 0 ? timing.fanout * 2 : timing.fanout;
      this.#send(randomMembers(others, count, random), { d: [delta], p: Math.max(passes, 1) });
    }
  }

  #isSmall(others: readonly NodeId[]): boolean {
    return others.length < this.#environment.timing.directMembersMax;
  }

  /** Lost ones leave a gap, which those who notice it ask to be closed. */
  #send(members: readonly NodeId[], push: Push): void {
    for (const member of members) this.#post.send(member, pushKind, push);
  }
}
