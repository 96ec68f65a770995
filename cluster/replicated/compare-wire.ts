import type { Body } from '../post/contract.ts';
import type { Stamp } from './contract.ts';
import {
  bucketCount,
  countMax,
  idLengthMax,
  listEntriesMax,
  messageRecordsMax,
  tablesMax,
  wallMsMax,
} from './limits.ts';
import { decodeRecord, fieldsOf, integer, listOf, refuse, tableName, text } from './record-wire.ts';
import type { Rank, HashedRecord } from './stamp.ts';
import type { RecordTable } from './record-table.ts';

export const compareService = 'records/compare';
export const bucketService = 'records/bucket';
export const pushKind = 'records/push';

/** What a table hashes to, and up to where its tombstones were dropped. */
export interface TableSummary {
  readonly name: string;
  readonly floor: Stamp;
  /** `[high, low]` of the table in a question; of its 64 buckets one after the other in an answer. */
  readonly hashes: readonly number[];
}

export interface TablesAnswer {
  readonly isCurrent: boolean;
  /** Those that differ. */
  readonly tables: readonly TableSummary[];
}

export interface ListedRecord extends Rank {
  readonly id: string;
}

/** What somebody has of a bucket, in the order of ids: those after one id, and up to the last of the list or the end. */
export interface BucketQuestion {
  readonly table: string;
  readonly bucket: number;
  readonly after: string;
  readonly listed: readonly ListedRecord[];
  readonly isToEnd: boolean;
}

export interface BucketAnswer {
  readonly isCurrent: boolean;
  readonly records: readonly HashedRecord[];
  /** Ids of which the one who answers wants to be told. */
  readonly wanted: readonly string[];
  /** The answer goes up to this id only; undefined: as far as the question. */
  readonly upTo: string | undefined;
}

const hashMax = 2 ** 32 - 1;

export function encodeTables(tables: readonly TableSummary[]): unknown[] {
  return tables.map(({ name, floor, hashes }) => [name, floor.major, floor.minor, hashes]);
}

export function decodeTables(body: Body): TableSummary[] {
  return listOf(fieldsOf(body)['t'], tablesMax).map((each) => {
    const [name, major, minor, hashes] = listOf(each, 64);
    return {
      name: tableName(name),
      floor: { major: integer(major, wallMsMax), minor: integer(minor, countMax) },
      hashes: listOf(hashes, bucketCount * 2).map((half) => integer(half, hashMax)),
    };
  });
}

export function decodeTablesAnswer(body: Body): TablesAnswer {
  const tables = decodeTables(body);
  if (tables.some(({ hashes }) => hashes.length !== bucketCount * 2)) refuse('has not the hashes of all buckets');
  return { isCurrent: fieldsOf(body)['c'] === true, tables };
}

export function encodeQuestion({ table, bucket, after, listed, isToEnd }: BucketQuestion): Body {
  const list = listed.map(({ id, stamp, writer, high, low }) => [id, stamp.major, stamp.minor, writer, high, low]);
  return { t: table, b: bucket, a: after, l: list, e: isToEnd };
}

export function listedOf({ record, high, low }: HashedRecord): ListedRecord {
  return { id: record.id, stamp: record.stamp, writer: record.writer, high, low };
}

export function decodeQuestion(body: Body): BucketQuestion {
  const { t, b, a, l, e } = fieldsOf(body);
  const listed = listOf(l, listEntriesMax).map(decodeListed);
  const after = a === '' ? '' : text(a, idLengthMax);
  let previous = after;
  for (const { id } of listed) {
    if (id <= previous) refuse('lists records out of order');
    previous = id;
  }
  if (e !== true && listed.length === 0) refuse('lists nothing');
  return { table: tableName(t), bucket: integer(b, bucketCount - 1), after, listed, isToEnd: e === true };
}

function decodeListed(value: unknown): ListedRecord {
  const [id, major, minor, writer, high, low] = listOf(value, 64);
  return {
    id: text(id, idLengthMax),
    stamp: { major: integer(major, wallMsMax), minor: integer(minor, countMax) },
    writer: text(writer, 64),
    high: integer(high, hashMax),
    low: integer(low, hashMax),
  };
}

export function decodeAnswer(body: Body): BucketAnswer {
  const { c, r, w, u } = fieldsOf(body);
  return {
    isCurrent: c === true,
    records: decodeRecords(r),
    wanted: listOf(w, messageRecordsMax).map((id) => text(id, idLengthMax)),
    upTo: typeof u === 'string' ? text(u, idLengthMax) : undefined,
  };
}

/** Everything is looked at before anything is taken in. */
export function decodeRecords(value: unknown): HashedRecord[] {
  return listOf(value, messageRecordsMax).map(decodeRecord);
}

export function summaryOf(table: RecordTable): TableSummary {
  const { high, low } = table.hash();
  return { name: table.name, floor: table.tombstoneFloor, hashes: [high, low] };
}

export function bucketSummaryOf(table: RecordTable): TableSummary {
  const hashes = table.buckets.flatMap(({ high, low }) => [high, low]);
  return { name: table.name, floor: table.tombstoneFloor, hashes };
}

const blankHashes: readonly number[] = Array.from({ length: bucketCount * 2 }, () => 0);

/** As if the table were there, without records. */
export function blankSummary(name: string): TableSummary {
  return { name, floor: { major: 0, minor: 0 }, hashes: blankHashes };
}
