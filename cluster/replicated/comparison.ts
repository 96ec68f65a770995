import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import {
  bucketService,
  compareService,
  decodeAnswer,
  decodeTablesAnswer,
  encodeQuestion,
  encodeTables,
  listedOf,
  pushKind,
  summaryOf,
  type BucketAnswer,
  type BucketQuestion,
  type TableSummary,
} from './compare-wire.ts';
import { askTimeoutMs, bucketCount, listEntriesMax } from './limits.ts';
import type { RecordTables } from './record-tables.ts';
import { encodeRecord } from './record-wire.ts';
import type { HashedRecord } from './stamp.ts';
import type { TombstoneSweep } from './tombstone-sweep.ts';

export interface ComparisonOptions {
  readonly post: Post;
  readonly log: Log;
  readonly tables: RecordTables;
  readonly sweep: TombstoneSweep;
  /** False when one of them is from further in the future than this node's clock bears, and so is missing here. */
  readonly take: (records: readonly HashedRecord[]) => boolean;
}

export interface ComparisonOutcome {
  /** The member was, in every answer. */
  readonly isCurrent: boolean;
  /** Nothing that it has was refused for its clock. */
  readonly isComplete: boolean;
}

/** Undefined: it did not come to an end. */
export type ComparisonDone = (outcome: ComparisonOutcome | undefined) => void;

/** Questions under way at once: a joiner gets 64 buckets in 8 round trips, and no answer is large. */
const windowSize = 8;

interface Job {
  readonly table: string;
  readonly bucket: number;
  readonly after: string;
}

/** One pass over all that differs between this node and a member: takes what is newer there, gives what is newer here. */
export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #member: NodeId;
  readonly #done: ComparisonDone;
  readonly #jobs: Job[] = [];
  #underWay = 0;
  #isCurrent = true;
  #isComplete = true;
  #hasEnded = false;

  constructor(options: ComparisonOptions, member: NodeId, done: ComparisonDone) {
    this.#options = options;
    this.#member = member;
    this.#done = done;
  }

  begin(): void {
    const tables = [...this.#options.tables.all()].map(summaryOf);
    this.#ask(compareService, { t: encodeTables(tables) }, decodeTablesAnswer, (answer) => {
      this.#isCurrent = answer.isCurrent;
      for (const table of answer.tables) this.#addJobs(table);
    });
  }

  #addJobs({ name, floor, hashes }: TableSummary): void {
    const table = this.#options.tables.get(name);
    if (table !== undefined) this.#options.sweep.follow(table, floor);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const own = table?.bucket(bucket);
      if (hashes[bucket * 2] === (own?.high ?? 0) && hashes[bucket * 2 + 1] === (own?.low ?? 0)) continue;
      this.#jobs.push({ table: name, bucket, after: '' });
    }
  }

  #next(): void {
    while (!this.#hasEnded && this.#underWay < windowSize) {
      const job = this.#jobs.pop();
      if (job === undefined) break;
      this.#compare(job);
    }
    if (this.#underWay === 0 && this.#jobs.length === 0)
      this.#end({ isCurrent: this.#isCurrent, isComplete: this.#isComplete });
  }

  #compare(job: Job): void {
    const question = this.#questionOf(job);
    this.#ask(bucketService, encodeQuestion(question), decodeAnswer, (answer) => {
      this.#isCurrent &&= answer.isCurrent;
      if (!this.#options.take(answer.records)) this.#isComplete = false;
      this.#give(job.table, answer.wanted);
      const after = whereItEnded(question, answer);
      if (after !== undefined && after > job.after) this.#jobs.push({ ...job, after });
    });
  }

  #questionOf({ table, bucket, after }: Job): BucketQuestion {
    const records = this.#options.tables.get(table);
    const own = [...(records?.bucket(bucket).records.values() ?? [])]
      .filter((hashed) => hashed.record.id > after && records?.isExpired(hashed) === false)
      .sort((left, right) => (left.record.id < right.record.id ? -1 : 1));
    const listed = own.slice(0, listEntriesMax).map(listedOf);
    return { table, bucket, after, listed, isToEnd: own.length <= listEntriesMax };
  }

  #give(table: string, ids: readonly string[]): void {
    const records = ids.flatMap((id) => this.#options.tables.get(table)?.get(id) ?? []);
    if (records.length === 0) return;
    this.#options.post.send(this.#member, pushKind, { r: records.map(({ record }) => encodeRecord(record)), p: 0 });
  }

  #ask<T>(service: string, question: Body, decode: (body: Body) => T, use: (answer: T) => void): void {
    this.#underWay++;
    this.#options.post.ask(this.#member, service, question, askTimeoutMs, (body) => {
      this.#underWay--;
      if (this.#hasEnded) return;
      const answer = body === undefined ? undefined : this.#decoded(body, decode);
      if (answer === undefined) return this.#end(undefined);
      use(answer);
      this.#next();
    });
  }

  #decoded<T>(body: Body, decode: (body: Body) => T): T | undefined {
    try {
      return decode(body);
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#options.log.warn('A member answered with malformed records.', { member: this.#member, error });
      return undefined;
    }
  }

  #end(outcome: ComparisonOutcome | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#done(outcome);
  }
}

/** The id after which to go on; undefined when the bucket is done. */
function whereItEnded(question: BucketQuestion, answer: BucketAnswer): string | undefined {
  return answer.upTo ?? (question.isToEnd ? undefined : question.listed.at(-1)?.id);
}
