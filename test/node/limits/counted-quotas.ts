import type { Quota, QuotaReading, QuotaRule, Quotas } from '../../../cluster/quota/contract.ts';
import type { Clock } from '../../../kit/clock.ts';

interface Taken {
  readonly atMs: number;
  amount: number;
}

/** What all nodes took, counted in one place, as if every member heard of all at once. */
export class QuotaPool {
  readonly taken = new Map<string, Taken[]>();
  /** Nothing is at hand: all has to be asked for, and the answer takes so long. Undefined: all is at hand. */
  askMs: number | undefined;
}

/** Quotas as their contract says, over one pool. */
export class CountedQuotas implements Quotas {
  readonly #pool: QuotaPool;
  readonly #clock: Clock;
  #ruleOf: (bucket: string) => QuotaRule | undefined = () => undefined;
  readonly #quotas = new Map<string, CountedQuota>();
  readonly changes: string[] = [];

  constructor(pool: QuotaPool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  setRules(ruleOf: (bucket: string) => QuotaRule | undefined): void {
    this.#ruleOf = ruleOf;
  }

  /** As another member's question would have it looked up. */
  ruleOf(bucket: string): QuotaRule | undefined {
    return this.#ruleOf(bucket);
  }

  at(bucket: string): CountedQuota {
    let quota = this.#quotas.get(bucket);
    if (quota === undefined) {
      quota = new CountedQuota(bucket, this.#pool, this.#clock, this.#ruleOf(bucket));
      this.#quotas.set(bucket, quota);
    }
    return quota;
  }

  changed(bucket: string): void {
    this.changes.push(bucket);
    const quota = this.#quotas.get(bucket);
    if (quota !== undefined) quota.rule = this.#ruleOf(bucket);
  }
}

class CountedQuota implements Quota {
  rule: QuotaRule | undefined;
  readonly corrections: { difference: number; agoMs: number }[] = [];
  readonly #bucket: string;
  readonly #pool: QuotaPool;
  readonly #clock: Clock;

  constructor(bucket: string, pool: QuotaPool, clock: Clock, rule: QuotaRule | undefined) {
    this.#bucket = bucket;
    this.#pool = pool;
    this.#clock = clock;
    this.rule = rule;
  }

  take(amount: number): boolean {
    return this.rule === undefined || (this.#pool.askMs === undefined && this.#takeFromAll(amount));
  }

  obtain(amount: number, timeoutMs: number, done: (isTaken: boolean) => void): void {
    const { askMs } = this.#pool;
    if (askMs === undefined) return done(this.#takeFromAll(amount));
    this.#clock.after(Math.min(askMs, timeoutMs), () => done(askMs <= timeoutMs && this.#takeFromAll(amount)));
  }

  correct(difference: number, agoMs: number): void {
    this.corrections.push({ difference, agoMs });
    // Nothing goes back of what counts no longer.
    if (difference > 0 || agoMs < (this.rule?.windowMs ?? Infinity)) this.#change(difference);
  }

  #change(difference: number): void {
    this.#entries().push({ atMs: this.#clock.monotonicMs(), amount: difference });
  }

  release(amount: number): void {
    this.#change(-amount);
  }

  reading(): QuotaReading {
    const limit = this.rule?.limit ?? 0;
    const windowMs = this.rule?.windowMs ?? 0;
    const oldest = this.#entries()[0];
    const resetMs = oldest === undefined ? 0 : oldest.atMs + windowMs - this.#clock.monotonicMs();
    return { limit, remaining: Math.max(0, limit - this.used), resetMs, retryAfterMs: () => resetMs };
  }

  get used(): number {
    return this.#entries().reduce((sum, { amount }) => sum + amount, 0);
  }

  #takeFromAll(amount: number): boolean {
    if (this.rule !== undefined && this.used + amount > this.rule.limit) return false;
    this.#entries().push({ atMs: this.#clock.monotonicMs(), amount });
    return true;
  }

  #entries(): Taken[] {
    const fromMs = this.#clock.monotonicMs() - (this.rule?.windowMs ?? Infinity);
    const entries = (this.#pool.taken.get(this.#bucket) ?? []).filter(({ atMs }) => atMs > fromMs);
    this.#pool.taken.set(this.#bucket, entries);
    return entries;
  }
}
