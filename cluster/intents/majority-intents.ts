import type { Environment } from '../environment.ts';
import type { Leadership } from '../leader/contract.ts';
import type { Membership } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { DoubtfulIntent, Grant, IntentRefusal, IntentRequest, Intents, IntentStore, StoredIntent } from './contract.ts';

export class MajorityIntents implements Intents {
  constructor(_: Environment & {post: Post; membership: Membership; leadership: Leadership; store: IntentStore; kept: readonly StoredIntent[]}) {}
  start() {}
  stop() {}
  begin(_r: IntentRequest, done: (result: Grant | IntentRefusal) => void): void { done('no_majority'); }
  doubtful(): DoubtfulIntent | undefined { return undefined; }
}
