import { Burst } from '../burst.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { randomMembers } from '../random-members.ts';
import { pushKind } from './compare-wire.ts';
import { messageBytesMax, messageRecordsMax, passesMax, pushGapMs } from './limits.ts';
import { encodeRecord } from './record-wire.ts';
import type { HashedRecord } from './stamp.ts';

/** News are passed on by each who hears of them to so many others, so that one broken link does not delay them. */
const relayFanout = 2;

/** Tells the others what was written here, and passes on what they wrote. */
export class RecordPush {
  readonly #environment: Environment;
  readonly #post: Post;
  readonly #burst: Burst;
  /** The newest write of each record, by table and id. */
  #waiting = new Map<string, HashedRecord>();

  constructor(environment: Environment, post: Post) {
    this.#environment = environment;
    this.#post = post;
    this.#burst = new Burst(environment.clock, pushGapMs, () => this.#flush());
  }

  /** With nobody there nothing waits: who comes compares. */
  push(hashed: HashedRecord): void {
    if (this.#post.reachable().length === 0) return;
    this.#waiting.set(`${hashed.record.table}\n${hashed.record.id}`, hashed);
    this.#burst.request();
  }

  relay(records: readonly HashedRecord[], passes: number, from: NodeId): void {
    if (passes < 1 || records.length === 0) return;
    const { random, timing } = this.#environment;
    const others = this.#post.reachable();
    const count = this.#isSmall(others) ? relayFanout : timing.fanout;
    this.#send(randomMembers(others, count, random, [from, records[0]?.record.writer]), records, passes - 1);
  }

  stop(): void {
    this.#burst.cancel();
    this.#flush();
  }

  #flush(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (const records of batchesOf(waiting)) this.#pushToAll(records);
  }

  #pushToAll(records: readonly HashedRecord[]): void {
    const others = this.#post.reachable();
    const { random, timing } = this.#environment;
    if (this.#isSmall(others)) this.#post.broadcast(pushKind, bodyOf(records, passesMax));
    else this.#send(randomMembers(others, timing.fanout * 2, random), records, passesMax);
  }

  #isSmall(others: readonly NodeId[]): boolean {
    return others.length < this.#environment.timing.directMembersMax;
  }

  /** Lost ones are found by comparing. */
  #send(members: readonly NodeId[], records: readonly HashedRecord[], passes: number): void {
    const body = bodyOf(records, passes);
    for (const member of members) this.#post.send(member, pushKind, body);
  }
}

function bodyOf(records: readonly HashedRecord[], passes: number): unknown {
  return { r: records.map(({ record }) => encodeRecord(record)), p: passes };
}

function* batchesOf(records: readonly HashedRecord[]): Generator<HashedRecord[]> {
  let batch: HashedRecord[] = [];
  let bytes = 0;
  for (const hashed of records) {
    if (batch.length >= messageRecordsMax || (batch.length > 0 && bytes + hashed.bytes > messageBytesMax)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(hashed);
    bytes += hashed.bytes;
  }
  if (batch.length > 0) yield batch;
}
