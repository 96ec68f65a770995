import type { Clock } from '../../kit/clock.ts';
import type { SharedState, StateEntry } from '../gossip/contract.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Bucket } from './bucket.ts';
import { hintsMax } from './limits.ts';
import { readHint } from './quota-messages.ts';

const prefix = 'quota/';
/** A change of less than this part of the share is not worth telling. */
const changeShare = 0.05;

export interface HintsOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly state: SharedState;
  readonly peek: (bucket: string) => Bucket | undefined;
}

/** What members tell each other of their buckets: guesses for readings, and for whom to ask first. */
export class Hints {
  readonly #options: HintsOptions;
  #toldCount = 0;

  constructor(options: HintsOptions) {
    this.#options = options;
    options.state.watch(prefix, (entry) => this.#hear(entry));
  }

  /** What was said of it before this node used it. */
  opened(bucket: Bucket, voters: readonly NodeId[]): void {
    const { state, self, clock } = this.#options;
    for (const node of voters) {
      const hint = node === self ? undefined : readHint(state.get(node, prefix + bucket.name));
      if (hint !== undefined) bucket.hints.set(node, { ...hint, heardMs: clock.monotonicMs() });
    }
  }

  tell(bucket: Bucket): void {
    const { account, told } = bucket;
    if (account === undefined || (told === undefined && this.#toldCount >= hintsMax)) return;
    const nowMs = this.#options.clock.monotonicMs();
    account.takeable(nowMs);
    const free = Math.floor(account.left);
    const change = told === undefined ? Number.POSITIVE_INFINITY : Math.abs(free - told);
    const isNews = change >= Math.max(1, account.share * changeShare) || (change > 0 && (free <= 0 || told === 0));
    if (!isNews) return;
    if (told === undefined) this.#toldCount++;
    bucket.told = free;
    this.#options.state.set(prefix + bucket.name, [free, Math.ceil(account.untilEmptyMs(nowMs))]);
  }

  /** Nothing counts in it any more. */
  untell(bucket: Bucket): void {
    if (bucket.told === undefined) return;
    bucket.told = undefined;
    this.#toldCount--;
    this.#options.state.delete(prefix + bucket.name);
  }

  #hear({ node, isSelf, key, value }: StateEntry): void {
    if (isSelf) return;
    const bucket = this.#options.peek(key.slice(prefix.length));
    if (bucket === undefined) return;
    const hint = readHint(value);
    if (hint === undefined) bucket.hints.delete(node);
    else bucket.hints.set(node, { ...hint, heardMs: this.#options.clock.monotonicMs() });
  }
}
