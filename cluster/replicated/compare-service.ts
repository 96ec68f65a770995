import type { Body, Post } from '../post/contract.ts';
import {
  blankSummary,
  bucketService,
  bucketSummaryOf,
  compareService,
  decodeQuestion,
  decodeTables,
  encodeTables,
  type BucketQuestion,
} from './compare-wire.ts';
import { messageBytesMax, messageRecordsMax, tablesMax } from './limits.ts';
import type { RecordTable } from './record-table.ts';
import type { RecordTables } from './record-tables.ts';
import { encodeRecord, type WireRecord } from './record-wire.ts';
import { compareRanks, rankOf, type HashedRecord } from './stamp.ts';
import type { TombstoneSweep } from './tombstone-sweep.ts';

export interface CompareServiceOptions {
  readonly post: Post;
  readonly tables: RecordTables;
  readonly sweep: TombstoneSweep;
  readonly isCurrent: () => boolean;
}

/** Answers those who compare their records with this node's. */
export function serveComparisons(options: CompareServiceOptions): void {
  const { post, tables, isCurrent } = options;
  post.serve(compareService, (_from, body, answer) => answer(compareTables(options, body)));
  post.serve(bucketService, (_from, body, answer) => {
    const question = decodeQuestion(body);
    const isWanting = isCurrent();
    const { records, wanted, upTo } = new Answer(tables.get(question.table), question, isWanting);
    answer({ c: isWanting, r: records, w: wanted, u: upTo ?? null });
  });
}

/** The buckets' hashes of the tables that differ. */
function compareTables({ tables, sweep, isCurrent }: CompareServiceOptions, body: Body): Body {
  const theirs = new Map(decodeTables(body).map((each) => [each.name, each]));
  for (const { name, floor } of theirs.values()) {
    const table = tables.get(name);
    if (table !== undefined) sweep.follow(table, floor);
  }
  const differing = [...tables.all()].filter((table) => {
    const [high, low] = theirs.get(table.name)?.hashes ?? [];
    const own = table.hash();
    return high === undefined ? !table.isBlank : own.high !== high || own.low !== low;
  });
  // Of tables that this node has none of, all buckets differ that are not empty.
  const unknown = [...theirs.keys()].filter((name) => tables.get(name) === undefined).map(blankSummary);
  return { c: isCurrent(), t: encodeTables([...differing.map(bucketSummaryOf), ...unknown].slice(0, tablesMax)) };
}

/** Goes through the ids of both in order until the message is full. */
class Answer {
  readonly records: WireRecord[] = [];
  readonly wanted: string[] = [];
  upTo: string | undefined;
  #bytes = 0;

  /** A node that is not current asks for what it lacks by itself; being told as well would double the work. */
  constructor(table: RecordTable | undefined, question: BucketQuestion, isWanting: boolean) {
    const theirs = new Map(question.listed.map((each) => [each.id, each]));
    let previous: string | undefined;
    for (const id of idsOf(table, question)) {
      if (this.#isFull) {
        this.upTo = previous;
        return;
      }
      previous = id;
      const listed = theirs.get(id);
      const own = table?.get(id);
      const order = compare(own, listed);
      if (order > 0 && own !== undefined) this.#add(own);
      else if (order < 0 && isWanting) this.wanted.push(id);
    }
  }

  get #isFull(): boolean {
    const { records, wanted } = this;
    return records.length >= messageRecordsMax || wanted.length >= messageRecordsMax || this.#bytes >= messageBytesMax;
  }

  #add(hashed: HashedRecord): void {
    this.records.push(encodeRecord(hashed.record));
    this.#bytes += hashed.bytes;
  }
}

function compare(own: HashedRecord | undefined, listed: BucketQuestion['listed'][number] | undefined): number {
  if (own === undefined) return -1;
  return listed === undefined ? 1 : compareRanks(rankOf(own), listed);
}

/** Of both, in order, within the range of the question. */
function idsOf(table: RecordTable | undefined, { bucket, after, listed, isToEnd }: BucketQuestion): string[] {
  const end = listed.at(-1)?.id;
  const ids = new Set(listed.map(({ id }) => id));
  for (const [id, hashed] of table?.bucket(bucket).records ?? []) {
    if (id > after && (isToEnd || (end !== undefined && id <= end)) && table?.isExpired(hashed) === false) ids.add(id);
  }
  return [...ids].sort();
}
