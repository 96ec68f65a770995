import type { Environment } from '../environment.ts';
import type { Member, Membership, MemberState, NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import { serveComparisons } from './compare-service.ts';
import { decodeRecords, pushKind } from './compare-wire.ts';
import { Comparisons } from './comparisons.ts';
import { Confirmations, confirmService } from './confirmations.ts';
import type { Confirmation, RecordOrigin, Records, RecordStore, ReplicatedRecord, Stamp } from './contract.ts';
import { Currency } from './currency.ts';
import { passesMax } from './limits.ts';
import { readRecord, RecordBook, type Taking } from './record-book.ts';
import { RecordPush } from './record-push.ts';
import { decodeRecord, fieldsOf, integer } from './record-wire.ts';
import type { HashedRecord } from './stamp.ts';
import { TombstoneSweep } from './tombstone-sweep.ts';
import { WriteBehind } from './write-behind.ts';

export interface ReplicatedRecordsOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly store: RecordStore;
  readonly kept: readonly ReplicatedRecord[];
  /** Tables whose order a leader gives. */
  readonly fencedTables: readonly string[];
  /** The newest term of the election that this node knows of; fenced stamps from far ahead of it are refused. */
  readonly knownTerm: () => number;
  /**
   * True once a member told this node who is there, or once it is clear that there is nobody to join: no seeds, or only
   * this node itself.
   */
  readonly isJoined: () => boolean;
}

/**
 * Records that every member has, the newer write winning. Writes are pushed at once and passed on; what gets lost is
 * found by comparing hashes of tables, then of buckets, then lists.
 */
export class ReplicatedRecords implements Records {
  readonly #post: Post;
  readonly #membership: Membership;
  readonly #writes: WriteBehind;
  readonly #book: RecordBook;
  readonly #sweep: TombstoneSweep;
  readonly #push: RecordPush;
  readonly #currency: Currency;
  readonly #comparisons: Comparisons;
  readonly #confirmations: Confirmations;
  #isRunning = false;

