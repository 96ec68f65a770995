import type { Log } from '../../kit/log.ts';
import { Bucket } from './bucket.ts';
import type { QuotaRule } from './contract.ts';
import type { Desk } from './desk.ts';
import type { GivenLoan } from './given-loans.ts';
import { QuotaHandle } from './handle.ts';
import { bucketsMax, nameLengthMax } from './limits.ts';

/** When all are in use it is looked no more often for one to let go. */
const sweepGapMs = 1000;

export interface BucketsOptions {
  readonly desk: Desk;
  readonly log: Log;
  /** Loans that earlier processes gave of it, once. */
  readonly restored: (bucket: string) => readonly GivenLoan[];
  readonly dropped: (bucket: Bucket) => void;
  readonly opened: (bucket: Bucket) => void;
}

interface Entry {
  readonly bucket: Bucket;
  handle: WeakRef<QuotaHandle> | undefined;
}

/** The buckets that are in use here, at most `bucketsMax`. */
export class Buckets {
  readonly #options: BucketsOptions;
  readonly #entries = new Map<string, Entry>();
  #ruleOf: ((bucket: string) => QuotaRule | undefined) | undefined;
  #sweptMs = Number.NEGATIVE_INFINITY;
  #isFullTold = false;

  constructor(options: BucketsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  *[Symbol.iterator](): Generator<Bucket> {
    for (const { bucket } of this.#entries.values()) yield bucket;
  }

  peek(name: string): Bucket | undefined {
    return this.#entries.get(name)?.bucket;
  }

  setRules(ruleOf: (bucket: string) => QuotaRule | undefined): void {
    this.#ruleOf = ruleOf;
    for (const bucket of this) this.#applyRule(bucket);
  }

  changed(name: string): void {
    const bucket = this.peek(name);
    if (bucket !== undefined) this.#applyRule(bucket);
  }

  /** The handle that somebody holds, or a new one. */
  at(name: string): QuotaHandle {
    if (name === '' || name.length > nameLengthMax) throw new RangeError('a bucket has a name of up to 200 characters');
    const bucket = this.open(name);
    const entry = this.#entries.get(name);
    const known = entry?.handle?.deref();
    if (known !== undefined) return known;
    const handle = new QuotaHandle(bucket, (again) => this.open(again));
    if (entry !== undefined) entry.handle = new WeakRef(handle);
    return handle;
  }

  /** One that is not known yet begins with nothing taken; where there is no room, with nothing to take. */
  open(name: string): Bucket {
    const known = this.peek(name);
    if (known !== undefined) return known;
    const bucket = new Bucket(name, this.#options.desk);
    if (this.#entries.size >= bucketsMax && !this.#makeRoom()) return this.#shut(bucket);
    this.#entries.set(name, { bucket, handle: undefined });
    this.#applyRule(bucket);
    this.#options.opened(bucket);
    return bucket;
  }

  /** One that a member asks for is made only when it has a rule. */
  openLimited(name: string): Bucket | undefined {
    const known = this.peek(name);
    if (known !== undefined) return known.rule === undefined ? undefined : known;
    return this.#ruleOf?.(name) === undefined ? undefined : this.open(name);
  }

  /** Lets go of those in which nothing counts and that nobody has a handle of. */
  sweep(): void {
    for (const [name, { bucket, handle }] of this.#entries) {
      if (!bucket.isIdle() || handle?.deref() !== undefined) continue;
      this.#drop(name, bucket);
    }
  }

  #drop(name: string, bucket: Bucket): void {
    bucket.isDropped = true;
    this.#entries.delete(name);
    this.#options.dropped(bucket);
  }

  #applyRule(bucket: Bucket): void {
    const rule = this.#ruleOf?.(bucket.name);
    bucket.setRule(rule, rule?.windowMs === undefined && rule !== undefined ? this.#options.restored(bucket.name) : []);
  }

  /** Handles are no reason to keep what nothing counts in: they find their bucket again. */
  #makeRoom(): boolean {
    const nowMs = this.#options.desk.clock.monotonicMs();
    if (nowMs - this.#sweptMs < sweepGapMs) return false;
    this.#sweptMs = nowMs;
    for (const [name, { bucket }] of this.#entries) if (bucket.isIdle()) this.#drop(name, bucket);
    return this.#entries.size < bucketsMax;
  }

  #shut(bucket: Bucket): Bucket {
    bucket.isDropped = true;
    const rule = this.#ruleOf?.(bucket.name);
    if (rule !== undefined) bucket.setRule({ ...rule, limit: 0 });
    if (!this.#isFullTold) {
      this.#isFullTold = true;
      this.#options.log.warn('More limits are in use at once than this node counts; others are refused.', {
        bucketsMax,
      });
    }
    return bucket;
  }
}
