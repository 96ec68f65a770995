import type { Bucket } from './bucket.ts';
import type { Quota, QuotaReading } from './contract.ts';

/** A bucket by its name, for as long as anybody holds it: also over times at which nothing was known of the bucket. */
export class QuotaHandle implements Quota {
  readonly name: string;
  readonly #open: (name: string) => Bucket;
  #bucket: Bucket;

  constructor(bucket: Bucket, open: (name: string) => Bucket) {
    this.name = bucket.name;
    this.#bucket = bucket;
    this.#open = open;
  }

  take(amount: number): boolean {
    return (this.#bucket.isDropped ? this.#reopened() : this.#bucket).take(amount);
  }

  obtain(amount: number, timeoutMs: number, done: (isTaken: boolean) => void): void {
    this.#current.obtain(amount, timeoutMs, done);
  }

  correct(difference: number, agoMs: number): void {
    this.#current.correct(difference, agoMs);
  }

  release(amount: number): void {
    this.#current.release(amount);
  }

  reading(): QuotaReading {
    return this.#current.reading();
  }

  get #current(): Bucket {
    return this.#bucket.isDropped ? this.#reopened() : this.#bucket;
  }

  #reopened(): Bucket {
    this.#bucket = this.#open(this.name);
    return this.#bucket;
  }
}