  constructor(options: ReplicatedRecordsOptions) {
    const { clock, random, log, timing, post, membership, store, kept, fencedTables, knownTerm, isJoined } = options;
    const environment = { clock, random, log, timing };
    this.#post = post;
    this.#membership = membership;
    this.#writes = new WriteBehind(environment, {
      store,
      onSaved: () => this.#confirmations.check(),
      onRecovered: () => this.#book.saveAll(),
    });
    this.#book = new RecordBook(environment, {
      writes: this.#writes,
      fencedTables,
      knownTerm,
      isMember: (name) => membership.get(name) !== undefined,
    });
    this.#book.keep(kept);
    const { tables } = this.#book;
    this.#sweep = new TombstoneSweep(environment, tables, this.#writes);
    this.#push = new RecordPush(environment, post);
    this.#currency = new Currency({ clock, post, membership, isJoined });
    this.#confirmations = new Confirmations(environment, {
      post,
      membership,
      isSaved: (record) => this.#writes.isSaved(record),
    });
    this.#comparisons = new Comparisons(environment, {
      post,
      log,
      membership,
      tables,
      sweep: this.#sweep,
      currency: this.#currency,
      take: (records) => this.#take(records, 0, post.self),
      idle: () => this.#sweep.run(),
    });
    serveComparisons({ post, tables, sweep: this.#sweep, isCurrent: () => this.isCurrent() });
    this.#listen();
  }

  /** Tells those who watch what was kept, then begins to compare. */
  start(): void {
    this.#isRunning = true;
    this.#book.tellKept();
    this.#comparisons.start();
    for (const node of this.#post.reachable()) this.#reached(node);
  }

  /** What is not on disk yet is handed to the store. */
  stop(): void {
    this.#isRunning = false;
    this.#comparisons.stop();
    this.#confirmations.stop();
    this.#push.stop();
    this.#writes.stop();
  }

  /** Records that are not on disk yet, because they are new or because the disk refuses them. */
  get unsavedCount(): number {
    return this.#writes.unsavedCount;
  }

  /** Records in all tables, without deleted ones. */
  get size(): number {
    return this.#book.tables.all().reduce((sum, { size, tombstoneCount }) => sum + size - tombstoneCount, 0);
  }

  /** Throws a Fault: `record_refused`, `record_table_full`. */
  put(table: string, id: string, payload: unknown): ReplicatedRecord {
    return this.#written(this.#book.write(table, id, payload, false, this.#post.self));
  }

  /** Throws a Fault: `record_refused`, `record_table_full`. */
  putStamped(
    table: string,
    id: string,
    payload: unknown,
    stamp: Stamp,
    isInsisting = false,
  ): ReplicatedRecord | undefined {
    const write = { table, id, payload, stamp, writer: this.#post.self, isDeleted: false };
    const hashed = this.#book.writeStamped(write, isInsisting);
    return hashed === undefined ? undefined : this.#written(hashed);
  }

  /** In a fenced table the deletion follows the record that is here; a newer stamp brings it back. */
  remove(table: string, id: string): ReplicatedRecord {
    return this.#written(this.#book.write(table, id, undefined, true, this.#post.self));
  }

  get(table: string, id: string): ReplicatedRecord | undefined {
    const record = this.#book.tables.get(table)?.get(id)?.record;
    return record?.isDeleted === false ? record : undefined;
  }

  *list(table: string): Generator<ReplicatedRecord, undefined> {
    for (const { record } of this.#book.tables.get(table)?.all() ?? []) if (!record.isDeleted) yield record;
    return undefined;
  }

  watch(table: string, listener: (record: ReplicatedRecord, origin: RecordOrigin) => void): void {
    this.#book.watch(table, listener);
  }

  confirm(record: ReplicatedRecord, timeoutMs: number, done: (outcome: Confirmation) => void): void {
    this.#confirmations.begin(record, timeoutMs, done);
  }

  /**
   * Takes in records that came another way than over the mesh, as if a member had told of them: what is malformed or
   * older is passed over, what is news goes on to the members. Answers those that are too far ahead of this node's clock
   * to be taken yet, and all of them before `start`.
   */
  take(records: readonly ReplicatedRecord[]): ReplicatedRecord[] {
    if (!this.#isRunning) return [...records];
    const read = records.map(readRecord).filter((hashed) => hashed !== undefined);
    const takings = this.#takeEach(read);
    for (const hashed of chosen(read, takings, 'taken')) this.#push.push(hashed);
    return chosen(read, takings, 'ahead').map(({ record }) => record);
  }

  isCurrent(): boolean {
    return this.#currency.isCurrent();
  }

  whenCurrent(listener: () => void): void {
    this.#currency.whenCurrent(listener);
  }

  digest(): string {
    return this.#book.tables.digest();
  }

  #listen(): void {
    this.#post.on(pushKind, (from, body) => this.#pushed(from, body));
    this.#post.serve(confirmService, (from, body, answer) => answer({ a: this.#confirmed(from, body) }));
    this.#post.observe({ reached: (node) => this.#reached(node), lost: (node) => this.#lost(node) });
    this.#membership.observe({ memberChanged: (member, before) => this.#memberChanged(member, before) });
  }

  #written(hashed: HashedRecord): ReplicatedRecord {
    if (this.#isRunning) this.#push.push(hashed);
    this.#sweep.run(this.#book.tables.get(hashed.record.table));
    return hashed.record;
  }

  #pushed(from: NodeId, body: Body): void {
    const { r, p } = fieldsOf(body);
    this.#take(decodeRecords(r), Math.min(integer(p, Number.MAX_SAFE_INTEGER), passesMax), from);
  }

  /** False when one of them was refused for its clock. */
  #take(records: readonly HashedRecord[], passes: number, from: NodeId): boolean {
    if (!this.#isRunning) return false;
    const takings = this.#takeEach(records);
    this.#push.relay(chosen(records, takings, 'taken'), passes, from);
    return !takings.includes('ahead');
  }

  #takeEach(records: readonly HashedRecord[]): Taking[] {
    const takings = records.map((record) => this.#book.take(record));
    const tables = new Set(chosen(records, takings, 'taken').map(({ record }) => record.table));
    for (const table of tables) this.#sweep.run(this.#book.tables.get(table));
    return takings;
  }

  /** Answered once those who watch have heard of it. */
  #confirmed(from: NodeId, body: Body): boolean {
    if (!this.#isRunning) return false;
    const hashed = decodeRecord(fieldsOf(body)['r']);
    const taking = this.#book.take(hashed);
    if (taking === 'taken') this.#push.relay([hashed], passesMax, from);
    return taking === 'taken' || taking === 'known';
  }

  #reached(node: NodeId): void {
    this.#currency.reached(node);
    this.#comparisons.wake();
  }

  #lost(node: NodeId): void {
    this.#currency.lost(node);
    this.#comparisons.lost(node);
    if (this.#isRunning) this.#comparisons.wake();
  }

  #memberChanged({ nodeId, isSelf }: Member, before: MemberState | undefined): void {
    if (isSelf) return;
    const wasLive = before === 'alive' || before === 'suspect';
    if (!this.#membership.isLive(nodeId)) {
      this.#sweep.left(nodeId);
      this.#currency.lost(nodeId);
    } else if (!wasLive) {
      this.#sweep.back(nodeId);
      // It had been given up although the connection was never lost.
      if (this.#post.isReachable(nodeId)) this.#reached(nodeId);
    }
    this.#confirmations.check();
    this.#comparisons.wake();
  }
}

function chosen(records: readonly HashedRecord[], takings: readonly Taking[], taking: Taking): HashedRecord[] {
  return records.filter((_, index) => takings[index] === taking);
}
