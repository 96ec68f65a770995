import { Hash64 } from '../hash64.ts';
import type { ReplicatedRecord, Stamp } from './contract.ts';
import { bucketCount } from './limits.ts';
import { compareRanks, compareStamps, rankOf, type HashedRecord } from './stamp.ts';

/** 64 bits in two halves. */
export interface Halves {
  high: number;
  low: number;
}

export interface Bucket extends Halves {
  readonly records: Map<string, HashedRecord>;
}

export function bucketOf(id: string): number {
  return new Hash64(2).text(id).low % bucketCount;
}

/**
 * The records of one table in buckets, each with the exclusive or of its records' hashes, so that two members find what
 * differs by comparing 64 numbers. Expired tombstones are not counted: each member forgets them when it pleases.
 */
export class RecordTable {
  readonly name: string;
  readonly isFenced: boolean;
  readonly buckets: readonly Bucket[] = Array.from({ length: bucketCount }, () => ({
    high: 0,
    low: 0,
    records: new Map(),
  }));
  size = 0;
  tombstoneCount = 0;
  /** Tombstones before this were dropped for want of room, and are not taken back. */
  tombstoneFloor: Stamp = { major: 0, minor: 0 };
  readonly #expired = new WeakSet<HashedRecord>();
  readonly #isExpired: (record: ReplicatedRecord) => boolean;

  constructor(name: string, isFenced: boolean, isExpired: (record: ReplicatedRecord) => boolean) {
    this.name = name;
    this.isFenced = isFenced;
    this.#isExpired = isExpired;
  }

  bucket(index: number): Bucket {
    return this.buckets[index] as Bucket;
  }

  /** Deleted ones too. */
  get(id: string): HashedRecord | undefined {
    return this.bucket(bucketOf(id)).records.get(id);
  }

  *all(): Generator<HashedRecord> {
    for (const { records } of this.buckets) yield* records.values();
  }

  /** Takes a record if it is newer than what is here. */
  put(hashed: HashedRecord): boolean {
    const { id, isDeleted } = hashed.record;
    const bucket = this.bucket(bucketOf(id));
    const present = bucket.records.get(id);
    if (present !== undefined && compareRanks(rankOf(hashed), rankOf(present)) <= 0) return false;
    if (present === undefined && this.#isOutdatedTombstone(hashed.record)) return false;
    if (present !== undefined) this.#uncount(bucket, present);
    bucket.records.set(id, hashed);
    this.size++;
    if (isDeleted) this.tombstoneCount++;
    if (this.#isExpired(hashed.record)) this.#expired.add(hashed);
    toggle(bucket, hashed, this.#expired);
    return true;
  }

  /** Takes a record out for good. */
  forget(hashed: HashedRecord): void {
    const bucket = this.bucket(bucketOf(hashed.record.id));
    if (bucket.records.get(hashed.record.id) !== hashed) return;
    bucket.records.delete(hashed.record.id);
    this.#uncount(bucket, hashed);
  }

  /** Leaves a tombstone out of the hashes from now on, while it is kept for those who were away. */
  expire(hashed: HashedRecord): void {
    if (this.#expired.has(hashed)) return;
    toggle(this.bucket(bucketOf(hashed.record.id)), hashed, this.#expired);
    this.#expired.add(hashed);
  }

  /** Whether it counts no more: expired, by the clock. */
  isOutdated(hashed: HashedRecord): boolean {
    return this.#isExpired(hashed.record);
  }

  /** Whether it is left out of the hashes. */
  isExpired(hashed: HashedRecord): boolean {
    return this.#expired.has(hashed);
  }

  /** The hash over all buckets. */
  hash(): Halves {
    const hash = new Hash64(3);
    for (const { high, low } of this.buckets) hash.word(high).word(low);
    return { high: hash.high, low: hash.low };
  }

  /** Whether nothing counts: such a table hashes like one that does not exist. */
  get isBlank(): boolean {
    return this.buckets.every(({ high, low }) => high === 0 && low === 0);
  }

  #uncount(bucket: Bucket, hashed: HashedRecord): void {
    this.size--;
    if (hashed.record.isDeleted) this.tombstoneCount--;
    toggle(bucket, hashed, this.#expired);
  }

  #isOutdatedTombstone(record: ReplicatedRecord): boolean {
    if (!record.isDeleted) return false;
    return compareStamps(record.stamp, this.tombstoneFloor) < 0 || this.#isExpired(record);
  }
}

function toggle(bucket: Bucket, hashed: HashedRecord, expired: WeakSet<HashedRecord>): void {
  if (expired.has(hashed)) return;
  bucket.high = (bucket.high ^ hashed.high) >>> 0;
  bucket.low = (bucket.low ^ hashed.low) >>> 0;
}
