import type { NodeId } from '../membership/contract.ts';
import type { Account } from './account.ts';
import type { QuotaReading } from './contract.ts';
import type { Desk } from './desk.ts';
import { portionOf } from './portion.ts';

/** What another member said of a bucket. */
export interface Hint {
  readonly free: number;
  readonly resetMs: number;
  readonly heardMs: number;
}

export interface BucketReadingOptions {
  readonly limit: number;
  readonly bucket: string;
  /** Undefined: nothing is limited. */
  readonly account: Account | undefined;
  readonly hints: ReadonlyMap<NodeId, Hint>;
  readonly desk: Desk;
}

/** When it is worth asking again for what the others have. */
const soonMs = 1000;

/** A bucket as this node knows it at one moment. */
export class BucketReading implements QuotaReading {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
  readonly #account: Account | undefined;
  readonly #desk: Desk;

  constructor({ limit, bucket, account, hints, desk }: BucketReadingOptions) {
    this.limit = limit;
    this.#account = account;
    this.#desk = desk;
    if (account === undefined) {
      this.remaining = limit;
      this.resetMs = 0;
      return;
    }
    const nowMs = desk.clock.monotonicMs();
    account.takeable(nowMs);
    let remaining = account.left;
    let resetMs = account.untilEmptyMs(nowMs);
    for (const node of desk.voters) {
      if (!desk.canAsk(node)) continue;
      const hint = hints.get(node);
      remaining += hint?.free ?? portionOf(bucket, limit, desk.voters, node);
      if (hint !== undefined) resetMs = Math.max(resetMs, hint.resetMs - (nowMs - hint.heardMs));
    }
    this.remaining = Math.min(limit, Math.max(0, Math.floor(remaining)));
    this.resetMs = Math.max(0, Math.ceil(resetMs));
  }

  retryAfterMs(amount: number): number {
    const account = this.#account;
    if (account === undefined) return 0;
    const nowMs = this.#desk.clock.monotonicMs();
    const ownMs = Math.ceil(account.untilFreeMs(nowMs, amount));
    if (account.takeable(nowMs) >= amount) return ownMs;
    if (this.remaining >= amount) return Math.min(ownMs, soonMs);
    // Nothing counts here that could cease to: what is missing counts at the others.
    return ownMs > 0 ? ownMs : this.resetMs;
  }
}
